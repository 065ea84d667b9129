import { Router } from 'express';
import { emptyBodySchema, meetingPathSchema, type RetryAnswer } from '../../domain/api';
import { makeTranscriptWorkflowId } from '../../domain/temporal';
import { retryFailedChunks } from '../../infra/database/retry-chunks';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { makeMeetingNotFound } from '../own-meeting';
import { readRequest } from '../validate';
import { makeWorkflowUrl } from '../workflow-url';

/** `retry-transcription`: what could not be transcribed is tried again. */
export function createRetryTranscriptionRoutes(deps: ApiDeps): Router {
  const { config, database, doorbell, logger, meetingClient } = deps;
  const router = Router();

  router.post('/meetings/:id/retry-transcription', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meetingId = path.id;
    const key = { meetingId, userId: currentUserId(response) };
    const result = await retryFailedChunks(database, key);
    if (!result) throw makeMeetingNotFound(meetingId);
    const { retried, version } = result;
    if (retried > 0) {
      doorbell.ring('chunks', meetingId);
      // The rows are the order: without Temporal, reconciliation finds them later.
      await meetingClient.startTranscript({ meetingId, version }).catch((error: unknown) => {
        logger.warn({ meetingId, err: error }, 'transcript not started yet');
      });
    }
    const workflowId = makeTranscriptWorkflowId(meetingId, version);
    const answer: RetryAnswer = { retried, workflowUrl: makeWorkflowUrl(config, workflowId) };
    response.status(202).json(answer);
  });

  return router;
}
