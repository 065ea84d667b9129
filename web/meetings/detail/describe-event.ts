import type { MeetingEvent } from '../../../domain/events';
import { panels } from '@/strings/meeting-panels';
import { meetings } from '@/strings/meetings';
import type { Meeting } from '../queries';
import { nameState } from '../states';
import { formatMoment } from '../times';

const words = panels.timeline;

const withReason = (text: string, message: string | null): string =>
  message === null ? text : `${text}. ${message}`;

/** An event of the timeline as a sentence; null for what is shown elsewhere, or not known yet. */
export function describeEvent(
  event: MeetingEvent['event'],
  source: Meeting['source'],
): string | null {
  switch (event.type) {
    case 'meeting.status':
      return withReason(nameState({ source, status: event.status }), event.message);
    case 'bot.status':
      return withReason(meetings.botStatus[event.status], event.message);
    case 'bot.pickup_delayed':
      return event.message;
    case 'meeting.planned':
      return event.scheduledStart === null
        ? words.unplanned
        : words.planned(formatMoment(event.scheduledStart));
    case 'participant.joined':
      return words.joined(event.participant.name ?? words.somebody);
    case 'participant.left':
      return words.leftCall(event.participant.name ?? words.somebody);
    case 'participant.renamed':
      return words.renamed(event.participant.name ?? words.somebody);
    case 'gap':
      return words.gap;
    case 'chunk.failed':
      return words.chunkFailed;
    case 'command.status':
      return words.command[event.status][event.kind];
    case 'recording.status':
      return words.recording[event.status];
    case 'transcript.ready':
      return words.transcriptReady(event.segments);
    case 'analysis.status':
      return words.analysisStatus[event.status];
    default:
      return null;
  }
}
