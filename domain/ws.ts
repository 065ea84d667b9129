import { z } from 'zod';
import { meetingEventSchema } from './events';

/** The WebSocket at `/ws`: frames are JSON texts, told apart by `type`. */

const meetingId = z.int().min(1).max(2_147_483_647);

/**
 * What a client sends. `auth` comes first, within 5 s, and again before the token expires; the
 * token is a session's or an API key with the scope `transcripts:read`.
 */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().min(1).max(8_192) }),
  z.strictObject({
    type: z.literal('subscribe'),
    meetingId,
    /** The last seq the client has; 0 replays from the beginning. */
    after: z.int().min(0).max(2_147_483_647).default(0),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), meetingId }),
  z.strictObject({ type: z.literal('ping') }),
  z.strictObject({ type: z.literal('pong') }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** What the server sends. Events of one meeting come in seq order, each once per subscription. */
export const serverFrameSchema = z.discriminatedUnion('type', [
  /** Null for an API key that does not expire. */
  z.object({ type: z.literal('ready'), expiresAt: z.iso.datetime().nullable() }),
  z.object({ type: z.literal('subscribed'), meetingId, after: z.int() }),
  z.object({
    type: z.literal('unsubscribed'),
    meetingId,
    reason: z.enum(['asked', 'meeting_deleted']),
  }),
  meetingEventSchema.extend({ type: z.literal('event'), meetingId }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
  z.object({
    type: z.literal('error'),
    error: z.object({ code: z.string(), message: z.string() }),
    meetingId: meetingId.optional(),
  }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

/** Close codes with the reason text that goes with each. */
export const WS_CLOSE = {
  shuttingDown: { code: 1012, reason: 'restarting: reconnect with your last seq' },
  badFrame: { code: 4400, reason: 'bad frame' },
  unauthorised: { code: 4401, reason: 'unauthorised' },
  scopeMissing: { code: 4403, reason: 'the API key lacks the scope transcripts:read' },
  revoked: {
    code: 4410,
    reason: 'the API key was revoked or expired, or the user may not use the API',
  },
  tooMany: { code: 4429, reason: 'too many sockets, sign-ins or requests: try again later' },
  tooSlow: { code: 4408, reason: 'too slow: reconnect with your last seq' },
} as const;
export type WsClose = (typeof WS_CLOSE)[keyof typeof WS_CLOSE];
