import { z } from 'zod';
import {
  createMeetingSchema,
  meetingSchema,
  pageFields,
  scheduledStartSchema,
  LONGEST_AHEAD_MS,
} from './api';
import { endReasonSchema } from './end-reasons';
import { rruleSchema, timeZoneSchema } from './recurrence';
import { meetingStatusSchema } from './statuses';

/** What the API takes and gives about schedules. */

const ruleMoment = z.iso.datetime({ offset: true, local: true });

const cron = z
  .string()
  .trim()
  .max(100)
  .describe('Five fields of cron: minute, hour, day of month, month, day of week');

const startsAt = ruleMoment
  .refine((text) => isNearEnough(parseRoughly(text) - Date.now()), {
    message: 'Expected a time within a year from now, or of the last ten years',
  })
  .describe(
    'Where the rule starts, DTSTART of an RRULE; without Z or offset, by the clocks of `timeZone`',
  );

const endsAt = ruleMoment.nullable().describe('No occurrence after it');

const skipDates = z
  .array(z.iso.date())
  .max(400)
  .describe('Days without occurrences, by the calendar of `timeZone`');

function isNearEnough(aheadMs: number): boolean {
  return aheadMs < LONGEST_AHEAD_MS && aheadMs > -10 * LONGEST_AHEAD_MS;
}

/** The zone changes it by a day at the most. */
function parseRoughly(text: string): number {
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

const rules = {
  rrule: rruleSchema
    .optional()
    .describe('RRULE of RFC 5545, as FREQ=WEEKLY;BYDAY=MO,WE; instead of `cron`'),
  cron: cron.optional().describe('Instead of `rrule`, as 0 9 * * 1-5'),
  skipDates: skipDates.optional(),
};

function checkNewRule(
  body: { rrule?: string | undefined; cron?: string | undefined; startsAt?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((body.rrule === undefined) === (body.cron === undefined)) {
    const message = 'Expected either rrule or cron';
    context.addIssue({ code: 'custom', path: ['rrule'], message });
  }
  if (body.rrule !== undefined && body.startsAt === undefined) {
    const message = 'Expected the start of the rule, which an RRULE counts from';
    context.addIssue({ code: 'custom', path: ['startsAt'], message });
  }
}

export const createScheduleSchema = createMeetingSchema
  .omit({ scheduledStart: true })
  .extend({
    ...rules,
    timeZone: timeZoneSchema,
    startsAt: startsAt.optional(),
    endsAt: endsAt.optional(),
  })
  .superRefine(checkNewRule);
export type CreateSchedule = z.infer<typeof createScheduleSchema>;

/** A rule by itself, to see what it means. */
export const previewRuleSchema = z
  .strictObject({
    ...rules,
    timeZone: timeZoneSchema,
    startsAt: startsAt.optional(),
    endsAt: endsAt.optional(),
  })
  .superRefine(checkNewRule);
export type PreviewRule = z.infer<typeof previewRuleSchema>;
export const rulePreviewSchema = z.object({
  occurrences: z.array(z.iso.datetime()).describe('The next ten'),
});

/** Absent fields stay as they are; `rrule` takes the place of `cron`, and the other way round. */
export const updateScheduleSchema = createMeetingSchema
  .omit({ scheduledStart: true })
  .partial()
  .extend({
    ...rules,
    timeZone: timeZoneSchema.optional(),
    startsAt: startsAt.optional(),
    endsAt: endsAt.optional(),
  })
  .superRefine((body, context) => {
    if (Object.keys(body).length === 0) {
      context.addIssue({ code: 'custom', message: 'Expected at least one field to change' });
    }
    if (body.rrule !== undefined && body.cron !== undefined) {
      const message = 'Expected either rrule or cron';
      context.addIssue({ code: 'custom', path: ['rrule'], message });
    }
    if (body.meetingUrl === undefined && (body.platform ?? body.accessToken) !== undefined) {
      const message = 'Expected meetingUrl together with platform or accessToken';
      context.addIssue({ code: 'custom', path: ['meetingUrl'], message });
    }
  });
export type UpdateSchedule = z.infer<typeof updateScheduleSchema>;

const moment = z.iso.datetime();
const occurrenceStart = z.iso
  .datetime({ offset: true })
  .describe('The occurrence’s start as the rule says it');

/** Skips one occurrence, moves it, or has it be as the rule says. */
export const changeOccurrenceSchema = z.discriminatedUnion('change', [
  z.strictObject({ change: z.literal('skip'), occurrenceStart }),
  z.strictObject({
    change: z.literal('move'),
    occurrenceStart,
    scheduledStart: scheduledStartSchema,
  }),
  z.strictObject({ change: z.literal('restore'), occurrenceStart }),
]);
export type ChangeOccurrence = z.infer<typeof changeOccurrenceSchema>;

export const listSchedulesQuerySchema = z.strictObject(pageFields);

export const scheduleSchema = z
  .object({
    id: z.int(),
    ...meetingSchema.pick({
      title: true,
      platform: true,
      hasPasscode: true,
      botName: true,
      language: true,
      leavePolicy: true,
      entryMessage: true,
      recording: true,
      botIdentityId: true,
      joinTokenUrl: true,
    }).shape,
    meetingUrl: z.string().describe('Without passcode'),
    rrule: z.string().nullable(),
    cron: z.string().nullable(),
    timeZone: z.string(),
    startsAt: moment,
    endsAt: moment.nullable(),
    skipDates: z.array(z.string()),
    status: z
      .enum(['active', 'paused', 'ended'])
      .describe('`ended`: its rule names no time any more'),
    nextStart: moment.nullable().describe('When the next of its meetings is to start'),
    runBy: z
      .enum(['temporal_calendar', 'planning_workflow'])
      .describe('A Temporal Schedule of its own, or the workflow that expands all other rules'),
    temporalUrl: z.url().describe('That Temporal Schedule in the Temporal Web UI'),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Schedule' });
export type ScheduleView = z.infer<typeof scheduleSchema>;

const occurrenceSchema = z.object({
  occurrenceStart: moment.describe('What the rule says: its name within the schedule'),
  scheduledStart: moment.describe('When the bot is to be there'),
  state: z
    .enum(['planned', 'upcoming', 'skipped', 'cancelled'])
    .describe('`planned` has its meeting already; `cancelled`: its meeting was'),
  meetingId: z.int().nullable(),
});
export type OccurrenceView = z.infer<typeof occurrenceSchema>;

const outcomeSchema = z.object({
  meetingId: z.int(),
  occurrenceStart: moment.nullable().describe('Null for one that was asked for between times'),
  scheduledStart: moment.nullable(),
  status: meetingStatusSchema,
  reason: endReasonSchema.nullable(),
  message: z.string().nullable(),
});
export type OutcomeView = z.infer<typeof outcomeSchema>;

export const scheduleDetailSchema = scheduleSchema
  .extend({
    nextOccurrences: z.array(occurrenceSchema).describe('The next ten, skipped ones among them'),
    lastOutcomes: z.array(outcomeSchema).describe('What became of the last ten, newest first'),
  })
  .meta({ id: 'ScheduleDetail' });
export type ScheduleDetail = z.infer<typeof scheduleDetailSchema>;

export const scheduleListSchema = z.object({
  schedules: z.array(scheduleSchema),
  nextCursor: z.string().nullable(),
});
