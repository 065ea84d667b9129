import type { Queryable } from '../infra/database/client';
import { answerIntent, settleIntent, type IntentAnswer } from '../infra/database/intents';
import { lockSchedule } from '../infra/database/schedules';
import { makeOccurrence, type MadeMeeting } from '../infra/schedules/plan-occurrences';
import { checkBotLimits } from './bot-limits';
import type { ApiDeps } from './deps';
import { beginIntent, type Asked } from './intents';
import { toMeetingView } from './meeting-view';
import { makeScheduleNotFound, tellAll, type ScheduleKey } from './own-schedule';

/** Makes a meeting of a schedule between times, whose bot is sent at once. */
export async function runSchedule(
  deps: ApiDeps,
  asked: Asked,
  key: ScheduleKey,
): Promise<IntentAnswer> {
  const { answer, made } = await deps.database.transaction(async (tx) => {
    const intent = await beginIntent(tx, asked, { kind: 'create_meeting', meetingId: null });
    if (intent.answer) return { answer: intent.answer, made: null };
    const made = await makeNow(tx, key);
    const { intentId } = intent;
    const limited = { userId: key.userId, meetingId: made.meetingId, intentId };
    await checkBotLimits(tx, deps.config, limited);
    await settleIntent(tx, intentId, 'carried_out');
    const body = toMeetingView(made.row);
    return { answer: await answerIntent(tx, intentId, { status: 201, body }), made };
  });
  if (made !== null) {
    const { row: _row, ...meeting } = made;
    await tellAll(deps, [{ ...meeting, intentId: null }]);
  }
  return answer;
}

async function makeNow(tx: Queryable, key: ScheduleKey): Promise<MadeMeeting> {
  const schedule = await lockSchedule(tx, key.scheduleId);
  if (schedule?.userId !== key.userId) throw makeScheduleNotFound(key.scheduleId);
  return makeOccurrence(tx, schedule, { occurrenceStart: null, scheduledStart: new Date() });
}
