import type { Schemas } from 'meetings-client';
import { meetings } from '@/strings/meetings';

/** What decides how a meeting is spoken of: a bot hears it, a browser records it, or it is a file. */
export type Standing = Pick<Schemas['Meeting'], 'source' | 'status' | 'botStatus' | 'message'>;

type Stage = Pick<Standing, 'source' | 'status'>;

/** Whether something goes on; without a bot it does from the first moment. */
export function isUnderWay({ source, status }: Stage): boolean {
  if (status === 'created') return source !== 'bot';
  return status === 'joining' || status === 'live' || status === 'processing';
}

/** A meeting's state in a word or two. */
export function nameState({ source, status }: Stage): string {
  if (source !== 'bot' && isUnderWay({ source, status })) {
    const names: Partial<Record<Stage['status'], string>> = meetings.statusOf[source];
    return names[status] ?? meetings.status[status];
  }
  return meetings.status[status];
}

/** What there is to know of a state beyond its name; empty where that says it all. */
export function describeState({ source, status, botStatus, message }: Standing): string {
  if (!isUnderWay({ source, status })) return message ?? '';
  if (source === 'upload') return '';
  if (status === 'processing') return meetings.finishing;
  return source === 'bot' ? meetings.botStatus[botStatus] : '';
}

/** What a list says of a state: of what ended as it should, the name is enough. */
export function findReason(standing: Standing): string | null {
  return standing.status === 'completed' ? null : describeState(standing) || null;
}

/** What stands in place of words that are not there. */
export type EmptyState =
  | 'none'
  | 'planned'
  | 'joining'
  | 'listening'
  | 'recording'
  | 'sending'
  | 'transcribing'
  | 'finishing'
  | 'silent'
  | 'cancelled'
  | 'failed';

/** Why no words are there. */
export function findEmptyState({ source, status, botStatus }: Standing): EmptyState {
  switch (status) {
    case 'created':
      return source === 'bot' ? 'none' : source === 'upload' ? 'sending' : 'recording';
    case 'scheduled':
      return 'planned';
    case 'joining':
      return 'joining';
    case 'live':
      if (source === 'recorder') return 'recording';
      if (botStatus === 'leaving' || botStatus === 'ended') return 'finishing';
      return botStatus === 'in_meeting' ? 'listening' : 'joining';
    case 'processing':
      return source === 'upload' ? 'transcribing' : 'finishing';
    case 'completed':
      return 'silent';
    case 'cancelled':
    case 'failed':
      return status;
  }
}
