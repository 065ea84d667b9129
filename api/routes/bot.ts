import { Router, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { fillEntryMessage } from '../../domain/bot-defaults';
import {
  botChatSchema,
  botCommandAckSchema,
  botCommandPathSchema,
  botCommandsQuerySchema,
  botHeartbeatSchema,
  botParticipantsSchema,
  botReportSchema,
  type BotAssignment,
} from '../../domain/bot-api';
import { platformSchema } from '../../domain/platforms';
import { toStorableText } from '../../domain/text';
import type { BotIdentity } from '../../infra/bot-token';
import { encryptionKeys } from '../../infra/config';
import {
  hasSentEntryMessage,
  isRejoin,
  recordHeartbeat,
  recordReport,
} from '../../infra/database/attempts';
import { acknowledgeCommand, beginCommand, readCommands } from '../../infra/database/commands';
import { findMeeting } from '../../infra/database/meeting-records';
import { recordChat, recordParticipants } from '../../infra/database/participants';
import { readUser } from '../../infra/database/users';
import { createEncryption } from '../../infra/encryption';
import { acknowledge } from '../bot/acknowledge';
import {
  createRequireBot,
  currentBot,
  makeMeetingDeleted,
  makeSuperseded,
  requireLiveAttempt,
} from '../bot/bot-auth';
import { createChunkRoute } from '../bot/chunk-route';
import { createEvidenceRoute } from '../bot/evidence-route';
import { createIdentityRoute } from '../bot/identity-route';
import { createJoinTokenRoute } from '../bot/join-token-route';
import { createRecordingPartRoute } from '../bot/recording-route';
import { addSoundRoutes } from '../bot/sources-route';
import { createSpeechRoute } from '../bot/speech-route';
import type { ApiDeps } from '../deps';
import type { LiveReaders } from '../live/live-readers';
import { waitForNew } from '../live/wait-for-new';
import { toMeetingView } from '../meeting-view';
import type { ApiMetrics } from '../metrics';
import { readRequest } from '../validate';
import { makeHangUpSignal } from './streams';

/** Longer than a relaunch takes; a bot sent again later finds another meeting. */
const REJOIN_WITHIN_MS = 5 * 60_000;
/** An empty body means `done`. */
const ackBodySchema = z.preprocess((body) => body ?? {}, botCommandAckSchema);

interface BotRouteParts {
  live: LiveReaders;
  metrics: ApiMetrics;
  json: RequestHandler;
  byBot: RequestHandler;
}

/** `/bot/v1`: what a bot asks, reports and sends, for its own attempt only. */
export function createBotRoutes(
  deps: ApiDeps,
  { live, metrics, json, byBot }: BotRouteParts,
): Router {
  const router = Router();
  router.use(createRequireBot(deps), byBot);
  router.put('/chunks/:track/:seq', createChunkRoute(deps, metrics));
  router.put('/recording/:seq', createRecordingPartRoute(deps));
  router.put('/evidence/:name', createEvidenceRoute(deps));
  // After the chunks, which read their body themselves whatever type it claims to have.
  router.use(json);
  addReadRoutes(router, deps);
  addReportRoutes(router, deps);
  addSoundRoutes(router, deps);
  addCommandRoutes(router, deps, live);
  return router;
}

function addReadRoutes(router: Router, deps: ApiDeps): void {
  const encryption = createEncryption(encryptionKeys(deps.config));

  router.get('/assignment', async (_request, response) => {
    const bot = currentBot(response);
    await requireLiveAttempt(deps, bot);
    const row = await findMeeting(deps.database, bot.meetingId);
    if (!row || row.deletedAt) throw makeMeetingDeleted();
    const { platform, meetingUrl, botName, language, leavePolicy } = toMeetingView(row);
    const { fullName: owner } = await readUser(deps.database, row.userId);
    if (meetingUrl === null) throw new Error('Expected a meeting with a link to have a bot');
    const assignment: BotAssignment = {
      meetingId: row.id,
      attempt: bot.attempt,
      platform: platformSchema.parse(platform),
      joinUrl: meetingUrl,
      passcode: row.passcodeEncrypted === null ? null : encryption.decrypt(row.passcodeEncrypted),
      botName,
      language,
      leavePolicy,
      entryMessage:
        row.entryMessage === null || (await hasSentEntryMessage(deps.database, row.id))
          ? null
          : fillEntryMessage(row.entryMessage, { botName, owner }),
      isRecorded: row.isRecorded,
      hasIdentity: row.botIdentityId !== null,
      needsJoinToken: row.joinTokenUrl !== null,
      isRejoin: await isRejoin(deps.database, bot, REJOIN_WITHIN_MS),
      clockOriginMs: row.clockOrigin?.getTime() ?? null,
      serverTimeMs: Date.now(),
    };
    response.json(assignment);
  });

  router.get('/identity', createIdentityRoute(deps));
  router.post('/join-token', createJoinTokenRoute(deps));

  router.get('/time', (_request, response) => {
    response.json({ serverTimeMs: Date.now() });
  });
}

function addReportRoutes(router: Router, deps: ApiDeps): void {
  const { database, doorbell } = deps;

  router.post('/reports', async (request, response) => {
    const { body } = readRequest(request, { body: botReportSchema });
    const bot = currentBot(response);
    const report =
      body.detail === undefined ? body : { ...body, detail: toStorableText(body.detail) };
    const result = await recordReport(database, bot, report);
    if (result.kind === 'superseded') throw makeSuperseded();
    if (result.kind === 'meeting_deleted') throw makeMeetingDeleted();
    response.json({ clockOriginMs: result.clockOriginMs });
    doorbell.ring('meeting', bot.meetingId);
    await tellWorkflow(deps, bot);
  });

  router.post('/heartbeat', async (request, response) => {
    const { body } = readRequest(request, { body: botHeartbeatSchema });
    if (!(await recordHeartbeat(database, currentBot(response), body))) throw makeSuperseded();
    response.status(204).end();
  });

  router.post('/participants', async (request, response) => {
    const { body } = readRequest(request, { body: botParticipantsSchema });
    const bot = currentBot(response);
    acknowledge(deps, response, await recordParticipants(database, bot, body.changes));
  });

  router.post('/chat', async (request, response) => {
    const { body } = readRequest(request, { body: botChatSchema });
    acknowledge(deps, response, await recordChat(database, currentBot(response), body));
  });
}

/** The row is what counts: `watchBot` reads it when the workflow cannot be told now. */
async function tellWorkflow(
  { meetingClient, logger }: ApiDeps,
  { meetingId, attempt }: BotIdentity,
): Promise<void> {
  await meetingClient.botReported({ meetingId, attempt }).catch((error: unknown) => {
    logger.warn({ meetingId, attempt, err: error }, 'workflow not told of a report');
  });
}

function addCommandRoutes(router: Router, deps: ApiDeps, live: LiveReaders): void {
  const { database } = deps;

  router.get('/commands', async (request, response) => {
    const { query } = readRequest(request, { query: botCommandsQuerySchema });
    const bot = currentBot(response);
    const attempt = await requireLiveAttempt(deps, bot);
    let commands = await readCommands(database, attempt.id, query.after);
    if (commands.length === 0 && query.wait > 0) {
      await waitForNew(live.commands, {
        key: attempt.id,
        meetingId: bot.meetingId,
        after: query.after,
        waitMs: query.wait * 1000,
        signal: makeHangUpSignal(response),
      });
      if (response.destroyed) return;
      commands = await readCommands(database, attempt.id, query.after);
    }
    response.json({ commands });
  });

  router.get('/speech/:id', createSpeechRoute(deps));

  router.post('/commands/:seq/begin', async (request, response) => {
    const { path } = readRequest(request, { path: botCommandPathSchema });
    const { id: attemptId } = await requireLiveAttempt(deps, currentBot(response));
    if (!(await beginCommand(database, { attemptId, seq: path.seq }))) throw makeSuperseded();
    response.status(204).end();
  });

  router.post('/commands/:seq/ack', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: botCommandPathSchema,
      body: ackBodySchema,
    });
    const { meetingId, id: attemptId } = await requireLiveAttempt(deps, currentBot(response));
    const key = { meetingId, attemptId, seq: path.seq };
    const detail = body.detail === undefined ? {} : { detail: toStorableText(body.detail) };
    if (!(await acknowledgeCommand(database, key, { ...body, ...detail }))) throw makeSuperseded();
    response.status(204).end();
    deps.doorbell.ring('meeting', meetingId);
  });
}
