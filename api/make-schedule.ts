import { settleBotSettings } from '../domain/bot-defaults';
import type { CreateSchedule, UpdateSchedule } from '../domain/schedules';
import { encryptionKeys } from '../infra/config';
import type { Queryable } from '../infra/database/client';
import { answerIntent, settleIntent, type IntentAnswer } from '../infra/database/intents';
import {
  findOwnSchedule,
  insertSchedule,
  updateSchedule,
  type ScheduleChanges,
  type ScheduleRow,
} from '../infra/database/schedules';
import { readUser } from '../infra/database/users';
import { createEncryption } from '../infra/encryption';
import { planOccurrences, type ReplannedMeeting } from '../infra/schedules/plan-occurrences';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { beginIntent, type Asked } from './intents';
import { checkReferences, readLink } from './make-meeting';
import { followSchedule, tellAll } from './own-schedule';
import { checkRule, readRule } from './schedule-rule';
import { readScheduleDetail } from './schedule-view';

/**
 * Makes a schedule with its next meetings: they, the intent and its answer are one transaction.
 * Then the meetings' workflows and Temporal's Schedule follow.
 */
export async function makeSchedule(
  deps: ApiDeps,
  asked: Asked,
  body: CreateSchedule,
): Promise<IntentAnswer> {
  const link = readLink(deps, body);
  await checkReferences(deps, asked.userId, { ...body, platform: link.platform });
  const rule = readRule(body, { timeZone: body.timeZone });
  const { isCalendar } = checkRule(rule);
  const { answer, made } = await deps.database.transaction(async (tx) => {
    const intent = await beginIntent(tx, asked, { kind: 'create_schedule', meetingId: null });
    if (intent.answer) return { answer: intent.answer, made: null };
    const { botDefaults } = await readUser(tx, asked.userId);
    const entryMessage = deps.config.BOT_ENTRY_MESSAGE;
    const schedule = await insertSchedule(tx, {
      ...rule,
      userId: asked.userId,
      link,
      title: body.title ?? null,
      passcodeEncrypted: encrypt(deps, body.accessToken ?? link.passcode),
      settings: settleBotSettings(body, botDefaults, { entryMessage }),
      botIdentityId: body.botIdentityId ?? null,
      joinTokenUrl: body.joinTokenUrl ?? null,
      skipDates: body.skipDates ?? [],
      isCalendar,
    });
    if (!schedule) throw new ApiError('too_many_schedules', 'Expected you to have fewer schedules');
    const made = await plan(tx, schedule);
    await settleIntent(tx, intent.intentId, 'carried_out');
    const view = await readScheduleDetail({ ...deps, database: tx }, made.schedule);
    return { answer: await answerIntent(tx, intent.intentId, { status: 201, body: view }), made };
  });
  if (made !== null) {
    await tellAll(deps, made.planned);
    await followSchedule(deps, made.schedule);
  }
  return answer;
}

interface Made {
  schedule: ScheduleRow;
  planned: (ReplannedMeeting & { intentId: null })[];
}

async function plan(tx: Queryable, made: ScheduleRow): Promise<Made> {
  const planned = await planOccurrences(tx, made, new Date());
  const schedule = await findOwnSchedule(tx, { scheduleId: made.id, userId: made.userId });
  if (!schedule) throw new Error(`Expected the schedule ${made.id} that was just made`);
  return { schedule, planned: planned.map((meeting) => ({ ...meeting, intentId: null })) };
}

function encrypt({ config }: ApiDeps, passcode: string | null): string | null {
  return passcode === null ? null : createEncryption(encryptionKeys(config)).encrypt(passcode);
}

/** What of a schedule a request changes, checked; what else must hold of it is checked with it. */
export async function readScheduleChanges(
  deps: ApiDeps,
  userId: number,
  { body, current }: { body: UpdateSchedule; current: ScheduleRow },
): Promise<ScheduleChanges> {
  const { meetingUrl } = body;
  const link = meetingUrl === undefined ? null : readLink(deps, { ...body, meetingUrl });
  const platform = link?.platform ?? current.platform;
  const botIdentityId = body.botIdentityId ?? (link ? current.botIdentityId : undefined);
  const { joinTokenUrl } = body;
  await checkReferences(deps, userId, { platform, botIdentityId, joinTokenUrl });
  const rule = readRule(body, current);
  const says = ['rrule', 'cron', 'timeZone', 'startsAt', 'endsAt'] as const;
  const isOtherRule = says.some((field) => body[field] !== undefined);
  return dropUndefined({
    title: body.title,
    botName: body.botName,
    language: body.language,
    leavePolicy: body.leavePolicy && { ...current.leavePolicy, ...body.leavePolicy },
    entryMessage: body.entryMessage,
    isRecorded: body.recording,
    botIdentityId: body.botIdentityId,
    joinTokenUrl,
    skipDates: body.skipDates,
    ...(link && {
      platform,
      platformMeetingId: link.platformMeetingId,
      meetingUrl: link.url,
      passcodeEncrypted: encrypt(deps, body.accessToken ?? link.passcode),
    }),
    ...(isOtherRule && { ...rule, ...checkRule(rule) }),
  });
}

type Present<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

function dropUndefined<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<Fields>;
}
