import { Router, type Response } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import {
  createRecorderSchema,
  finishRecorderSchema,
  MAX_RUNNING_RECORDERS,
  recorderChunkPathSchema,
  startedRecorderSchema,
  type StartedRecorder,
} from '../../domain/recorders';
import { findAttempt } from '../../infra/database/attempts';
import type { MeetingRow } from '../../infra/database/meeting-records';
import {
  beginHearing,
  countRunningRecorders,
  endHearing,
  noteRecorder,
} from '../../infra/database/sources';
import { currentUserId } from '../auth/current-user';
import { takeChunk } from '../bot/chunk-route';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readAsked, sendAnswer, type Asked } from '../intents';
import { makeSourceMeeting } from '../make-source';
import { toMeetingView } from '../meeting-view';
import type { ApiMetrics } from '../metrics';
import { requireOwnMeeting } from '../own-meeting';
import { startHearing } from '../start-hearing';
import { readRequest } from '../validate';

type Wishes = ReturnType<typeof createRecorderSchema.parse>;

/** Meetings that a browser records: started, heard chunk by chunk, finished. */
export function createRecorderRoutes(deps: ApiDeps, metrics: ApiMetrics): Router {
  const { database, doorbell, logger } = deps;
  const router = Router();

  router.post('/recorders', async (request, response) => {
    const { body } = readRequest(request, { body: createRecorderSchema });
    const answer = await startRecorder(deps, readAsked(request, response), body);
    const { id, transcriptVersion } = startedRecorderSchema.parse(answer.body).meeting;
    response.locals['meetingId'] = id;
    await startHearing(deps, { meetingId: id, source: 'recorder', transcriptVersion });
    sendAnswer(response, answer);
  });

  router.put('/meetings/:id/chunks/:track/:seq', async (request, response) => {
    const { path } = readRequest(request, { path: recorderChunkPathSchema });
    const meeting = await requireRecorder(deps, response, path.id);
    const { track, seq } = path;
    const readAttempt = async () => {
      const attempt = await findAttempt(database, meeting.id, 1);
      return attempt ?? refuseOver(meeting.id);
    };
    await takeChunk({ ...deps, metrics }, { request, response, track, seq, readAttempt });
  });

  router.post('/meetings/:id/recorder/alive', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meeting = await requireRecorder(deps, response, path.id);
    const key = { meetingId: meeting.id, userId: currentUserId(response) };
    if (!(await noteRecorder(database, key))) refuseOver(meeting.id);
    response.status(204).end();
  });

  router.post('/meetings/:id/recorder/finish', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: finishRecorderSchema,
    });
    const meeting = await requireRecorder(deps, response, path.id);
    const { lastSeqs = {} } = body;
    await endHearing(database, meeting.id, { reason: 'recording_finished', lastSeqs });
    doorbell.ring('meeting', meeting.id);
    response.status(202).json(toMeetingView(meeting));
    logger.info({ meetingId: meeting.id }, 'recording finished');
  });

  return router;
}

async function startRecorder(deps: ApiDeps, asked: Asked, wishes: Wishes) {
  return makeSourceMeeting(deps, asked, {
    kind: 'create_recorder',
    source: 'recorder',
    title: wishes.title ?? null,
    language: wishes.language,
    startedAt: null,
    async checkLimit(tx) {
      if ((await countRunningRecorders(tx, asked.userId)) < MAX_RUNNING_RECORDERS) return;
      const message = `Expected at most ${MAX_RUNNING_RECORDERS} recordings at the same time`;
      throw new ApiError('too_many_recorders', message);
    },
    async complete(tx, { id }): Promise<StartedRecorder> {
      const meeting = await beginHearing(tx, id);
      const serverTimeMs = Date.now();
      const clockOriginMs = meeting.clockOrigin?.getTime() ?? serverTimeMs;
      return { meeting: toMeetingView(meeting), clockOriginMs, serverTimeMs };
    },
  });
}

async function requireRecorder(
  { database }: ApiDeps,
  response: Response,
  meetingId: number,
): Promise<MeetingRow> {
  const meeting = await requireOwnMeeting(database, response, meetingId);
  return meeting.source === 'recorder' ? meeting : refuseOver(meetingId);
}

function refuseOver(meetingId: number): never {
  throw new ApiError('recorder_over', `Expected meeting ${meetingId} to be recorded now`);
}
