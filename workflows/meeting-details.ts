import { describeEndReason } from '../domain/end-reasons';
import type { MeetingState } from './meeting-state';

const STATUS_WORDS: Record<MeetingState['status'], string> = {
  created: 'is waiting for somebody to ask for a bot',
  scheduled: 'is planned',
  joining: 'is being joined',
  live: 'is being heard',
  processing: 'is over; its last words are being transcribed',
  completed: 'is over and fully transcribed',
  failed: 'could not be joined',
  cancelled: 'was stopped before the bot heard anything, or was cancelled',
};

const STATUS_WORDS_WITHOUT_BOT: Partial<typeof STATUS_WORDS> = {
  live: 'is being recorded in a browser',
  failed: 'could not be heard',
  cancelled: 'was cancelled',
};

/** Markdown for the Web UI that tells an operator in words what is going on. */
export function describeForOperators(meeting: MeetingState): string {
  const { input, reason, chunks } = meeting;
  const lines = [
    `### Meeting ${input.meetingId} ${describeStatus(meeting)}`,
    '',
    ...describeSource(meeting),
    `- **Since:** ${new Date(meeting.decidedAtMs).toISOString()}`,
    `- **Next:** ${meeting.next}`,
  ];
  if (reason !== null) lines.push(`- **Reason:** ${describeEndReason(reason)} (\`${reason}\`)`);
  if (chunks !== null) {
    lines.push(
      `- **Audio chunks:** ${chunks.done} transcribed, ${chunks.pending} pending, ${chunks.failed} failed`,
    );
  }
  if (meeting.missingChunks > 0) {
    lines.push(`- **Lost:** ${meeting.missingChunks} chunks the bot had named never arrived`);
  }
  return lines.join('\n');
}

function describeStatus({ input, status }: MeetingState): string {
  const words = input.source === undefined ? undefined : STATUS_WORDS_WITHOUT_BOT[status];
  return words ?? STATUS_WORDS[status];
}

function describeSource(meeting: MeetingState): string[] {
  const { input, percent } = meeting;
  if (input.source === undefined) {
    return [`- **Platform:** ${input.platform}`, `- **Bot:** ${describeBot(meeting)}`];
  }
  const source = `- **Source:** ${input.source}`;
  return percent === null ? [source] : [source, `- **Progress:** ${percent} %`];
}

function describeBot({ attempt, botStatus }: MeetingState): string {
  const state = botStatus.replaceAll('_', ' ');
  return attempt === null ? state : `${state} (attempt ${attempt})`;
}
