import { z } from 'zod';

interface EndReasonFacts {
  /** The sentence people read. */
  sentence: string;
  /** Whether another attempt in the same meeting can help. */
  relaunch: boolean;
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
  },
  stopped: {
    sentence: 'The bot left because it was asked to stop.',
    relaunch: false,
  },
  stopped_before_admission: {
    sentence: 'The bot was stopped before it was let into the meeting.',
    relaunch: false,
  },
  removed: {
    sentence: 'A participant removed the bot from the meeting.',
    relaunch: false,
  },
  join_denied: {
    sentence: 'The host declined the bot’s request to join.',
    relaunch: false,
  },
  waiting_room_timeout: {
    sentence: 'Nobody admitted the bot from the waiting room in time.',
    relaunch: false,
  },
  meeting_not_found: {
    sentence: 'The link does not lead to a meeting.',
    relaunch: false,
  },
  passcode_wrong: {
    sentence: 'The meeting did not accept the passcode.',
    relaunch: false,
  },
  sign_in_required: {
    sentence: 'The meeting admits only signed-in guests.',
    relaunch: false,
  },
  bots_not_allowed: {
    sentence: 'The platform refuses bots in this meeting.',
    relaunch: false,
  },
  time_limit: {
    sentence: 'The meeting reached its longest allowed time.',
    relaunch: false,
  },
  never_reported: {
    sentence: 'The bot was started but never reported.',
    relaunch: true,
  },
  join_failed: {
    sentence: 'The meeting page did not behave as expected.',
    relaunch: true,
  },
  crashed: {
    sentence: 'The bot’s process ended unexpectedly.',
    relaunch: true,
  },
  lost: { sentence: 'The bot stopped answering.', relaunch: true },
  launch_failed: { sentence: 'The bot could not be started.', relaunch: true },
  browser_crashed: { sentence: 'The bot’s browser crashed.', relaunch: true },
  connection_lost: {
    sentence: 'The bot lost its connection to the meeting.',
    relaunch: true,
  },
  evicted: {
    sentence: 'The machine the bot ran on asked it to leave.',
    relaunch: true,
  },
  superseded: {
    sentence: 'A newer attempt took the bot’s place.',
    relaunch: false,
  },
  not_supported: {
    sentence: 'This installation has no bot for this platform.',
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

export const endReasonSchema = z.enum(Object.keys(END_REASONS) as [EndReason, ...EndReason[]]);

/** The sentence people read for a reason code. */
export function describeEndReason(reason: EndReason): string {
  return END_REASONS[reason].sentence;
}

/** Whether a new attempt may follow an attempt that ended for this reason. */
export function isRelaunchable(reason: EndReason): boolean {
  return END_REASONS[reason].relaunch;
}
