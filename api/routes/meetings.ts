import { Router, type Response } from 'express';
import {
  createMeetingSchema,
  listMeetingsQuerySchema,
  meetingPathSchema,
  updateMeetingSchema,
} from '../../domain/api';
import { isMeetingActive } from '../../domain/statuses';
import { makeDeletionWorkflowId } from '../../domain/temporal';
import { updateOwnMeeting } from '../../infra/database/meeting-records';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readAsked, sendAnswer } from '../intents';
import { checkReferences, makeMeeting, readMadeMeetingId, type References } from '../make-meeting';
import { readMeetingPage, toMeetingView } from '../meeting-view';
import { makeMeetingNotFound, requireOwnMeeting } from '../own-meeting';
import { planMeeting, readScheduledStart } from '../plan-meeting';
import { readRequest } from '../validate';
import { makeWorkflowUrl } from '../workflow-url';

/** `/api/meetings`: make, list, read, change and delete. */
export function createMeetingRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();

  router.post('/meetings', async (request, response) => {
    const { body } = readRequest(request, { body: createMeetingSchema });
    const answer = await makeMeeting(deps, readAsked(request, response), body);
    response.locals['meetingId'] = readMadeMeetingId(answer);
    sendAnswer(response, answer);
  });

  router.get('/meetings', async (request, response) => {
    const { query } = readRequest(request, { query: listMeetingsQuerySchema });
    response.json(await readMeetingPage(database, currentUserId(response), query));
  });

  router.get('/meetings/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    response.json(toMeetingView(await requireOwnMeeting(database, response, path.id)));
  });

  router.patch('/meetings/:id', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: updateMeetingSchema,
    });
    const key = { meetingId: path.id, userId: currentUserId(response) };
    await checkChanges(deps, response, { ...body, meetingId: path.id });
    const { scheduledStart, ...changes } = body;
    const start = readScheduledStart(deps, scheduledStart ?? null);
    if (scheduledStart !== undefined) {
      const meeting = await requireOwnMeeting(database, response, path.id);
      await planMeeting(deps, readAsked(request, response), { meeting, scheduledStart: start });
    }
    const meeting = await updateOwnMeeting(database, key, changes);
    if (!meeting) throw makeMeetingNotFound(path.id);
    response.json(toMeetingView(meeting));
  });

  router.delete('/meetings/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const key = { meetingId: path.id, userId: currentUserId(response) };
    if (!(await markMeetingDeleted(database, key))) throw makeMeetingNotFound(path.id);
    deps.doorbell.ring('meeting', path.id);
    // The row is the order to delete: without Temporal, reconciliation finds it later.
    await deps.meetingClient.startDeletion(path.id).catch((error: unknown) => {
      deps.logger.warn({ meetingId: path.id, err: error }, 'deletion not started yet');
    });
    const workflowUrl = makeWorkflowUrl(deps.config, makeDeletionWorkflowId(path.id));
    response.status(202).json({ id: path.id, workflowUrl });
  });

  return router;
}

async function checkChanges(
  deps: ApiDeps,
  response: Response,
  changes: Omit<References, 'platform'> & { meetingId: number },
): Promise<void> {
  const { meetingId, ...references } = changes;
  if (references.botIdentityId === undefined && references.joinTokenUrl === undefined) return;
  const meeting = await requireOwnMeeting(deps.database, response, meetingId);
  const { platform, status } = toMeetingView(meeting);
  await checkReferences(deps, currentUserId(response), { ...references, platform });
  // attempts of one identity are told apart by the meetings that have it now
  if (references.botIdentityId !== undefined && isMeetingActive(status)) {
    const message = `Expected a meeting without a bot to change its identity, got one that is ${status}`;
    throw new ApiError('command_refused', message, { status });
  }
}
