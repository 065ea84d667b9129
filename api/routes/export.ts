import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { meetingPathSchema } from '../../domain/api';
import { EXPORT_TYPES, exportQuerySchema } from '../../domain/export';
import { nameMeeting } from '../../domain/transcript';
import { readableMeeting } from '../../infra/database/transcript-reading';
import { exportMeeting } from '../../infra/export/export-meeting';
import type { ApiDeps } from '../deps';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

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
    response.attachment(makeFileName(nameMeeting(meeting), format)).type(EXPORT_TYPES[format]);
    response.set('cache-control', 'private, no-store');
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const file = await exportMeeting(await readableMeeting(database, meeting), format, choices);
    try {
      await pipeline(file, response);
    } catch (error) {
      // whoever hangs up in the middle has enough; what broke on our side breaks off the answer
      if (!response.destroyed || response.writableFinished) throw error;
    }
  });
  return router;
}

/** Without what file systems refuse, and without marks that turn the order of letters round. */
function makeFileName(title: string, extension: string): string {
  const name = title
    .replace(/[\\/:*?"<>|\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '_')
    .replace(/^\.+/, '')
    .trim();
  return `${[...name].slice(0, 100).join('') || 'meeting'}.${extension}`;
}
