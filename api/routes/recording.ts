import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import { meetingPathSchema } from '../../domain/api';
import type { AudioStore } from '../../infra/audio-store';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** What is read from the store in one go; a whole meeting must not lie in memory. */
const READ_BYTES = 512 * 1024;

/** `GET /api/meetings/:id/recording`: the assembled file, whole or by Range, for its owner. */
export function createRecordingRoutes({ database, audioStore }: ApiDeps): Router {
  const router = Router();
  router.get('/meetings/:id/recording', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const { recordingKey: key, recordingBytes: size, recordingStatus } = meeting;
    if (key === null || size === null) {
      const message = `Expected a meeting whose recording is ready, got one with ${recordingStatus}`;
      throw new ApiError('recording_not_ready', message, { recordingStatus });
    }
    response.set({
      'content-type': 'audio/webm',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      // The page plays it from its own port or name; Chromium takes no two ports of an address for one
      // site. Pages of others have no cookie here (SameSite), and so no recording.
      'cross-origin-resource-policy': 'cross-origin',
      'content-disposition': `inline; filename="meeting-${meeting.id}.webm"`,
      etag: `"${key.slice(key.lastIndexOf('/') + 1)}"`,
    });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const range = chooseRange(request, response, size);
    response.set('content-length', String(range.end - range.start + 1));
    if (request.method === 'HEAD') response.end();
    else await send(audioStore, response, { key, ...range });
  });
  return router;
}

/** Several ranges at once are answered by the whole. */
function chooseRange(
  request: Request,
  response: Response,
  size: number,
): { start: number; end: number } {
  const whole = { start: 0, end: size - 1 };
  const etag = response.get('etag');
  const condition = request.headers['if-range'];
  if (condition !== undefined && condition !== etag) return whole;
  const ranges = request.range(size, { combine: true });
  if (ranges === -1) {
    response.set('content-range', `bytes */${size}`);
    response.removeHeader('etag');
    throw new ApiError('range_not_satisfiable', `Expected a range within ${size} bytes`);
  }
  const [range] = Array.isArray(ranges) && ranges.type === 'bytes' ? ranges : [];
  if (!range || (Array.isArray(ranges) && ranges.length > 1)) return whole;
  response.status(206).set('content-range', `bytes ${range.start}-${range.end}/${size}`);
  return range;
}

async function send(
  audioStore: AudioStore,
  response: Response,
  range: { key: string; start: number; end: number },
): Promise<void> {
  try {
    await pipeline(Readable.from(readPieces(audioStore, range)), response);
  } catch (error) {
    // players hang up in the middle whenever somebody seeks
    if (!response.destroyed || response.writableFinished) throw error;
  }
}

async function* readPieces(
  audioStore: AudioStore,
  { key, start, end }: { key: string; start: number; end: number },
): AsyncGenerator<Uint8Array> {
  for (let at = start; at <= end; at += READ_BYTES) {
    yield await audioStore.getRange(key, at, Math.min(end, at + READ_BYTES - 1));
  }
}
