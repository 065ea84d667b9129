'use client';

import { useEffect, useRef, useState } from 'react';
import type { MeetingEvent } from '../../../domain/events';
import { useApi } from '@/api/client';
import { useSession } from '@/api/session';
import type { FollowOptions, FollowState } from './follow-meeting';
import { applyEvents, EMPTY_STATE, type MeetingState } from './transcript';

const load = () => import('./follow-meeting');
// on its way while the words of the document are read
if (typeof window !== 'undefined') void load().catch(() => undefined);
/** Between two tries to load it. */
const LOAD_AGAIN_MS = 5_000;

/** Follows as soon as what it takes has been loaded. */
function follow(options: FollowOptions): () => void {
  let stop = (): void => undefined;
  let isOver = false;
  const begin = (): void => {
    load().then(
      ({ followMeeting }) => {
        if (!isOver) stop = followMeeting(options);
      },
      () => {
        if (isOver) return;
        options.onState('lost');
        const timer = setTimeout(begin, LOAD_AGAIN_MS);
        stop = () => clearTimeout(timer);
      },
    );
  };
  begin();
  return () => {
    isOver = true;
    stop();
  };
}

export interface LiveMeeting extends MeetingState {
  connection: FollowState;
  isCaughtUp: boolean;
  isDeleted: boolean;
}

/** The beginning of a meeting's events, as the page's server read it. */
export interface FirstEvents {
  events: readonly MeetingEvent[];
  hasMore: boolean;
}

function startFrom({ events, hasMore }: FirstEvents): LiveMeeting {
  const state = applyEvents(EMPTY_STATE, events);
  return { ...state, connection: 'connecting', isCaughtUp: !hasMore, isDeleted: false };
}

const NOTHING: FirstEvents = { events: [], hasMore: true };

interface MeetingEventsOptions {
  meetingId: number;
  /** What is there before anything is asked for. */
  first: FirstEvents | null;
  /** Hears of each later event once. */
  onEvents: (events: MeetingEvent[]) => void;
}

/** A meeting as it happens. */
export function useMeetingEvents(options: MeetingEventsOptions): LiveMeeting {
  const { meetingId, onEvents } = options;
  const api = useApi();
  const session = useSession();
  const [start] = useState(() => startFrom(options.first ?? NOTHING));
  const [live, setLive] = useState(start);
  const listener = useRef(onEvents);
  useEffect(() => {
    listener.current = onEvents;
  });
  useEffect(() => {
    let state: MeetingState = start;
    setLive(start);
    return follow({
      api,
      session,
      meetingId,
      readAfter: () => state.seq,
      onEvents: (events) => {
        const fresh = events.filter(({ seq }) => seq > state.seq);
        state = applyEvents(state, fresh);
        setLive((before) => ({ ...before, ...state }));
        if (fresh.length > 0) listener.current(fresh);
      },
      onState: (connection) => setLive((before) => ({ ...before, connection })),
      onCaughtUp: () => setLive((before) => ({ ...before, isCaughtUp: true })),
      onDeleted: () => setLive((before) => ({ ...before, isDeleted: true })),
    });
  }, [api, session, meetingId, start]);
  return live;
}
