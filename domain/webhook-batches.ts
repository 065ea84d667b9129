import type { MeetingEvent } from './events';
import { isWanted, toWebhookType, type WebhookType } from './webhooks';

/** Segments that one message carries at most. */
export const LARGEST_BATCH = 100;

/** The next step through a meeting's log: a message to send, or events that nobody wants. */
export type NextStep =
  | { kind: 'send'; type: WebhookType; events: [MeetingEvent, ...MeetingEvent[]] }
  | { kind: 'skip'; throughSeq: number }
  | { kind: 'nothing' };

/**
 * What to do with the log's next events, in the order of their seq. Segments that follow each other
 * make one message; every other event is a message of its own.
 */
export function takeNextStep(
  events: readonly MeetingEvent[],
  filter: readonly string[] | null,
): NextStep {
  const typeOf = (event: MeetingEvent): WebhookType | null => {
    const type = toWebhookType(event.event);
    return type !== null && isWanted(type, filter) ? type : null;
  };
  const firstWanted = events.findIndex((event) => typeOf(event) !== null);
  const skipped = events.slice(0, firstWanted === -1 ? events.length : firstWanted).at(-1);
  if (skipped) return { kind: 'skip', throughSeq: skipped.seq };
  const [first, ...rest] = events;
  const type = first && typeOf(first);
  if (!first || !type) return { kind: 'nothing' };
  if (type !== 'transcript.segment') return { kind: 'send', type, events: [first] };
  const end = rest.findIndex((event) => typeOf(event) !== type);
  const following = rest.slice(0, end === -1 ? rest.length : end);
  return { kind: 'send', type, events: [first, ...following.slice(0, LARGEST_BATCH - 1)] };
}

/**
 * The id of a message: the same for the same endpoint and stretch of the log, whoever sends it and
 * how often. A segment that is corrected between two attempts leaves the message, not its stretch.
 */
export function makeMessageId(
  endpointId: number,
  stretch: { meetingId: number; fromSeq: number; throughSeq: number },
): string {
  const { meetingId, fromSeq, throughSeq } = stretch;
  const seqs = fromSeq === throughSeq ? `${throughSeq}` : `${fromSeq}-${throughSeq}`;
  return `msg_${endpointId}_${meetingId}_${seqs}`;
}
