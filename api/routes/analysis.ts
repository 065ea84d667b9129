import { Router } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import { isMeetingActive, meetingStatusSchema } from '../../domain/statuses';
import { beginAnalysis, findLatestAnalysis } from '../../infra/database/analyses';
import { settleIntent } from '../../infra/database/intents';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { beginIntent, sendAnswer, settleAnswer } from '../intents';
import { makeMeetingNotFound, requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** A meeting's newest analysis, and the wish for a new one. */
export function createAnalysisRoutes(deps: ApiDeps): Router {
  const { database, meetingClient, logger } = deps;
  const router = Router();

  router.get('/meetings/:id/analysis', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    await requireOwnMeeting(database, response, path.id);
    response.json(await requireAnalysis(deps, path.id));
  });

  router.post('/meetings/:id/analysis', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const what = { kind: 'analyse', meetingId: meeting.id } as const;
    const { intentId, answer } = await beginIntent(database, { request, response }, what);
    if (answer) return sendAnswer(response, answer);
    if (isMeetingActive(meetingStatusSchema.parse(meeting.status))) {
      await settleIntent(database, intentId, 'refused');
      const message = `Expected a meeting that is over, got one that is ${meeting.status}`;
      throw new ApiError('meeting_not_over', message, { status: meeting.status });
    }
    const begun = await beginAnalysis(database, meeting.id);
    if (!begun) throw makeMeetingNotFound(meeting.id);
    try {
      await meetingClient.startAnalysis({ meetingId: meeting.id, run: begun.run });
      await settleIntent(database, intentId, 'carried_out');
    } catch (error) {
      // The rows stay: reconciliation, or the next request, starts the same run.
      logger.warn(
        { meetingId: meeting.id, run: begun.run, err: error },
        'analysis not started yet',
      );
    }
    const body = await requireAnalysis(deps, meeting.id);
    await settleAnswer(database, response, { intentId, answer: { status: 202, body } });
  });

  return router;
}

async function requireAnalysis({ database }: ApiDeps, meetingId: number) {
  const analysis = await findLatestAnalysis(database, meetingId);
  if (analysis) return analysis;
  throw new ApiError('analysis_not_found', 'Expected an analysed meeting, got one without');
}
