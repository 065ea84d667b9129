import type { UpcomingPlace } from '../infra/database/meeting-records';
import { ApiError } from './errors';

const PREFIX = 'before:';
const LARGEST_ID = 2_147_483_647;

/** An opaque cursor for a list that is ordered by id, from the newest on. */
export function encodeCursor(beforeId: number): string {
  return Buffer.from(PREFIX + beforeId).toString('base64url');
}

export function decodeCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const id = Number(/^before:(\d{1,10})$/.exec(text)?.[1]);
  return id <= LARGEST_ID ? id : refuseCursor();
}

/** The same for the list of what is coming, which is ordered by start, from the soonest on. */
export function encodeUpcomingCursor({ scheduledStart, id }: UpcomingPlace): string {
  return Buffer.from(`after:${scheduledStart.getTime()}:${id}`).toString('base64url');
}

export function decodeUpcomingCursor(cursor: string): UpcomingPlace {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const [, ms, id] = /^after:(\d{1,15}):(\d{1,10})$/.exec(text) ?? [];
  const place = { scheduledStart: new Date(Number(ms)), id: Number(id) };
  const isPlace = place.id <= LARGEST_ID && !Number.isNaN(place.scheduledStart.getTime());
  return isPlace ? place : refuseCursor();
}

/** Throws the 422 of a cursor that no page gave. */
export function refuseCursor(): never {
  const message = 'Expected the nextCursor of an earlier page';
  throw new ApiError('invalid_request', message, [{ in: 'query', field: 'cursor', message }]);
}
