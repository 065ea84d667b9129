'use client';

import { useVirtualizer, type Rect, type Virtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { meeting } from '@/strings/meeting';
import { Button } from '@/ui/button';
import type { Match } from '../live/matches';
import { startsTurn, type Entry } from '../live/transcript';
import { TranscriptRow, type RowActions } from './transcript-row';

/** Closer to the end than this, the reader is at the end. */
const END_PX = 60;
/** A line of text, what surrounds it, and what a new turn has above it. */
const LINE_PX = 24.375;
const ROW_PX = 4;
const TURN_PX = 48;
/** What a row has besides its text, and the width of a letter at the average. */
const MARGIN_PX = 52;
const LETTER_PX = 7.1;
/** As wide as rows get: `max-w-3xl`. */
const WIDEST_PX = 768;
/** What a document has rows for: the server does not know the window's height. */
const DOCUMENT_PX = 900;

export interface TranscriptViewProps {
  entries: readonly Entry[];
  /** Whether the first rows stand in the document. */
  isThere: boolean;
  /** Whether words still come: the view then stays at the end. */
  isLive: boolean;
  search: string;
  match: Match | null;
  /** How many times the reader has stepped through the matches. */
  turn: number;
  /** The segment that a citation leads to, and which time it was asked for. */
  cited: { segmentId: number; turn: number } | null;
  /** The entry that the recording is at; null while it was never played. */
  heard: number | null;
  actions: RowActions;
}

/** What was said, of any length: only what is in sight is drawn. */
export const TranscriptView = memo(function TranscriptView(props: TranscriptViewProps) {
  const { entries, isThere, isLive, search, match, turn, cited, heard, actions } = props;
  const box = useRef<HTMLDivElement>(null);
  // with other functions at each drawing all rows would be laid out anew, however many there are
  const estimateSize = useMemo(() => {
    const width = box.current?.clientWidth ?? WIDEST_PX;
    return (index: number) => estimateHeight(entries, index, width);
  }, [entries]);
  const getItemKey = useCallback((index: number) => entries[index]?.key ?? index, [entries]);
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: entries.length,
    getScrollElement: () => box.current,
    ...{ estimateSize, getItemKey },
    overscan: 8,
    // as if it filled the window, until the browser has laid it out and says: to ask costs a layout
    initialRect: { width: 0, height: isThere ? DOCUMENT_PX : window.innerHeight },
    observeElementRect: observeRect,
    measureElement: useMeasureRow(isThere),
    // a row may be drawn a frame later: it is among those beyond what is in sight
    useFlushSync: false,
  });
  const { isAtEnd, unread, goToEnd, onScroll } = useFollow(box, entries.length, isLive);
  const goTo = useCallback(
    (index: number) => virtualizer.scrollToIndex(index, { align: 'center' }),
    [virtualizer],
  );
  const known = useRef({ entries, match });
  known.current = { entries, match };
  // while words are still read the first match may be yet to come; those that are spoken move nobody
  const isFound = !isLive && match !== null;
  useEffect(() => {
    if (known.current.match) goTo(known.current.match.index);
  }, [search, turn, isFound, goTo]);
  useEffect(() => {
    if (!cited) return;
    const index = known.current.entries.findIndex(({ key }) => key === `s${cited.segmentId}`);
    if (index >= 0) goTo(index);
  }, [cited, goTo]);
  const before = useRef<number | null>(null);
  useEffect(() => {
    const range = virtualizer.range;
    const wasInSight =
      range !== null &&
      before.current !== null &&
      before.current >= range.startIndex &&
      before.current <= range.endIndex;
    before.current = heard;
    // goes along with the recording, for as long as the reader does
    if (heard !== null && heard >= 0 && wasInSight) {
      virtualizer.scrollToIndex(heard, { align: 'auto' });
    }
  }, [heard, virtualizer]);

  const items = virtualizer.getVirtualItems();
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        tabIndex={0}
        role="log"
        aria-label={meeting.transcript.title}
        aria-live="off"
        onScroll={onScroll}
        className="h-full overflow-y-auto overscroll-contain px-2 pb-10 outline-none [overflow-anchor:none] focus-visible:outline-2 focus-visible:-outline-offset-2 sm:px-4"
      >
        <div
          className="relative mx-auto w-full max-w-3xl"
          style={{ height: virtualizer.getTotalSize() }}
        >
          <div className="absolute inset-x-0" style={{ top: items[0]?.start ?? 0 }}>
            {items.map(({ key, index }) => {
              const entry = entries[index];
              if (!entry) return null;
              return (
                <div key={key} ref={virtualizer.measureElement} data-index={index}>
                  <TranscriptRow
                    entry={entry}
                    isTurn={isTurn(entries, index)}
                    search={search}
                    currentMatch={match?.index === index ? match.nth : null}
                    isHeard={heard === index}
                    isCited={entry.key === `s${cited?.segmentId}`}
                    actions={actions}
                  />
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {isLive && !isAtEnd && (
        <Button
          size="small"
          onClick={goToEnd}
          className="appear absolute bottom-4 left-1/2 -translate-x-1/2 rounded-full shadow-float"
        >
          <ArrowDown aria-hidden />
          {unread > 0 ? meeting.transcript.newWords(unread) : meeting.transcript.follow}
        </Button>
      )}
    </div>
  );
});

/** A row that is as high as was thought is not laid out again when it comes into sight. */
function estimateHeight(entries: readonly Entry[], index: number, boxPx: number): number {
  const entry = entries[index];
  const letters = entry?.kind === 'segment' ? entry.segment.text.length : 0;
  const width = Math.min(boxPx, WIDEST_PX) - MARGIN_PX;
  const lines = Math.max(1, Math.ceil((letters * LETTER_PX) / width));
  return lines * LINE_PX + ROW_PX + (isTurn(entries, index) ? TURN_PX : 0);
}

type Rows = Virtualizer<HTMLDivElement, HTMLDivElement>;

/**
 * To the fraction: rows stand one under the other, and the first where those before it end. Those of
 * a document are where they belong whatever is thought of them, and are measured once the browser
 * has laid them out: while the page is taken over it would draw them twice in one go.
 */
function useMeasureRow(isThere: boolean) {
  const isTakenOver = useRef(!isThere);
  useEffect(() => {
    isTakenOver.current = true;
  }, []);
  return useCallback(
    (element: HTMLDivElement, entry: ResizeObserverEntry | undefined, rows: Rows): number => {
      const size = entry?.borderBoxSize[0]?.blockSize;
      if (size !== undefined) return size;
      const index = rows.indexFromElement(element);
      const known = rows.itemSizeCache.get(rows.options.getItemKey(index));
      if (known !== undefined) return known;
      if (!isTakenOver.current) return rows.options.estimateSize(index);
      return element.getBoundingClientRect().height;
    },
    [],
  );
}

function isTurn(entries: readonly Entry[], index: number): boolean {
  const entry = entries[index];
  return entry !== undefined && startsTurn(entry, entries[index - 1]);
}

/** Tells how large the scrolled box is whenever the browser has laid it out anew. */
function observeRect(
  { scrollElement }: Rows,
  tell: (rect: Rect) => void,
): (() => void) | undefined {
  if (!scrollElement) return;
  const observer = new ResizeObserver(([entry]) => {
    const size = entry?.borderBoxSize[0];
    if (size) tell({ width: Math.round(size.inlineSize), height: Math.round(size.blockSize) });
  });
  observer.observe(scrollElement);
  return () => observer.disconnect();
}

/** Stays at the end while the reader is there, and leaves them alone elsewhere. */
function useFollow(box: React.RefObject<HTMLDivElement | null>, count: number, isLive: boolean) {
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [readCount, setReadCount] = useState(0);
  const stays = useRef(true);
  const goToEnd = useCallback(() => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [box]);
  useLayoutEffect(() => {
    if (!isLive || !stays.current) return;
    goToEnd();
    // rows are measured after they are drawn
    const frame = requestAnimationFrame(goToEnd);
    return () => cancelAnimationFrame(frame);
  }, [count, isLive, goToEnd]);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (!element) return;
    const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    stays.current = isNear;
    setIsAtEnd(isNear);
    if (isNear) setReadCount(count);
  }, [box, count]);
  return { isAtEnd, unread: isAtEnd ? 0 : Math.max(0, count - readCount), goToEnd, onScroll };
}
