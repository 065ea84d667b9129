import { z } from 'zod';

interface EndReasonFacts {
  /** The sentence people read. */
  sentence: string;
  /** Whether another attempt in the same meeting can help. */
  relaunch: boolean;
  /** What the host, or whoever runs this installation, can do about it; absent where nothing is wrong. */
  remedy?: string;
}

/**
 * Why an attempt of a bot, and with it perhaps the meeting, ended. Clients must expect new codes.
 * `relaunch` is true where the cause lies with us or the machine, never where a person decided.
 */
export const END_REASONS = {
  meeting_ended: {
    sentence: 'The meeting was ended by its host.',
    relaunch: false,
  },
  alone: {
    sentence: 'The bot left because everyone else had left.',
    relaunch: false,
  },
  nobody_joined: {
    sentence: 'The bot left because nobody joined.',
    relaunch: false,
    remedy: 'Start the bot when the meeting begins, or raise nobodyJoinedSeconds.',
  },
  stopped: {
    sentence: 'The bot left because it was asked to stop.',
    relaunch: false,
  },
  stopped_before_admission: {
    sentence: 'The bot was stopped before it was let into the meeting.',
    relaunch: false,
  },
  recording_finished: {
    sentence: 'The recording was finished.',
    relaunch: false,
  },
  recorder_lost: {
    sentence: 'The recorder said nothing for 30 minutes: its page was closed, or lost its network.',
    relaunch: false,
    remedy: 'Finish recordings on their page, and keep it open until all is sent.',
  },
  not_audio: {
    sentence: 'The file holds no sound that could be decoded.',
    relaunch: false,
    remedy: 'Upload a WAV, MP3, M4A, OGG, FLAC, WebM or MP4 file with sound in it.',
  },
  audio_too_long: {
    sentence: 'The file’s sound is longer than 4 hours.',
    relaunch: false,
    remedy: 'Cut the file into parts of at most 4 hours.',
  },
  decoding_failed: {
    sentence: 'The file’s sound could not be decoded within the limits of time and memory.',
    relaunch: false,
    remedy: 'Convert the file to MP3 or WAV and upload it again.',
  },
  upload_cancelled: {
    sentence: 'The upload was cancelled.',
    relaunch: false,
  },
  upload_abandoned: {
    sentence: 'The file never came completely: nothing more of it arrived for a day.',
    relaunch: false,
    remedy: 'Upload the file again.',
  },
  plan_cancelled: {
    sentence: 'The planned meeting was cancelled before a bot was sent.',
    relaunch: false,
  },
  schedule_changed: {
    sentence: 'Its schedule was changed, paused or deleted before a bot was sent.',
    relaunch: false,
  },
  start_missed: {
    sentence:
      'The planned start had passed by too long before a bot could be sent, because the platform was down.',
    relaunch: false,
    remedy: 'Start the bot by hand if the meeting still goes on, or raise LATE_START_SECONDS.',
  },
  limit_reached: {
    sentence: 'No bot was sent: its user had as many bots, or as many bot minutes, as allowed.',
    relaunch: false,
    remedy: 'Stop another bot and start this one by hand, or ask an administrator for more.',
  },
  user_disabled: {
    sentence: 'No bot was sent: an administrator had disabled its user.',
    relaunch: false,
    remedy: 'Ask an administrator to enable the user again.',
  },
  removed: {
    sentence: 'A participant removed the bot from the meeting.',
    relaunch: false,
    remedy: 'Ask the host to let the bot stay, then start it again.',
  },
  join_denied: {
    sentence: 'The host declined the bot’s request to join.',
    relaunch: false,
    remedy: 'Ask the host to admit the bot by its name, then start it again.',
  },
  waiting_room_timeout: {
    sentence: 'Nobody admitted the bot from the waiting room in time.',
    relaunch: false,
    remedy:
      'Somebody in the call must admit the bot; start it again when they are there, or raise waitingRoomSeconds.',
  },
  meeting_not_found: {
    sentence: 'The link does not lead to a meeting.',
    relaunch: false,
    remedy: 'Check the link: it may be mistyped, expired or cancelled.',
  },
  passcode_wrong: {
    sentence: 'The meeting did not accept the passcode.',
    relaunch: false,
    remedy: 'Make the meeting again with the link that carries its present passcode.',
  },
  sign_in_required: {
    sentence: 'The meeting admits only signed-in guests.',
    relaunch: false,
    remedy: 'Allow guests in the meeting’s settings, or give the bot a signed-in identity.',
  },
  bots_not_allowed: {
    sentence: 'The platform refuses bots in this meeting.',
    relaunch: false,
    remedy:
      'The host’s organisation must allow external bots in its meeting policy, or admit this one.',
  },
  time_limit: {
    sentence: 'The meeting reached its longest allowed time.',
    relaunch: false,
    remedy: 'Raise longestMeetingSeconds if meetings are meant to last longer.',
  },
  never_reported: {
    sentence: 'The bot was started but never reported.',
    relaunch: true,
    remedy: 'Look at the bot’s log: it may not reach API_URL.',
  },
  join_failed: {
    sentence: 'The meeting page did not behave as expected.',
    relaunch: true,
    remedy: 'Open the evidence of the attempt: it shows what the page looked like.',
  },
  crashed: {
    sentence: 'The bot’s process ended unexpectedly.',
    relaunch: true,
  },
  lost: { sentence: 'The bot stopped answering.', relaunch: true },
  launch_failed: {
    sentence: 'The bot could not be started.',
    relaunch: true,
    remedy: 'Look at the detail of the attempt: it names what is missing.',
  },
  browser_crashed: { sentence: 'The bot’s browser crashed.', relaunch: true },
  connection_lost: {
    sentence: 'The bot lost its connection to the meeting.',
    relaunch: true,
    remedy: 'Check the network between the bots and the platform.',
  },
  page_frozen: {
    sentence: 'The meeting page stopped answering.',
    relaunch: true,
    remedy: 'Give bots more CPU and memory if it happens often.',
  },
  capture_failed: {
    sentence: 'People spoke and no sound reached the bot.',
    relaunch: true,
    remedy: 'Open the evidence of the attempt; the platform may have changed how it sends sound.',
  },
  meeting_not_started: {
    sentence: 'The meeting had not been started by its host.',
    relaunch: false,
    remedy:
      'Start the bot when the host is there; where the platform lets it wait before that, raise waitingRoomSeconds.',
  },
  silence: {
    sentence: 'The bot left because nobody had spoken for a long time.',
    relaunch: false,
    remedy: 'Raise silenceSeconds if long silences are part of the meeting.',
  },
  captcha_shown: {
    sentence: 'The platform showed a test that only a person may solve.',
    relaunch: false,
    remedy: 'Give the bot a signed-in identity that is invited to the meeting.',
  },
  auth_required: {
    sentence: 'The stored sign-in of the bot’s identity is no longer accepted.',
    relaunch: false,
    remedy: 'Sign the identity in again with `npm run sign-in`.',
  },
  identity_in_use: {
    sentence: 'The bot’s identity is in another meeting at this time.',
    relaunch: true,
    remedy: 'Use another identity, or allow this one in several meetings at once.',
  },
  join_token_failed: {
    sentence: 'No join token came from the meeting’s callback address.',
    relaunch: true,
    remedy: 'Check that joinTokenUrl answers with a token within 10 s.',
  },
  evicted: {
    sentence: 'The machine the bot ran on asked it to leave.',
    relaunch: true,
  },
  out_of_memory: {
    sentence: 'The bot needed more memory than it was allowed.',
    relaunch: true,
    remedy: 'Raise the memory limit of bots on this platform.',
  },
  node_lost: {
    sentence: 'The machine the bot ran on was lost.',
    relaunch: true,
  },
  image_pull_failed: {
    sentence: 'The bot’s image could not be fetched.',
    relaunch: true,
    remedy: 'Check the name of the bot’s image, and the sign-in to its registry.',
  },
  unschedulable: {
    sentence: 'No machine had room for the bot.',
    relaunch: true,
    remedy: 'Add machines, or let bots ask for less CPU and memory.',
  },
  quota_exceeded: {
    sentence: 'The cluster’s quota left no room for the bot.',
    relaunch: true,
    remedy: 'Raise the quota of the bots’ namespace, or set BOT_SLOTS below it: bots wait in line.',
  },
  superseded: {
    sentence: 'A newer attempt took the bot’s place.',
    relaunch: false,
  },
  workflow_terminated: {
    sentence: 'An operator ended the meeting’s workflow; what was heard is kept.',
    relaunch: false,
  },
  deleted: { sentence: 'The meeting was deleted.', relaunch: false },
  unknown: { sentence: 'The cause is not known.', relaunch: true },
} as const satisfies Record<string, EndReasonFacts>;

export type EndReason = keyof typeof END_REASONS;

export const endReasonSchema = z
  .enum(Object.keys(END_REASONS) as [EndReason, ...EndReason[]])
  .meta({ id: 'EndReason' });

/** The sentence people read for a reason code. */
export function describeEndReason(reason: EndReason): string {
  return END_REASONS[reason].sentence;
}

/** What can be done about it, or null where nothing is wrong. */
export function findRemedy(reason: EndReason): string | null {
  const facts: EndReasonFacts = END_REASONS[reason];
  return facts.remedy ?? null;
}

/** Whether a new attempt may follow an attempt that ended for this reason. */
export function isRelaunchable(reason: EndReason): boolean {
  return END_REASONS[reason].relaunch;
}
