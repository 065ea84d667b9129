import { Router } from 'express';
import {
  createMeetingSchema,
  listMeetingsQuerySchema,
  meetingPathSchema,
  updateMeetingSchema,
  type CreateMeeting,
} from '../../domain/api';
import { parseMeetingLink, type MeetingLink } from '../../domain/meeting-link';
import { makeDeletionWorkflowId } from '../../domain/temporal';
import { createEncryption, type Encryption } from '../../infra/encryption';
import {
  insertMeeting,
  listOwnMeetings,
  updateOwnMeeting,
} from '../../infra/database/meeting-records';
import { answerIntent, settleIntent, type IntentAnswer } from '../../infra/database/intents';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { beginIntent, sendAnswer, type Exchange } from '../intents';
import { toMeetingView } from '../meeting-view';
import { makeMeetingNotFound, requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { readRequest, refuseField } from '../validate';
import { makeWorkflowUrl } from '../workflow-url';

/** `/api/meetings`: make, list, read, change and delete. */
export function createMeetingRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const encryption = createEncryption([deps.config.ENCRYPTION_KEY]);
  const router = Router();

  router.post('/meetings', async (request, response) => {
    const { body } = readRequest(request, { body: createMeetingSchema });
    const link = readLink(deps, body.meetingUrl);
    const answer = await createMeeting(deps, { request, response }, { body, link, encryption });
    sendAnswer(response, answer);
  });

  router.get('/meetings', async (request, response) => {
    const { query } = readRequest(request, { query: listMeetingsQuerySchema });
    const { cursor, ...filter } = query;
    const page = await listOwnMeetings(database, {
      ...filter,
      userId: currentUserId(response),
      beforeId: cursor === undefined ? null : decodeCursor(cursor),
    });
    response.json({
      meetings: page.meetings.map(toMeetingView),
      nextCursor: page.nextBeforeId === null ? null : encodeCursor(page.nextBeforeId),
    });
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
    const meeting = await updateOwnMeeting(database, key, body);
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

function readLink({ config }: ApiDeps, text: string): MeetingLink {
  const result = parseMeetingLink(text, {
    ...(config.PRACTICE_ROOM_URL ? { practiceRoomOrigin: config.PRACTICE_ROOM_URL } : {}),
    jitsiHosts: config.JITSI_HOSTS?.split(',').map((host) => host.trim()) ?? [],
  });
  return result.ok ? result.link : refuseField('meetingUrl', result.message);
}

interface Creation {
  body: CreateMeeting;
  link: MeetingLink;
  encryption: Encryption;
}

/** Meeting, intent and answer are one transaction: a repeated request finds all of it or none. */
async function createMeeting(
  { database }: ApiDeps,
  exchange: Exchange,
  { body, link, encryption }: Creation,
): Promise<IntentAnswer> {
  return database.transaction(async (tx) => {
    const intent = await beginIntent(tx, exchange, { kind: 'create_meeting', meetingId: null });
    if (intent.answer) return intent.answer;
    const row = await insertMeeting(tx, {
      userId: currentUserId(exchange.response),
      link,
      passcodeEncrypted: link.passcode === null ? null : encryption.encrypt(link.passcode),
      wishes: body,
    });
    await settleIntent(tx, intent.intentId, 'carried_out');
    return answerIntent(tx, intent.intentId, { status: 201, body: toMeetingView(row) });
  });
}
