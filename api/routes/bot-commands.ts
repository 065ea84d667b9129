import { Router } from 'express';
import { emptyBodySchema, meetingPathSchema, type CommandAnswer } from '../../domain/api';
import { platformSchema } from '../../domain/platforms';
import { makeMeetingWorkflowId } from '../../domain/temporal';
import { settleIntent, type IntentAnswer } from '../../infra/database/intents';
import type { MeetingRow } from '../../infra/database/meeting-records';
import type { CommandOutcome } from '../../infra/meeting-client';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { beginIntent, sendAnswer, settleAnswer, toAnswer, type Exchange } from '../intents';
import { readAttemptViews, toMeetingView } from '../meeting-view';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';
import { makeWorkflowUrl } from '../workflow-url';

type Send = (meeting: MeetingRow, intentId: string) => Promise<CommandOutcome>;

/** `start-bot`, `stop-bot` and the list of attempts that came of it. */
export function createBotCommandRoutes(deps: ApiDeps): Router {
  const { database, meetingClient } = deps;
  const router = Router();

  const startBot: Send = (meeting, intentId) =>
    meetingClient.startBot({
      meetingId: meeting.id,
      platform: platformSchema.parse(meeting.platform),
      transcriptVersion: meeting.transcriptVersion,
      intentId,
    });
  const stopBot: Send = (meeting, intentId) =>
    meetingClient.stopBot({ meetingId: meeting.id, intentId });

  router.post('/meetings/:id/start-bot', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const what = { kind: 'start_bot', meeting } as const;
    await carryOut(deps, { request, response }, { ...what, send: startBot });
  });

  router.post('/meetings/:id/stop-bot', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const what = { kind: 'stop_bot', meeting } as const;
    await carryOut(deps, { request, response }, { ...what, send: stopBot });
  });

  router.get('/meetings/:id/attempts', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    await requireOwnMeeting(database, response, path.id);
    response.json({ attempts: await readAttemptViews(database, path.id) });
  });

  return router;
}

interface Command {
  kind: 'start_bot' | 'stop_bot';
  meeting: MeetingRow;
  send: Send;
}

/**
 * Intent first, then the workflow, then the answer. A repeated request whose first one got no
 * answer yet sends the same intent again, which the workflow takes as the one it knows.
 */
async function carryOut(
  deps: ApiDeps,
  exchange: Exchange,
  { kind, meeting, send }: Command,
): Promise<void> {
  const { database } = deps;
  const what = { kind, meetingId: meeting.id };
  const { intentId, answer } = await beginIntent(database, exchange, what);
  if (answer) {
    sendAnswer(exchange.response, answer);
    return;
  }
  const outcome = await send(meeting, intentId);
  if (outcome.kind !== 'pending') await settleIntent(database, intentId, toStatus(outcome));
  deps.logger.info({ meetingId: meeting.id, intentId, kind, outcome: outcome.kind }, 'command');
  await settleAnswer(database, exchange.response, {
    intentId,
    answer: await makeAnswer(deps, exchange, { meeting, outcome }),
  });
}

function toStatus(outcome: CommandOutcome): 'carried_out' | 'sent' | 'refused' {
  if (outcome.kind === 'carried_out' || outcome.kind === 'sent') return outcome.kind;
  return 'refused';
}

async function makeAnswer(
  deps: ApiDeps,
  { response }: Exchange,
  { meeting, outcome }: { meeting: MeetingRow; outcome: CommandOutcome },
): Promise<IntentAnswer> {
  const state = { status: meeting.status, botStatus: meeting.botStatus };
  if (outcome.kind === 'refused') {
    return toAnswer(new ApiError('command_refused', outcome.message, state));
  }
  if (outcome.kind === 'not_running') {
    const message = `Expected a meeting with a running bot, got one that is ${meeting.status}`;
    return toAnswer(new ApiError('no_running_bot', message, state));
  }
  const isDone = outcome.kind === 'carried_out';
  const current = await requireOwnMeeting(deps.database, response, meeting.id);
  const attempts = await readAttemptViews(deps.database, meeting.id);
  const number = isDone ? outcome.result.attempt : null;
  const attempt = number === null ? attempts.at(-1) : attempts.find((a) => a.attempt === number);
  const body: CommandAnswer = {
    outcome: isDone ? 'carried_out' : 'accepted',
    meeting: toMeetingView(current),
    attempt: attempt ?? null,
    workflowUrl: makeWorkflowUrl(deps.config, makeMeetingWorkflowId(meeting.id)),
  };
  return { status: isDone ? 200 : 202, body };
}
