import type { EndReason } from '../../domain/end-reasons';
import { bots } from './bots';

const { leave, leaveFields } = bots;
const raise = (field: keyof typeof leaveFields): string =>
  `raise “${leaveFields[field]}” under “${leave}” when you make a meeting, or in your settings`;

const own: Partial<Record<EndReason, string>> = {
  nobody_joined: `Start the bot when the meeting begins, or ${raise('nobodyJoinedSeconds')}.`,
  waiting_room_timeout: `Somebody in the call must admit the bot. Start it again when they are there, or ${raise('waitingRoomSeconds')}.`,
  meeting_not_started: `Start the bot when the host is there. Where the platform lets it wait before that, ${raise('waitingRoomSeconds')}.`,
  time_limit: `If meetings are meant to last longer, ${raise('longestMeetingSeconds')}.`,
  silence: `If long silences are part of the meeting, ${raise('silenceSeconds')}.`,
  start_missed:
    'Start the bot by hand if the meeting still goes on. Whoever runs this installation can let bots start later.',
  never_reported:
    'Start the bot again. If it happens once more, whoever runs this installation finds the cause in the bot’s log.',
  join_token_failed:
    'Check that the address that hands out join tokens for this meeting answers within 10 seconds.',
  recorder_lost: 'Finish recordings on their page, and keep it open until all is sent.',
  not_audio: 'Upload a WAV, MP3, M4A, OGG, FLAC, WebM or MP4 file with sound in it.',
  audio_too_long: 'Cut the file into parts of at most 4 hours.',
  decoding_failed: 'Convert the file to MP3 or WAV and upload it again.',
  upload_abandoned: 'Upload the file again.',
};

/** What helps, in the words of the page’s forms where the API names its fields; else the API’s own. */
export function tellRemedy(reason: EndReason | null, fallback: string | null): string | null {
  return (reason && own[reason]) ?? fallback;
}
