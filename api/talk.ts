import { answerIntent, settleIntent, type IntentAnswer } from '../infra/database/intents';
import type { Queryable } from '../infra/database/client';
import { insertSpeech, type Speech } from '../infra/database/speeches';
import { leaveTalkCommand, type TalkCommand } from '../infra/database/talk-commands';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { beginIntent, toAnswer, type Asked } from './intents';
import { toCommandView } from './meeting-view';
import { makeMeetingNotFound } from './own-meeting';

interface TalkKey {
  meetingId: number;
  intentId: string;
}

type Refusal = 'no_running_bot' | 'meeting_over' | 'meeting_deleted';

/** Leaves something for the bot to write, or its order to be quiet. */
export async function askToTalk(
  deps: ApiDeps,
  asked: Asked,
  { meetingId, command }: { meetingId: number; command: WordlessCommand },
): Promise<IntentAnswer> {
  const what = { kind: command.kind, meetingId };
  const { intentId, answer } = await beginIntent(deps.database, asked, what);
  return answer ?? leaveCommand(deps, { meetingId, intentId }, { command });
}

/** What needs no sound. */
type WordlessCommand = Exclude<TalkCommand, { kind: 'speak' }>;

/**
 * Command, speech, intent and answer are one transaction: a repeated request finds all of it or
 * none. `isOurs` is false when nothing was left: refused, or another request with the same key was
 * faster.
 */
export async function leaveCommand(
  deps: ApiDeps,
  { meetingId, intentId }: TalkKey,
  { command, speech }: { command: TalkCommand; speech?: Speech },
): Promise<IntentAnswer & { isOurs: boolean }> {
  const result = await deps.database.transaction(async (tx) => {
    const known = await lockAnswer(tx, intentId);
    if (known) return { ...known, isOurs: false };
    const left = await leaveTalkCommand(tx, meetingId, command);
    if (left.kind !== 'left') {
      return { ...(await keepRefusal(tx, { meetingId, intentId }, left.kind)), isOurs: false };
    }
    if (speech) await insertSpeech(tx, speech);
    await settleIntent(tx, intentId, 'carried_out');
    const answer = { status: 202, body: toCommandView(left.command) };
    return { ...(await answerIntent(tx, intentId, answer)), isOurs: true };
  });
  if (result.isOurs) deps.doorbell.ring('commands', meetingId);
  return result;
}

/** Keeps and gives the answer to something that nobody can carry out. */
export async function refuseTalk(
  { database }: ApiDeps,
  key: TalkKey,
  refusal: Refusal,
): Promise<IntentAnswer> {
  return database.transaction((tx) => keepRefusal(tx, key, refusal));
}

async function lockAnswer(tx: Queryable, intentId: string): Promise<IntentAnswer | null> {
  const { rows } = await tx.query<{ status: number | null; body: unknown }>(
    'SELECT answer_status AS status, answer AS body FROM intents WHERE id = $1 FOR NO KEY UPDATE',
    [intentId],
  );
  const row = rows[0];
  return row?.status == null ? null : { status: row.status, body: row.body };
}

async function keepRefusal(
  tx: Queryable,
  { meetingId, intentId }: TalkKey,
  refusal: Refusal,
): Promise<IntentAnswer> {
  if (refusal === 'meeting_deleted') throw makeMeetingNotFound(meetingId);
  const message =
    refusal === 'meeting_over'
      ? 'Expected a meeting that is going on, got one that is over'
      : 'Expected a meeting with a running bot, got one without: start the bot first';
  await settleIntent(tx, intentId, 'refused');
  return answerIntent(tx, intentId, toAnswer(new ApiError(refusal, message)));
}
