import { setTimeout as pause } from 'node:timers/promises';
import { Router } from 'express';
import { allEventsQuerySchema } from '../../domain/all-events';
import {
  readAllEvents,
  START_OF_LOG,
  type LogEvent,
  type LogPlace,
} from '../../infra/database/all-events';
import { currentUser } from '../auth/current-user';
import { requireWelcome } from '../auth/unwelcome';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import type { LiveReaders } from '../live/live-readers';
import { readRequest } from '../validate';
import { makeHangUpSignal } from './streams';

const HIDDEN_MS = 100;

/** `GET /api/events`: the log of all of one's meetings, from an opaque place on. */
export function createAllEventsRoutes({ database }: ApiDeps, live: LiveReaders): Router {
  const router = Router();

  router.get('/events', async (request, response) => {
    const { query } = readRequest(request, { query: allEventsQuerySchema });
    const after = query.after === undefined ? START_OF_LOG : decodePlace(query.after);
    const principal = currentUser(response);
    const { userId } = principal;
    const read = (): Promise<LogEvent[]> =>
      readAllEvents(database, { userId, after }, query.limit + 1);
    const signal = makeHangUpSignal(response);
    const patience = { userId, signal, waitMs: query.wait * 1_000 };
    const found = query.wait === 0 ? await read() : await readInTime(read, live, patience);
    if (query.wait > 0) await requireWelcome(database, principal);
    const page = found.slice(0, query.limit);
    response.json({
      events: page.map(({ txId: _txId, ...event }) => event),
      nextAfter: encodePlace(page.at(-1) ?? after),
      hasMore: found.length > query.limit,
    });
  });

  return router;
}

interface Patience {
  userId: number;
  waitMs: number;
  /** Fires when the client is gone. */
  signal: AbortSignal;
}

/** Reads whenever there may be something, until there is, or the time is over, or the client gone. */
async function readInTime(
  read: () => Promise<LogEvent[]>,
  live: LiveReaders,
  { userId, waitMs, signal }: Patience,
): Promise<LogEvent[]> {
  const endAt = performance.now() + waitMs;
  const leave = live.waiting.enter(userId);
  try {
    const waiter = await live.log.begin(userId);
    const end = (): void => waiter.end();
    signal.addEventListener('abort', end, { once: true });
    try {
      let found = await read();
      for (let why = ''; found.length === 0 && why !== 'over' && !signal.aborted;) {
        why = await waiter.next(Math.max(0, endAt - performance.now()));
        if (why !== 'over') found = await read();
        // others' transactions that are older still hide it: they take a moment
        if (why === 'rung' && found.length === 0) found = await pause(HIDDEN_MS).then(read);
      }
      return found;
    } finally {
      end();
    }
  } finally {
    leave();
  }
}

function encodePlace({ txId, meetingId, seq }: LogPlace): string {
  return Buffer.from(`log:${txId}:${meetingId}:${seq}`).toString('base64url');
}

const LARGEST_TX_ID = 2n ** 64n - 1n;
const LARGEST_INT = 2_147_483_647;

function decodePlace(cursor: string): LogPlace {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [, txId = '', meetingId, seq] = /^log:(\d{1,20}):(\d{1,10}):(\d{1,10})$/.exec(text) ?? [];
  const place = { txId, meetingId: Number(meetingId), seq: Number(seq) };
  const isValid =
    txId !== '' &&
    BigInt(txId) <= LARGEST_TX_ID &&
    place.meetingId <= LARGEST_INT &&
    place.seq <= LARGEST_INT;
  if (isValid) return place;
  const message = 'Expected the nextAfter of an earlier page';
  throw new ApiError('invalid_request', message, [{ in: 'query', field: 'after', message }]);
}
