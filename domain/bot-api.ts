import { z } from 'zod';
import { botStatusSchema } from './statuses';
import { endReasonSchema } from './end-reasons';
import { gapReasonSchema } from './events';
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
  /** Written into the chat once the bot is in; null for none, or once an attempt has written it. */
  entryMessage: z.string().nullable(),
  isRecorded: z.boolean(),
  /** The bot signs in: `GET /bot/v1/identity` has its stored browser state. */
  hasIdentity: z.boolean(),
  /** A token of the platform is to be asked for by `POST /bot/v1/join-token` before joining. */
  needsJoinToken: z.boolean(),
  /** An earlier attempt was in the call with others until just now. */
  isRejoin: z.boolean().default(false),
  /** Null until an attempt has been in the meeting. */
  clockOriginMs: z.number().nullable(),
  serverTimeMs: z.number(),
});
export type BotAssignment = z.infer<typeof botAssignmentSchema>;

/** `GET /bot/v1/time`: for measuring the offset to the server's clock. */
export const botTimeSchema = z.object({ serverTimeMs: z.number() });

/** PostgreSQL's largest integer. */
const LARGEST_REPORT_SEQ = 2_147_483_647;
/** The same in milliseconds: 24 days. */
const LARGEST_OFFSET_MS = 2_147_483_647;
/** The year 2100: what lies beyond is no clock of ours. */
const LARGEST_MOMENT_MS = 4_102_444_800_000;

/**
 * Who was heard in a chunk of mixed sound, and when: what makes attribution possible afterwards.
 * `source` is stable within an attempt: a participant's key, or the platform's number of a
 * contributing source whose person may become known later. Times are milliseconds from the chunk's
 * start; spans of different sources may overlap.
 */
export const soundSpanSchema = z.strictObject({
  source: z.string().min(1).max(400),
  startMs: z.int().min(0),
  endMs: z.int().min(0),
});
export type SoundSpan = z.infer<typeof soundSpanSchema>;
export const soundSpansSchema = z.array(soundSpanSchema).max(200);

/** Headers of `PUT /bot/v1/chunks/:track/:seq`; the body is a WAV file, 16 kHz mono 16-bit. */
export const chunkHeadersSchema = z.object({
  'x-chunk-start-ms': z.coerce.number().int().min(0).max(LARGEST_OFFSET_MS),
  'x-chunk-end-ms': z.coerce.number().int().min(1).max(LARGEST_OFFSET_MS),
  'x-chunk-captured-at': z.coerce.number().int().min(1).max(LARGEST_MOMENT_MS),
  'x-chunk-sha256': z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 lower-case hex digits'),
  /** The one person this track belongs to; percent-encoded. */
  'x-chunk-participant': z.string().max(3_600).optional(),
  /** For mixed sound: `soundSpansSchema` as JSON, percent-encoded. */
  'x-chunk-spans': z.string().max(12_000).optional(),
});

/** Headers of a recorder's chunk: one person's or one room's sound, with no sources to tell apart. */
export const recordedChunkHeadersSchema = chunkHeadersSchema.omit({ 'x-chunk-spans': true });

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
  reportSeq: z.int().min(1).max(LARGEST_REPORT_SEQ),
  state: botStatusSchema.exclude(['none', 'launching']),
  atMs: moment,
  reason: endReasonSchema.optional(),
  /** For operators: what was seen, without names or text of the meeting. */
  detail: z.string().max(2000).optional(),
  /** How sure the bot is of `reason`: two independent signs, one, or none. */
  confidence: z.enum(['certain', 'likely', 'unknown']).optional(),
  /** Names of the signs seen on the page, from the platform's table. */
  signs: z.array(z.string().max(60)).max(40).optional(),
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
  /** How long ago the meeting page last answered; absent while there is no page. */
  pageSilentMs: z.int().min(0).optional(),
  /** Sound heard so far over all tracks, in milliseconds, and what was wrong with it. */
  heardMs: z.int().min(0).optional(),
  zeroRunMs: z.int().min(0).optional(),
  clippedSamples: z.int().min(0).optional(),
  /** The bot has declared itself in the chat: no later attempt does it again. */
  hasSentEntryMessage: z.boolean().optional(),
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

/**
 * `POST /bot/v1/sources`: which person a contributing source turned out to be. Segments of the
 * source that were written without a speaker are corrected.
 */
export const botSourcesSchema = z.strictObject({
  bindings: z
    .array(
      z.strictObject({
        source: z.string().min(1).max(400),
        participantKey: z.string().min(1).max(400),
      }),
    )
    .min(1)
    .max(200),
});
export type SourceBinding = z.infer<typeof botSourcesSchema>['bindings'][number];

/** `POST /bot/v1/gaps`: a stretch the bot could not hear. `key` makes a repeat harmless. */
export const botGapSchema = z.strictObject({
  key: z.string().min(1).max(100),
  startAtMs: moment,
  endAtMs: moment,
  reason: gapReasonSchema,
});
export type BotGap = z.infer<typeof botGapSchema>;

/** Largest piece of evidence, in bytes: a screenshot of a full page. */
export const MAX_EVIDENCE_BYTES = 2 * 1024 * 1024;

/** `PUT /bot/v1/evidence/:name`: what a failed join looked like; the same name replaces it. */
export const EVIDENCE_TYPES = {
  'screenshot.png': 'image/png',
  'page.html': 'text/html',
  'console.txt': 'text/plain',
  'seen.json': 'application/json',
} as const;
export type EvidenceName = keyof typeof EVIDENCE_TYPES;
export const evidenceNameSchema = z.enum(
  Object.keys(EVIDENCE_TYPES) as [EvidenceName, ...EvidenceName[]],
);

/** Largest part of a recording, in bytes: 15 s of Opus are well below. */
export const MAX_RECORDING_PART_BYTES = 1024 * 1024;

/** Path of a part: `seq` counts from 1 in one attempt. */
export const recordingPartPathSchema = z.object({
  seq: z.coerce.number().int().min(1).max(1_000_000),
});

/** Headers of `PUT /bot/v1/recording/:seq`: one part of the attempt's WebM stream, in order from 1. */
export const recordingPartHeadersSchema = z.object({
  /** Server time of the first and after the last sample of this part. */
  'x-part-start-at': z.coerce.number().int().min(1).max(LARGEST_MOMENT_MS),
  'x-part-end-at': z.coerce.number().int().min(1).max(LARGEST_MOMENT_MS),
  'x-part-sha256': z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 lower-case hex digits'),
});

/** `GET /bot/v1/identity`: Playwright's storage state of the identity. */
export const botIdentityStateSchema = z.object({ storageState: z.unknown() });

/** `POST /bot/v1/join-token`: the platform's token, fetched from the meeting's callback address now. */
export const botJoinTokenSchema = z.object({ token: z.string() });

/** `GET /bot/v1/commands?after&wait`: commands with `seq > after`, waiting up to `wait` seconds. */
export const botCommandsQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
  wait: z.coerce.number().int().min(0).max(25).default(0),
});

export const botCommandSchema = z.object({
  seq: z.int().min(1),
  command: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('leave'), reason: endReasonSchema }),
    z.object({ kind: z.literal('send_chat'), text: z.string() }),
    /** `GET /bot/v1/speech/:speechId` has the sound as WAV. */
    z.object({ kind: z.literal('speak'), speechId: z.uuid() }),
    z.object({ kind: z.literal('stop_speaking') }),
  ]),
});
export type BotCommand = z.infer<typeof botCommandSchema>;
export const botCommandsSchema = z.object({
  commands: z.array(botCommandSchema),
});

/** `POST /bot/v1/commands/:seq/ack`. An empty body means `done`. */
export const botCommandAckSchema = z.strictObject({
  status: z.enum(['done', 'failed']).default('done'),
  detail: z.string().max(500).optional(),
});
export type BotCommandAck = z.infer<typeof botCommandAckSchema>;

/** Path of a command's beginning (`POST /bot/v1/commands/:seq/begin`) and acknowledgement. */
export const botCommandPathSchema = z.object({
  seq: z.coerce.number().int().min(1).max(2_147_483_647),
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
