import { z } from 'zod';

const seconds = (max: number) => z.int().min(1).max(max);

/** When a bot leaves by itself, in seconds. Absent fields take the defaults below. */
export const leavePolicySchema = z.strictObject({
  /** Longest wait in a waiting room before giving up. */
  waitingRoomSeconds: seconds(3600).default(900),
  /** Longest stay in a meeting nobody else ever joined. */
  nobodyJoinedSeconds: seconds(7200).default(600),
  /** Stay after the last other participant left. */
  aloneSeconds: seconds(3600).default(60),
  /** Longest silence of everybody; counts from `silenceAfterSeconds` on. */
  silenceSeconds: seconds(7200).default(600),
  /** Silence is no reason to leave before the bot has been in the meeting this long. */
  silenceAfterSeconds: seconds(12 * 3600).default(1200),
  /** Longest time in the meeting altogether. */
  longestMeetingSeconds: seconds(12 * 3600).default(4 * 3600),
});
export type LeavePolicy = z.infer<typeof leavePolicySchema>;
