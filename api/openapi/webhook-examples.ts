import type { WebhookType } from '../../domain/webhooks';
import { CREATED_AT, EXAMPLES } from '../operations/examples';

const { Analysis, Meeting, Segment } = EXAMPLES;
const { title, platform, meetingUrl, scheduledStart, actualStart, actualEnd } = Meeting;

const nothing = { reason: null, message: null };
const participant = { id: 7, name: 'Jonas' };

/** What each type says besides its meeting and place. */
const DATA: Record<WebhookType, object> = {
  'meeting.created': nothing,
  'meeting.scheduled': nothing,
  'meeting.planned': { scheduledStart: '2026-01-02T08:00:00.000Z' },
  'meeting.joining': nothing,
  'meeting.live': nothing,
  'meeting.processing': nothing,
  'meeting.completed': { reason: 'meeting_ended', message: 'The meeting was ended by its host.' },
  'meeting.failed': { reason: 'join_denied', message: 'The host did not let the bot in.' },
  'meeting.cancelled': nothing,
  'bot.status': { attempt: 1, status: 'in_meeting', ...nothing },
  'bot.pickup_delayed': {
    attempt: 1,
    reason: null,
    queuePlace: 2,
    message: 'One other bot is to be started before this one.',
  },
  'bot.command': { commandId: 5, kind: 'send_chat', status: 'done', detail: null },
  'transcript.segment': { segments: [{ ...Segment, corrected: false }] },
  'transcript.gap': { startMs: 70_000, endMs: 80_000, attempt: 1, reason: 'crashed' },
  'transcript.chunk_failed': { startMs: 90_000, endMs: 98_000, reason: 'Whisper gave no answer' },
  'transcript.ready': { version: 1, segments: 412 },
  'analysis.ready': { run: 1, provider: 'local', model: null, content: Analysis.content },
  'analysis.failed': { run: 1, error: 'The model gave no answer' },
  'recording.ready': { url: '/api/meetings/42/recording', bytes: 7_340_032, durationMs: 1_835_000 },
  'recording.failed': {},
  'participant.joined': { participant },
  'participant.left': { participant },
  'participant.renamed': { participant },
  'chat.message': { from: 'Jonas', text: 'The draft is in the folder.' },
};

/** A whole message of this type. */
export function makeWebhookExample(type: WebhookType): object {
  const meeting = { title, platform, meetingUrl, scheduledStart, actualStart, actualEnd };
  const data = { meetingId: Meeting.id, seq: Segment.seq, meeting, ...DATA[type] };
  return { id: `msg_3_${Meeting.id}_${Segment.seq}`, type, timestamp: CREATED_AT, data };
}
