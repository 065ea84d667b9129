import { z } from 'zod';
import { botStatusSchema } from './statuses';
import { endReasonSchema } from './end-reasons';
import { leavePolicySchema } from './leave-policy';
import { platformSchema } from './platforms';

/**
 * The contract between a bot and the API: paths under `/bot/v1`, a bearer token per attempt.
 * Every moment is epoch milliseconds of the server's clock as the bot estimates it; `startMs` and
 * `endMs` count from the first attempt's `in_meeting` (`clockOriginMs`).
 */
export const BOT_API_PREFIX = '/bot/v1';

/** Largest accepted audio chunk: 1 MiB is 32 s of 16 kHz mono 16-bit. */
export const MAX_CHUNK_BYTES = 1024 * 1024;

/** Sample rate of every chunk, in hertz: what Whisper itself works at. */
export const CHUNK_SAMPLE_RATE_HZ = 16_000;

/** How often a bot says that it is alive, in milliseconds. */
export const BOT_HEARTBEAT_INTERVAL_MS = 3_000;

/** `GET /bot/v1/assignment`: all a bot needs to know, so that links never stand in a Job's spec. */
export const botAssignmentSchema = z.object({
  meetingId: z.int(),
  attempt: z.int().min(1),
  platform: platformSchema,
  joinUrl: z.url(),
  passcode: z.string().nullable(),
  botName: z.string(),
  language: z.string().nullable(),
  leavePolicy: leavePolicySchema,
  /** Null until an attempt has been in the meeting. */
  clockOriginMs: z.number().nullable(),
  serverTimeMs: z.number(),
});
export type BotAssignment = z.infer<typeof botAssignmentSchema>;

/** `GET /bot/v1/time`: for measuring the offset to the server's clock. */
export const botTimeSchema = z.object({ serverTimeMs: z.number() });

/** PostgreSQL's largest integer: 24 days. */
const LARGEST_OFFSET_MS = 2_147_483_647;
/** The year 2100: what lies beyond is no clock of ours. */
const LARGEST_MOMENT_MS = 4_102_444_800_000;

/** Headers of `PUT /bot/v1/chunks/:track/:seq`; the body is a WAV file, 16 kHz mono 16-bit. */
export const chunkHeadersSchema = z.object({
  'x-chunk-start-ms': z.coerce.number().int().min(0).max(LARGEST_OFFSET_MS),
  'x-chunk-end-ms': z.coerce.number().int().min(1).max(LARGEST_OFFSET_MS),
  'x-chunk-captured-at': z.coerce.number().int().min(1).max(LARGEST_MOMENT_MS),
  'x-chunk-sha256': z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 lower-case hex digits'),
  'x-chunk-participant': z.string().max(400).optional(),
});
export type ChunkHeaders = z.infer<typeof chunkHeadersSchema>;

/** Path of a chunk: the track is one source of sound in one attempt, `seq` counts from 1 in it. */
export const chunkPathSchema = z.object({
  track: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'Expected 1 to 80 letters, digits, _ or -'),
  seq: z.coerce.number().int().min(1).max(10_000_000),
});

/** Answer to a chunk, also when it had arrived before. */
export const chunkReceiptSchema = z.object({
  chunkId: z.int(),
  status: z.enum(['accepted', 'already_accepted']),
});

const moment = z.number().min(0).max(LARGEST_MOMENT_MS);

/** `POST /bot/v1/reports`. `reportSeq` counts from 1 per attempt and makes a repeat harmless. */
export const botReportSchema = z.strictObject({
  reportSeq: z.int().min(1),
  state: botStatusSchema.exclude(['none', 'launching']),
  atMs: moment,
  reason: endReasonSchema.optional(),
  /** For operators: what was seen, without names or text of the meeting. */
  detail: z.string().max(2000).optional(),
  /** With a terminal report: the highest seq sent per track, 0 for none. */
  lastSeqs: z.record(z.string(), z.int().min(0)).optional(),
});
export type BotReport = z.infer<typeof botReportSchema>;

/** Answer to a report; `clockOriginMs` is set from the first `in_meeting` on. */
export const botReportReceiptSchema = z.object({
  clockOriginMs: z.number().nullable(),
});

/** `POST /bot/v1/heartbeat`. Counters are totals of this attempt. */
export const botHeartbeatSchema = z.strictObject({
  atMs: moment,
  spooledChunks: z.int().min(0),
  acknowledgedChunks: z.int().min(0),
  cpuSeconds: z.number().min(0).optional(),
  memoryBytes: z.int().min(0).optional(),
});
export type BotHeartbeat = z.infer<typeof botHeartbeatSchema>;

const participantChangeSchema = z.strictObject({
  /** The platform's id of the person in this call; percent-encoded where it stands in a header. */
  key: z.string().min(1).max(400),
  name: z.string().max(400).nullable(),
  change: z.enum(['joined', 'left', 'renamed']),
  isHost: z.boolean().optional(),
  isBot: z.boolean().optional(),
  atMs: moment,
});
export type ParticipantChange = z.infer<typeof participantChangeSchema>;

/** `POST /bot/v1/participants`: changes in the order they happened; a repeat changes nothing. */
export const botParticipantsSchema = z.strictObject({
  changes: z.array(participantChangeSchema).min(1).max(500),
});

/** `POST /bot/v1/chat`: a chat message seen in the meeting. `key` makes a repeat harmless. */
export const botChatSchema = z.strictObject({
  key: z.string().min(1).max(400),
  from: z.string().max(400).nullable(),
  text: z.string().max(10_000),
  atMs: moment,
});
export type BotChatMessage = z.infer<typeof botChatSchema>;

/** `GET /bot/v1/commands?after&wait`: commands with `seq > after`, waiting up to `wait` seconds. */
export const botCommandsQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  wait: z.coerce.number().int().min(0).max(25).default(0),
});

export const botCommandSchema = z.object({
  seq: z.int().min(1),
  command: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('leave'), reason: endReasonSchema }),
    z.object({ kind: z.literal('send_chat'), text: z.string() }),
  ]),
});
export type BotCommand = z.infer<typeof botCommandSchema>;
export const botCommandsSchema = z.object({
  commands: z.array(botCommandSchema),
});

/** Exit codes of the bot's process, read by the launchers. */
export const BOT_EXIT_CODES = {
  /** A terminal report was acknowledged. */
  reported: 0,
  /** The terminal report could not be delivered. */
  unreported: 1,
  /** Settings are missing or wrong. */
  misconfigured: 2,
  /** The API refused the token or said that a newer attempt took over. */
  superseded: 3,
} as const;
