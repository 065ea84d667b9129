import { setTimeout as pause } from 'node:timers/promises';
import { Router, type Response } from 'express';
import { allEventsQuerySchema } from '../../domain/all-events';
import {
  readAllEvents,
  START_OF_LOG,
  type LogEvent,
  type LogPlace,
} from '../../infra/database/all-events';
import { currentUserId } from '../auth/current-user';
import { DEFAULT_LIMITS, type ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readRequest } from '../validate';

/** `GET /api/events`: the log of all of one's meetings, from an opaque place on. */
export function createAllEventsRoutes({ database, limits }: ApiDeps): Router {
  const { lookIntervalMs } = { ...DEFAULT_LIMITS, ...limits };
  const router = Router();

  router.get('/events', async (request, response) => {
    const { query } = readRequest(request, { query: allEventsQuerySchema });
    const after = query.after === undefined ? START_OF_LOG : decodePlace(query.after);
    const userId = currentUserId(response);
    const read = (): Promise<LogEvent[]> =>
      readAllEvents(database, { userId, after }, query.limit + 1);
    const found = await readInTime(read, { response, waitMs: query.wait * 1_000, lookIntervalMs });
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
  response: Response;
  waitMs: number;
  lookIntervalMs: number;
}

/** Reads again and again until there is something, the time is over, or the client is gone. */
async function readInTime(
  read: () => Promise<LogEvent[]>,
  { response, waitMs, lookIntervalMs }: Patience,
): Promise<LogEvent[]> {
  const endAt = performance.now() + waitMs;
  for (;;) {
    const found = await read();
    const leftMs = endAt - performance.now();
    if (found.length > 0 || leftMs <= 0 || response.destroyed) return found;
    await pause(Math.min(lookIntervalMs, leftMs));
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
