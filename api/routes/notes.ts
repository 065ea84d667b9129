import { Router } from 'express';
import { meetingPathSchema } from '../../domain/api';
import { writeNotesSchema, type Notes } from '../../domain/notes';
import { readNotes, writeNotes, type NotesRow } from '../../infra/database/notes';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** `/api/meetings/:id/notes`: what its owner wrote down about a meeting, for themselves. */
export function createNotesRoutes({ database }: ApiDeps): Router {
  const router = Router();

  router.get('/meetings/:id/notes', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const key = { meetingId: meeting.id, userId: currentUserId(response) };
    response.json(toNotes(await readNotes(database, key)));
  });

  router.put('/meetings/:id/notes', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: writeNotesSchema,
    });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const key = { meetingId: meeting.id, userId: currentUserId(response) };
    const written = await writeNotes(database, key, body);
    if (!written) {
      const current = toNotes(await readNotes(database, key));
      const message = `Expected version ${current.version}, got a text made from ${body.version}`;
      throw new ApiError('notes_conflict', message, current);
    }
    response.json(toNotes(written));
  });

  return router;
}

function toNotes(row: NotesRow | null): Notes {
  if (row === null) return { text: '', version: 0, updatedAt: null };
  return { ...row, updatedAt: row.updatedAt.toISOString() };
}
