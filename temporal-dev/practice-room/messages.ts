import { z } from 'zod';

/** What a page sends over its socket. Ids are made by the page so that it can come back as itself. */
export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('join'),
    participantId: z.string().regex(/^[a-z0-9-]{8,64}$/),
    /** Everyone sees the id; only this lets a page come back as it. */
    secret: z.string().regex(/^[a-z0-9-]{32,64}$/),
    name: z.string().trim().min(1).max(80),
    muted: z.boolean(),
    wantsWaitingRoom: z.boolean(),
    /** Sent when the page comes back: what it was before the socket broke. */
    resume: z.strictObject({ isHost: z.boolean(), isAdmitted: z.boolean() }).optional(),
  }),
  z.strictObject({ type: z.literal('leave') }),
  z.strictObject({ type: z.literal('mute'), muted: z.boolean() }),
  z.strictObject({ type: z.literal('chat'), text: z.string().trim().min(1).max(2000) }),
  z.strictObject({ type: z.literal('signal'), to: z.string().max(64), data: z.unknown() }),
  z.strictObject({ type: z.literal('admit'), participantId: z.string().max(64) }),
  z.strictObject({ type: z.literal('refuse'), participantId: z.string().max(64) }),
  z.strictObject({ type: z.literal('remove'), participantId: z.string().max(64) }),
  z.strictObject({ type: z.literal('set-waiting-room'), isOn: z.boolean() }),
  z.strictObject({ type: z.literal('end') }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

export interface ParticipantView {
  id: string;
  name: string;
  isHost: boolean;
  muted: boolean;
  isConnected: boolean;
}

export type ServerMessage =
  | { type: 'waiting' }
  | {
      type: 'room';
      selfId: string;
      participants: ParticipantView[];
      waiting: { id: string; name: string }[];
      waitingRoomIsOn: boolean;
    }
  | { type: 'chat'; id: string; fromId: string; fromName: string; text: string; atMs: number }
  | { type: 'signal'; from: string; data: unknown }
  | { type: 'closed'; why: 'refused' | 'removed' | 'ended' | 'replaced' };
