import { Router, type Request, type Response } from 'express';
import { followQuerySchema, meetingPathSchema } from '../../domain/api';
import { currentUser } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import {
  createEventStream,
  createSegmentStream,
  followStream,
  pickSegments,
  type Stream,
  type StreamPage,
} from '../live/follow-stream';
import type { LiveReaders } from '../live/live-readers';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** `transcription` and `events`: a meeting's cursor from a place on, with a long poll. */
export function createStreamRoutes(deps: ApiDeps, live: LiveReaders): Router {
  const { database } = deps;
  const router = Router();
  const segments = createSegmentStream(database);
  const events = createEventStream(database);

  const follow = async (
    request: Request,
    response: Response,
    stream: Stream,
  ): Promise<StreamPage> => {
    const { path, query } = readRequest(request, {
      path: meetingPathSchema,
      query: followQuerySchema,
    });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const signal = makeHangUpSignal(response);
    const principal = currentUser(response);
    return followStream(database, live, { principal, meeting, stream, query, signal });
  };

  router.get('/meetings/:id/transcription', async (request, response) => {
    const { rows, ...page } = await follow(request, response, segments);
    response.json({ segments: pickSegments(rows), ...page });
  });

  router.get('/meetings/:id/events', async (request, response) => {
    const { rows, ...page } = await follow(request, response, events);
    response.json({ events: rows.map(({ seq, at, event }) => ({ seq, at, event })), ...page });
  });

  return router;
}

/** Fires when the client is gone before it was answered. */
export function makeHangUpSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
