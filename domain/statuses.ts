import { z } from 'zod';

/** Where a meeting stands. Written only by `meetingWorkflow` through its activities. */
export const meetingStatusSchema = z
  .enum([
    'created',
    'scheduled',
    'joining',
    'live',
    'processing',
    'completed',
    'failed',
    'cancelled',
  ])
  .meta({ id: 'MeetingStatus' });
export type MeetingStatus = z.infer<typeof meetingStatusSchema>;

/** Where the meeting's current bot stands. */
export const botStatusSchema = z
  .enum([
    'none',
    'launching',
    'joining',
    'waiting_room',
    'in_meeting',
    'leaving',
    'ended',
    'failed',
  ])
  .meta({ id: 'BotStatus' });
export type BotStatus = z.infer<typeof botStatusSchema>;

/** In the order an attempt goes through them. */
const BOT_STATUS_ORDER: readonly BotStatus[] = botStatusSchema.options;

/** True when `next` is a step forward for one attempt; a late or repeated report is not. */
export function isBotStatusAdvance(current: BotStatus, next: BotStatus): boolean {
  if (isBotStatusTerminal(current)) return false;
  return BOT_STATUS_ORDER.indexOf(next) > BOT_STATUS_ORDER.indexOf(current);
}

/** True for the two states after which an attempt never changes again. */
export function isBotStatusTerminal(status: BotStatus): boolean {
  return status === 'ended' || status === 'failed';
}

/** True while a meeting may still receive audio or has work in flight. */
export function isMeetingActive(status: MeetingStatus): boolean {
  return status === 'joining' || status === 'live' || status === 'processing';
}
