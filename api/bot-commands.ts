import type { CommandAnswer } from '../domain/api';
import { platformSchema } from '../domain/platforms';
import { makeMeetingWorkflowId } from '../domain/temporal';
import { answerIntent, settleIntent, type IntentAnswer } from '../infra/database/intents';
import type { MeetingRow } from '../infra/database/meeting-records';
import type { CommandOutcome } from '../infra/meeting-client';
import { checkBotLimits } from './bot-limits';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { beginIntent, toAnswer, type Asked } from './intents';
import { readAttemptViews, toMeetingView } from './meeting-view';
import { requireMeetingOf } from './own-meeting';
import { takePlanBack } from './plan-meeting';
import { makeWorkflowUrl } from './workflow-url';

export interface BotOrder {
  kind: 'start_bot' | 'stop_bot';
  meeting: MeetingRow;
}

/**
 * Starts or stops a meeting's bot: intent first, then the workflow, then the answer. A repeated
 * request whose first one got no answer yet sends the same intent again, which the workflow takes
 * as the one it knows.
 */
export async function commandBot(
  deps: ApiDeps,
  asked: Asked,
  { kind, meeting }: BotOrder,
): Promise<IntentAnswer> {
  const { database } = deps;
  const what = { kind, meetingId: meeting.id };
  if (kind === 'start_bot' && meeting.source !== 'bot') {
    const message = `Expected a meeting with a link, got one whose source is ${meeting.source}`;
    throw new ApiError('command_refused', message, { source: meeting.source });
  }
  const { intentId, answer, wasPlanned } = await database.transaction(async (tx) => {
    const intent = await beginIntent(tx, asked, what);
    if (kind === 'start_bot' && !intent.answer) {
      const { userId } = asked;
      const { intentId } = intent;
      await checkBotLimits(tx, deps.config, { userId, meetingId: meeting.id, intentId });
    }
    // a stop of a meeting that waits takes its plan back, whether or not anything answers now
    const isStop = intent.answer === null && kind === 'stop_bot';
    return { ...intent, wasPlanned: isStop && (await takePlanBack(tx, meeting.id)) };
  });
  if (answer) return answer;
  const outcome = await send(deps, { kind, meeting }, intentId);
  if (wasPlanned && outcome.kind === 'not_running')
    return answerCancelled(deps, asked, { meeting, intentId });
  if (outcome.kind !== 'pending') await settleIntent(database, intentId, toStatus(outcome));
  deps.logger.info({ meetingId: meeting.id, intentId, kind, outcome: outcome.kind }, 'command');
  return answerIntent(
    database,
    intentId,
    await makeAnswer(deps, asked.userId, { meeting, outcome }),
  );
}

async function send(
  { meetingClient }: ApiDeps,
  { kind, meeting }: BotOrder,
  intentId: string,
): Promise<CommandOutcome> {
  if (kind === 'stop_bot') return meetingClient.stopBot({ meetingId: meeting.id, intentId });
  return meetingClient.startBot({
    meetingId: meeting.id,
    platform: platformSchema.parse(meeting.platform),
    transcriptVersion: meeting.transcriptVersion,
    intentId,
  });
}

/** No workflow waited for the planned start: there is nothing to tell anybody. */
async function answerCancelled(
  deps: ApiDeps,
  { userId }: Asked,
  { meeting, intentId }: { meeting: MeetingRow; intentId: string },
): Promise<IntentAnswer> {
  await settleIntent(deps.database, intentId, 'carried_out');
  const result = { status: 'cancelled', botStatus: 'none', attempt: null } as const;
  const outcome: CommandOutcome = { kind: 'carried_out', result };
  return answerIntent(
    deps.database,
    intentId,
    await makeAnswer(deps, userId, { meeting, outcome }),
  );
}

function toStatus(outcome: CommandOutcome): 'carried_out' | 'sent' | 'refused' {
  if (outcome.kind === 'carried_out' || outcome.kind === 'sent') return outcome.kind;
  return 'refused';
}

async function makeAnswer(
  deps: ApiDeps,
  userId: number,
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
  const current = await requireMeetingOf(deps.database, { meetingId: meeting.id, userId });
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
