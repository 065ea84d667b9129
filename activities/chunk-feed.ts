import type { Logger } from 'pino';
import { listPendingChunks, type PendingChunk } from '../infra/database/chunks';
import { readIntakes, type IntakeState } from '../infra/database/intakes';
import type { Queryable } from '../infra/database/client';
import type { Doorbell } from '../infra/doorbell';

/** What waits in one meeting's inbox, as of one look at the database. */
export interface InboxState extends IntakeState {
  /** The first pending chunks in the order they arrived. */
  chunks: PendingChunk[];
  /** Whether more may wait behind them. */
  isFull: boolean;
}

export interface Following {
  /** Looks again soon; several wishes become one look. */
  refresh(): void;
  stop(): void;
}

/**
 * Tells the transcriptions of one process what waits for them: one subscription to the doorbell and
 * one query for all meetings, so that a thousand quiet meetings cost one cheap query every 2 s.
 */
export interface ChunkFeed {
  /** Calls `listener` with the meeting's inbox now, at each ring and at each poll. */
  follow(meetingId: number, listener: (state: InboxState) => void): Following;
  close(): void;
}

export interface ChunkFeedOptions {
  db: Queryable;
  doorbell: Pick<Doorbell, 'listen'>;
  logger: Pick<Logger, 'warn'>;
  /** Longest time a lost ring can cost, in milliseconds. */
  pollIntervalMs?: number;
  /** Pending chunks read per meeting at a time; above the window, so that it never runs dry. */
  limitPerMeeting?: number;
}

type Listener = (state: InboxState) => void;

/** Opens the feed of a worker process. Errors of the database only delay it. */
export function createChunkFeed(options: ChunkFeedOptions): ChunkFeed {
  const { pollIntervalMs = 2_000, limitPerMeeting = 16 } = options;
  const listeners = new Map<number, Set<Listener>>();
  const wanted = new Set<number>();
  let isReading = false;

  async function readWanted(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      while (wanted.size > 0) {
        const meetingIds = [...wanted];
        wanted.clear();
        const inboxes = await readInboxes(options.db, meetingIds, limitPerMeeting);
        for (const [meetingId, inbox] of inboxes) {
          for (const listener of listeners.get(meetingId) ?? []) listener(inbox);
        }
      }
    } catch (error) {
      // The next poll looks again, for all meetings.
      wanted.clear();
      options.logger.warn({ error }, 'inboxes could not be read');
    } finally {
      isReading = false;
    }
  }

  function want(meetingId: number): void {
    if (!listeners.has(meetingId)) return;
    if (wanted.size === 0) setImmediate(() => void readWanted());
    wanted.add(meetingId);
  }

  const stopListening = (['chunks', 'intake'] as const).map((channel) =>
    options.doorbell.listen(channel, want),
  );
  const poll = setInterval(() => [...listeners.keys()].forEach(want), pollIntervalMs);
  return {
    follow(meetingId, listener) {
      const followers = listeners.get(meetingId) ?? new Set();
      listeners.set(meetingId, followers.add(listener));
      want(meetingId);
      return {
        refresh: () => want(meetingId),
        stop() {
          followers.delete(listener);
          if (followers.size === 0 && listeners.get(meetingId) === followers) {
            listeners.delete(meetingId);
          }
        },
      };
    },
    close() {
      clearInterval(poll);
      for (const stop of stopListening) stop();
      listeners.clear();
    },
  };
}

async function readInboxes(
  db: Queryable,
  meetingIds: number[],
  limitPerMeeting: number,
): Promise<Map<number, InboxState>> {
  // Intakes first: what is pending after a look at a closed intake is all there will ever be.
  const intakes = await readIntakes(db, meetingIds);
  const chunks = await listPendingChunks(db, meetingIds, limitPerMeeting);
  const inboxes = new Map<number, InboxState>();
  for (const meetingId of meetingIds) {
    const intake = intakes.get(meetingId) ?? { intakeClosed: true, meetingDeleted: true };
    inboxes.set(meetingId, { ...intake, chunks: [], isFull: false });
  }
  for (const chunk of chunks) inboxes.get(chunk.meetingId)?.chunks.push(chunk);
  for (const inbox of inboxes.values()) inbox.isFull = inbox.chunks.length >= limitPerMeeting;
  return inboxes;
}
