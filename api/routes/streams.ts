import { Router, type Request, type Response } from 'express';
import { followQuerySchema, meetingPathSchema, type FollowQuery } from '../../domain/api';
import { readEvents, readSegments, type ReadEvent } from '../../infra/database/events';
import type { MeetingRow } from '../../infra/database/meeting-records';
import type { ApiDeps } from '../deps';
import type { LiveReaders } from '../live/live-readers';
import { waitForNew } from '../live/wait-for-new';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

interface Stream {
  read(meeting: MeetingRow, after: number, limit: number): Promise<ReadEvent[]>;
  isWanted(event: ReadEvent): boolean;
}

/** `transcription` and `events`: a meeting's cursor from a place on, with a long poll. */
export function createStreamRoutes(deps: ApiDeps, live: LiveReaders): Router {
  const { database } = deps;
  const router = Router();

  const segments: Stream = {
    read: (meeting, after, limit) => {
      const { id: meetingId, transcriptVersion: version } = meeting;
      return readSegments(database, { meetingId, after, version }, limit);
    },
    isWanted: ({ event }) => event.type === 'segment' || event.type === 'segment.updated',
  };
  const events: Stream = {
    read: ({ id: meetingId }, after, limit) => readEvents(database, [{ meetingId, after }], limit),
    isWanted: () => true,
  };

  const follow = async (request: Request, response: Response, stream: Stream) => {
    const { path, query } = readRequest(request, {
      path: meetingPathSchema,
      query: followQuerySchema,
    });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const first = await readPage(stream, meeting, query);
    if (first.rows.length > 0 || query.wait === 0) return first;
    await waitForNew(live.events, {
      key: meeting.id,
      meetingId: meeting.id,
      after: query.after,
      waitMs: query.wait * 1000,
      signal: makeHangUpSignal(response),
      isWanted: stream.isWanted,
    });
    if (response.destroyed) return first;
    return readPage(stream, await requireOwnMeeting(database, response, path.id), query);
  };

  router.get('/meetings/:id/transcription', async (request, response) => {
    const { rows, ...page } = await follow(request, response, segments);
    const found = rows.flatMap(({ event }) => (event.type === 'segment' ? [event.segment] : []));
    response.json({ segments: found, ...page });
  });

  router.get('/meetings/:id/events', async (request, response) => {
    const { rows, ...page } = await follow(request, response, events);
    response.json({ events: rows.map(({ seq, at, event }) => ({ seq, at, event })), ...page });
  });

  return router;
}

async function readPage(
  stream: Stream,
  meeting: MeetingRow,
  { after, limit }: FollowQuery,
): Promise<{ rows: ReadEvent[]; nextAfter: number; hasMore: boolean }> {
  const found = await stream.read(meeting, after, limit + 1);
  const rows = found.slice(0, limit);
  return { rows, nextAfter: rows.at(-1)?.seq ?? after, hasMore: found.length > limit };
}

/** Fires when the client is gone before it was answered. */
export function makeHangUpSignal(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
