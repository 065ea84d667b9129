import { Router, type Response } from 'express';
import {
  createMeetingSchema,
  listMeetingsQuerySchema,
  meetingPathSchema,
  updateMeetingSchema,
  type CreateMeeting,
} from '../../domain/api';
import { settleBotSettings } from '../../domain/bot-defaults';
import { parseMeetingLink, type MeetingLink } from '../../domain/meeting-link';
import type { Platform } from '../../domain/platforms';
import { isMeetingActive } from '../../domain/statuses';
import { makeDeletionWorkflowId } from '../../domain/temporal';
import { encryptionKeys } from '../../infra/config';
import { findOwnIdentity } from '../../infra/database/identities';
import { readUser } from '../../infra/database/users';
import { findOutgoingProblem } from '../../infra/outgoing-url';
import { createEncryption, type Encryption } from '../../infra/encryption';
import {
  insertMeeting,
  listOwnMeetings,
  updateOwnMeeting,
} from '../../infra/database/meeting-records';
import { answerIntent, settleIntent, type IntentAnswer } from '../../infra/database/intents';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { currentUserId } from '../auth/current-user';
import { outgoingOptions } from '../bot/join-token-route';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { beginIntent, sendAnswer, type Exchange } from '../intents';
import { toMeetingView } from '../meeting-view';
import { makeMeetingNotFound, requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { readRequest, refuseField } from '../validate';
import { makeWorkflowUrl } from '../workflow-url';

/** `/api/meetings`: make, list, read, change and delete. */
export function createMeetingRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const encryption = createEncryption(encryptionKeys(deps.config));
  const router = Router();

  router.post('/meetings', async (request, response) => {
    const { body } = readRequest(request, { body: createMeetingSchema });
    const link = readLink(deps, body);
    await checkReferences(deps, response, { ...body, platform: link.platform });
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
    await checkChanges(deps, response, { ...body, meetingId: path.id });
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

function readLink({ config }: ApiDeps, body: CreateMeeting): MeetingLink {
  const { meetingUrl, platform, accessToken } = body;
  const result = parseMeetingLink(meetingUrl, {
    ...(config.PRACTICE_ROOM_URL ? { practiceRoomOrigin: config.PRACTICE_ROOM_URL } : {}),
    ...(platform ? { platform } : {}),
    ...(accessToken ? { accessToken } : {}),
    jitsiHosts: splitHosts(config.JITSI_HOSTS),
    livekitHosts: splitHosts(config.LIVEKIT_HOSTS),
    trustedOrigins: config.BOT_ALLOWED_ORIGINS ?? [],
  });
  return result.ok ? result.link : refuseField('meetingUrl', result.message);
}

function splitHosts(setting: string | undefined): string[] {
  return setting?.split(',').map((host) => host.trim()) ?? [];
}

interface References {
  platform: Platform;
  botIdentityId?: number | null | undefined;
  joinTokenUrl?: string | null | undefined;
}

/** An identity must be the user's own and of the meeting's platform, an address callable. */
async function checkReferences(
  { database, config }: ApiDeps,
  response: Response,
  { platform, botIdentityId, joinTokenUrl }: References,
): Promise<void> {
  if (joinTokenUrl != null) {
    const problem = findOutgoingProblem(joinTokenUrl, outgoingOptions(config));
    if (problem) refuseField('joinTokenUrl', problem);
  }
  if (botIdentityId == null) return;
  const key = { identityId: botIdentityId, userId: currentUserId(response) };
  const identity = await findOwnIdentity(database, key);
  if (!identity) refuseField('botIdentityId', 'Expected the id of an identity of yours');
  if (identity.platform !== platform) {
    const message = `Expected an identity for ${platform}, got one for ${identity.platform}`;
    refuseField('botIdentityId', message);
  }
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
  await checkReferences(deps, response, { ...references, platform });
  // attempts of one identity are told apart by the meetings that have it now
  if (references.botIdentityId !== undefined && isMeetingActive(status)) {
    const message = `Expected a meeting without a bot to change its identity, got one that is ${status}`;
    throw new ApiError('command_refused', message, { status });
  }
}

interface Creation {
  body: CreateMeeting;
  link: MeetingLink;
  encryption: Encryption;
}

/** Meeting, intent and answer are one transaction: a repeated request finds all of it or none. */
async function createMeeting(
  { database, config }: ApiDeps,
  exchange: Exchange,
  { body, link, encryption }: Creation,
): Promise<IntentAnswer> {
  const userId = currentUserId(exchange.response);
  const passcode = body.accessToken ?? link.passcode;
  return database.transaction(async (tx) => {
    const intent = await beginIntent(tx, exchange, { kind: 'create_meeting', meetingId: null });
    if (intent.answer) return intent.answer;
    const { botDefaults } = await readUser(tx, userId);
    const row = await insertMeeting(tx, {
      userId,
      link,
      title: body.title ?? null,
      passcodeEncrypted: passcode === null ? null : encryption.encrypt(passcode),
      settings: settleBotSettings(body, botDefaults, { entryMessage: config.BOT_ENTRY_MESSAGE }),
      botIdentityId: body.botIdentityId ?? null,
      joinTokenUrl: body.joinTokenUrl ?? null,
    });
    exchange.response.locals['meetingId'] = row.id;
    await settleIntent(tx, intent.intentId, 'carried_out');
    return answerIntent(tx, intent.intentId, { status: 201, body: toMeetingView(row) });
  });
}
