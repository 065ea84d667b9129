import type { EndReason } from '../../domain/end-reasons';
import type { LeavePolicy } from '../../domain/leave-policy';

/** How long a lost connection may take to come back. */
const RECONNECT_SECONDS = 30;
/** How long the page may be anything but a waiting room or a call before joining has failed. */
const JOINING_SECONDS = 60;

export type Situation =
  | { state: 'joining' | 'waiting_room' }
  | { state: 'in_meeting'; isConnected: boolean; others: number };

/** Decides from what is seen when it is time to go. */
export class LeaveWatch {
  private since: Record<'joining' | 'waiting' | 'meeting' | 'alone' | 'lost', number | null> = {
    joining: null,
    waiting: null,
    meeting: null,
    alone: null,
    lost: null,
  };
  private hasSeenOthers = false;

  constructor(private readonly policy: LeavePolicy) {}

  decide(situation: Situation, nowMs: number): EndReason | null {
    const isIn = situation.state === 'in_meeting';
    const isLost = isIn && !situation.isConnected;
    // While the connection is lost, nobody can be said to have left.
    const isAlone = isIn && situation.isConnected && situation.others === 0;
    this.hasSeenOthers ||= isIn && situation.others > 0;
    this.note('joining', situation.state === 'joining', nowMs);
    this.note('waiting', situation.state === 'waiting_room', nowMs);
    if (isIn) this.since.meeting ??= nowMs;
    this.note('lost', isLost, nowMs);
    if (!isLost) this.note('alone', isAlone, nowMs);

    if (this.hasLasted('meeting', this.policy.longestMeetingSeconds, nowMs)) return 'time_limit';
    if (this.hasLasted('waiting', this.policy.waitingRoomSeconds, nowMs)) {
      return 'waiting_room_timeout';
    }
    if (this.hasLasted('joining', JOINING_SECONDS, nowMs)) return 'join_failed';
    if (this.hasLasted('lost', RECONNECT_SECONDS, nowMs)) return 'connection_lost';
    if (isLost) return null;
    const patience = this.hasSeenOthers
      ? this.policy.aloneSeconds
      : this.policy.nobodyJoinedSeconds;
    if (!this.hasLasted('alone', patience, nowMs)) return null;
    return this.hasSeenOthers ? 'alone' : 'nobody_joined';
  }

  private note(what: keyof typeof this.since, isSo: boolean, nowMs: number): void {
    this.since[what] = isSo ? (this.since[what] ?? nowMs) : null;
  }

  private hasLasted(what: keyof typeof this.since, seconds: number, nowMs: number): boolean {
    const since = this.since[what];
    return since !== null && nowMs - since >= seconds * 1000;
  }
}
