import type { FollowQuery } from '../../domain/api';
import type { Segment } from '../../domain/segment';
import type { Database } from '../../infra/database/client';
import { readEvents, readSegments, type ReadEvent } from '../../infra/database/events';
import type { MeetingRow } from '../../infra/database/meeting-records';
import type { UserPrincipal } from '../auth/principals';
import { requireWelcome } from '../auth/unwelcome';
import { requireMeetingOf } from '../own-meeting';
import type { LiveReaders } from './live-readers';
import { waitForNew } from './wait-for-new';

/** One way to read a meeting's cursor. */
export interface Stream {
  read(meeting: MeetingRow, after: number, limit: number): Promise<ReadEvent[]>;
  isWanted(event: ReadEvent): boolean;
}

export interface StreamPage {
  rows: ReadEvent[];
  nextAfter: number;
  hasMore: boolean;
}

/** What was said, in the meeting's current transcript version. */
export function createSegmentStream(database: Database): Stream {
  return {
    read: (meeting, after, limit) => {
      const { id: meetingId, transcriptVersion: version } = meeting;
      return readSegments(database, { meetingId, after, version }, limit);
    },
    isWanted: ({ event }) => event.type === 'segment' || event.type === 'segment.updated',
  };
}

/** Everything on the cursor. */
export function createEventStream(database: Database): Stream {
  return {
    read: ({ id: meetingId }, after, limit) => readEvents(database, [{ meetingId, after }], limit),
    isWanted: () => true,
  };
}

/** The segments among what a stream gave. */
export function pickSegments(rows: readonly ReadEvent[]): Segment[] {
  return rows.flatMap(({ event }) => (event.type === 'segment' ? [event.segment] : []));
}

export interface FollowOptions {
  principal: UserPrincipal;
  meeting: MeetingRow;
  stream: Stream;
  query: FollowQuery;
  /** Fires when nobody waits any more. */
  signal: AbortSignal;
}

/** The page behind a place, waiting for the first new item as long as the query says. */
export async function followStream(
  database: Database,
  live: LiveReaders,
  { principal, meeting, stream, query, signal }: FollowOptions,
): Promise<StreamPage> {
  const first = await readPage(stream, meeting, query);
  if (first.rows.length > 0 || query.wait === 0) return first;
  const leave = live.waiting.enter(meeting.userId);
  await waitForNew(live.events, {
    key: meeting.id,
    meetingId: meeting.id,
    after: query.after,
    waitMs: query.wait * 1000,
    signal,
    isWanted: stream.isWanted,
  }).finally(leave);
  if (signal.aborted) return first;
  await requireWelcome(database, principal);
  const key = { meetingId: meeting.id, userId: meeting.userId };
  return readPage(stream, await requireMeetingOf(database, key), query);
}

async function readPage(
  stream: Stream,
  meeting: MeetingRow,
  { after, limit }: FollowQuery,
): Promise<StreamPage> {
  const found = await stream.read(meeting, after, limit + 1);
  const rows = found.slice(0, limit);
  return { rows, nextAfter: rows.at(-1)?.seq ?? after, hasMore: found.length > limit };
}
