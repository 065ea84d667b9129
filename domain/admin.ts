import { z } from 'zod';
import { pageFields, pathId } from './api';
import { lineSchema } from './bot-wishes';
import { endReasonSchema } from './end-reasons';
import { meetingPlatformSchema } from './platforms';
import { clerkIdSchema } from './profiles';
import { botStatusSchema, meetingStatusSchema } from './statuses';
import { isStorableText } from './text';

/** What administrators see and change, and what users see of their own use. */

const moment = z.iso.datetime();
const queryId = pathId;
const LARGEST_LIMIT = 1_000_000_000;
const limitValue = z
  .int()
  .min(0)
  .max(LARGEST_LIMIT)
  .nullable()
  .describe('Null: the installation’s own limit');
const filterText = z.string().trim().min(1).max(200).refine(isStorableText);

export const adminUserSchema = z
  .object({
    id: z.int(),
    clerkId: z.string(),
    email: z.string().nullable(),
    fullName: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    maxConcurrentBots: limitValue,
    maxBotMinutesPerMonth: limitValue,
    disabledAt: moment.nullable(),
    deletedAt: moment.nullable().describe('Set while the user’s meetings are being deleted'),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'AdminUser' });
export type AdminUser = z.infer<typeof adminUserSchema>;
export const adminUserListSchema = z.object({
  users: z.array(adminUserSchema),
  nextCursor: z.string().nullable(),
});

export const listUsersQuerySchema = z.strictObject({
  q: filterText.optional().describe('Part of the name or e-mail address, or the whole Clerk id'),
  status: z.enum(['active', 'disabled', 'deleted']).optional(),
  ...pageFields,
});

export const createUserSchema = z.strictObject({
  clerkId: clerkIdSchema,
  email: z.email().max(320).toLowerCase().nullable().default(null),
  fullName: lineSchema(200).nullable().default(null),
  maxConcurrentBots: limitValue.default(null),
  maxBotMinutesPerMonth: limitValue.default(null),
});

export const changeUserSchema = z
  .strictObject({
    disabled: z.boolean().optional(),
    maxConcurrentBots: limitValue.optional(),
    maxBotMinutesPerMonth: limitValue.optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: 'Expected at least one field to change',
  });

/** Whom a number stands for. */
const namedUserSchema = z
  .object({ fullName: z.string().nullable(), email: z.string().nullable() })
  .meta({ id: 'NamedUser' });
export type NamedUser = z.infer<typeof namedUserSchema>;

export const adminMeetingSchema = z
  .object({
    id: z.int(),
    userId: z.int(),
    user: namedUserSchema,
    platform: meetingPlatformSchema,
    source: z.enum(['bot', 'recorder', 'upload']),
    status: meetingStatusSchema,
    botStatus: botStatusSchema,
    reason: endReasonSchema.nullable(),
    attempts: z.int(),
    actualStart: moment.nullable(),
    actualEnd: moment.nullable(),
    deletedAt: moment.nullable(),
    createdAt: moment,
    workflowUrl: z.url().describe('The meeting’s story in the Temporal Web UI'),
  })
  .meta({ id: 'AdminMeeting' });
export type AdminMeeting = z.infer<typeof adminMeetingSchema>;
export const adminMeetingListSchema = z.object({
  meetings: z.array(adminMeetingSchema),
  nextCursor: z.string().nullable(),
});

export const listAllMeetingsQuerySchema = z.strictObject({
  userId: queryId.optional(),
  status: meetingStatusSchema.optional(),
  when: z.literal('live').optional().describe('Those that are joining, live or processing'),
  ...pageFields,
});

const LONGEST_RANGE_DAYS = 92;
const DAY_MS = 24 * 3_600_000;

interface Range {
  from?: string | undefined;
  to?: string | undefined;
}

/** The days asked for; by default those of this month so far, by UTC. */
export function settleRange({ from, to }: Range, now: Date): { from: string; to: string } {
  const today = now.toISOString().slice(0, 10);
  const until = to ?? (from !== undefined && from > today ? from : today);
  return { from: from ?? `${until.slice(0, 7)}-01`, to: until };
}

const day = z.iso.date().refine((text) => text >= '2000-01-01' && text < '2200-01-01', {
  message: 'Expected a day of this century or the next',
});
const rangeFields = {
  from: day.optional().describe('First day, by UTC; without it the first of the month'),
  to: day.optional().describe('Last day, by UTC; without it today'),
};

function isShortRange(range: Range): boolean {
  const { from, to } = settleRange(range, new Date());
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  return days >= 0 && days < LONGEST_RANGE_DAYS;
}
const rangeMessage = {
  message: `Expected at most ${LONGEST_RANGE_DAYS} days, the first not after the last`,
  path: ['from'],
};

export const ownUsageQuerySchema = z.strictObject(rangeFields).refine(isShortRange, rangeMessage);
export const usageQuerySchema = z
  .strictObject({ ...rangeFields, userId: queryId.optional(), ...pageFields })
  .refine(isShortRange, rangeMessage);

const figures = {
  day: z.iso.date(),
  botMinutes: z.number().describe('From launch to end; bots at the same time add up'),
  audioSeconds: z.number().describe('Audio that bots delivered'),
  whisperSeconds: z.number().describe('Audio that was transcribed, each chunk once'),
  whisperCost: z
    .number()
    .nullable()
    .describe('By WHISPER_COST_PER_SECOND; null where that is not set'),
  inputTokens: z.int(),
  outputTokens: z.int(),
};

export const usageListSchema = z.object({
  usage: z.array(z.object({ userId: z.int(), user: namedUserSchema, ...figures })),
  nextCursor: z.string().nullable().describe('Pages are by users, from the newest on'),
});

export const ownUsageSchema = z.object({
  days: z.array(z.object(figures)),
  botsNow: z.int().describe('Meetings with a bot, or asked for one'),
  botMinutesThisMonth: z.number(),
  limits: z.object({
    maxConcurrentBots: z.int().nullable(),
    maxBotMinutesPerMonth: z.int().nullable(),
  }),
});
export type OwnUsage = z.infer<typeof ownUsageSchema>;

const actorKind = z.enum(['session', 'api_key', 'oauth', 'admin', 'clerk', 'share', 'system']);

export const auditEntrySchema = z
  .object({
    id: z.int(),
    at: moment,
    action: z.string(),
    actorKind,
    actorId: z.string().describe('Clerk’s user id, or the id of the key, link or message'),
    userId: z.int().nullable(),
    user: namedUserSchema.nullable().describe('Null for nobody, or somebody who was deleted'),
    meetingId: z.int().nullable(),
    address: z.string().nullable(),
    requestId: z.string(),
    status: z.int().nullable().describe('Null: never answered'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof auditEntrySchema>;
export const auditListSchema = z.object({
  entries: z.array(auditEntrySchema),
  nextCursor: z.string().nullable(),
});

/** PostgreSQL knows no year 0. */
const pastMoment = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0, { message: 'Expected a moment since 1970' });

const ownAuditFields = {
  meetingId: queryId.optional(),
  actorKind: actorKind.optional(),
  action: filterText.optional(),
  since: pastMoment.optional(),
  until: pastMoment.optional(),
  ...pageFields,
};
export const ownAuditQuerySchema = z.strictObject(ownAuditFields);
export const auditQuerySchema = z.strictObject({
  ...ownAuditFields,
  userId: queryId.optional(),
  actorId: filterText.optional(),
});

export const syncBodySchema = z
  .looseObject({})
  .describe('An event of Clerk as it is, or a user: `clerkId`, `email`, `fullName`, `avatarUrl`');

export const adminStopSchema = z.object({ id: z.int(), workflowUrl: z.url() });
