import { z } from 'zod';

const seconds = (max: number) => z.int().min(1).max(max);

const limits = {
  waitingRoomSeconds: seconds(3600),
  nobodyJoinedSeconds: seconds(7200),
  aloneSeconds: seconds(3600),
  silenceSeconds: seconds(7200),
  silenceAfterSeconds: seconds(12 * 3600),
  longestMeetingSeconds: seconds(12 * 3600),
};

/** When a bot leaves by itself, in seconds. Absent fields take the defaults below. */
export const leavePolicySchema = z.strictObject({
  /** Longest wait in a waiting room before giving up. */
  waitingRoomSeconds: limits.waitingRoomSeconds.default(900),
  /** Longest stay in a meeting nobody else ever joined. */
  nobodyJoinedSeconds: limits.nobodyJoinedSeconds.default(600),
  /** Stay after the last other participant left. */
  aloneSeconds: limits.aloneSeconds.default(60),
  /** Longest silence of everybody; counts from `silenceAfterSeconds` on. */
  silenceSeconds: limits.silenceSeconds.default(600),
  /** Silence is no reason to leave before the bot has been in the meeting this long. */
  silenceAfterSeconds: limits.silenceAfterSeconds.default(1200),
  /** Longest time in the meeting altogether. */
  longestMeetingSeconds: limits.longestMeetingSeconds.default(4 * 3600),
});
export type LeavePolicy = z.infer<typeof leavePolicySchema>;

/** Parts of a policy, to be laid over another; nothing is filled in. */
export const leavePolicyPartSchema = z.strictObject(limits).partial();
