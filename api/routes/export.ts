import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { meetingPathSchema } from '../../domain/api';
import { EXPORT_TYPES, exportQuerySchema } from '../../domain/export';
import { nameMeeting } from '../../domain/transcript';
import { readableMeeting } from '../../infra/database/transcript-reading';
import { DocumentsBusyError } from '../../infra/export/docx-thread';
import { exportMeeting } from '../../infra/export/export-meeting';
import type { ApiDeps } from '../deps';
import { BusyError } from '../errors';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';
import { makeHangUpSignal } from './streams';

/** `GET /api/meetings/:id/export`: a transcript as a file. */
export function createExportRoutes({ database }: ApiDeps): Router {
  const router = Router();
  router.get('/meetings/:id/export', async (request, response) => {
    const { path, query } = readRequest(request, {
      path: meetingPathSchema,
      query: exportQuerySchema,
    });
    const { format, ...choices } = query;
    const meeting = await requireOwnMeeting(database, response, path.id);
    const announce = (): void => {
      response.attachment(makeFileName(nameMeeting(meeting), format)).type(EXPORT_TYPES[format]);
      response.set('cache-control', 'private, no-store');
    };
    if (request.method === 'HEAD') {
      announce();
      response.end();
      return;
    }
    const signal = makeHangUpSignal(response);
    const readable = await readableMeeting(database, meeting);
    const file = await exportMeeting(readable, { format, choices, signal }).catch(
      (error: unknown) => refuseFile(error, signal),
    );
    if (!file) return;
    announce();
    try {
      await pipeline(file, response);
    } catch (error) {
      // whoever hangs up in the middle has enough; what broke on our side breaks off the answer
      if (!response.destroyed || response.writableFinished) throw error;
    }
  });
  return router;
}

/** Nothing for whoever hung up, and a later time for whoever came when there was no room. */
function refuseFile(error: unknown, signal: AbortSignal): null {
  if (signal.aborted) return null;
  if (error instanceof DocumentsBusyError) {
    throw new BusyError('Many documents are being made right now; try again later', 10);
  }
  throw error;
}

/** Without what file systems refuse, and without marks that turn the order of letters round. */
function makeFileName(title: string, extension: string): string {
  const name = title
    .replace(/[\\/:*?"<>|\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '_')
    .replace(/^\.+/, '')
    .trim();
  return `${[...name].slice(0, 100).join('') || 'meeting'}.${extension}`;
}
