import type { EndReason } from '../../domain/end-reasons';
import type { LeavePolicy } from '../../domain/leave-policy';

/** How long a lost connection may take to come back. */
const RECONNECT_SECONDS = 20;
/** How long the page may be anything but a waiting room or a call before joining has failed. */
const JOINING_SECONDS = 60;
/** A longer step between two looks is time in which nobody looked: it proves nothing. */
const LONGEST_STEP_MS = 10_000;

export type Situation =
  | { state: 'joining' }
  | { state: 'waiting_room'; isNotStarted: boolean }
  | {
      state: 'in_meeting';
      isConnected: boolean;
      /** People in the call beside this bot, other bots left out. */
      others: number;
      /** Somebody has been heard, or shown as speaking, since the last look. */
      isSpeech: boolean;
    };

type Timer = 'joining' | 'waiting' | 'lost' | 'alone' | 'silent';

/** Decides from what is seen when it is time to go. Takes times of a clock that never jumps. */
export class LeaveWatch {
  /** How long each has been so, in milliseconds; null while it is not. */
  private readonly lasted: Record<Timer, number | null> = {
    joining: null,
    waiting: null,
    lost: null,
    alone: null,
    silent: null,
  };
  private lastLookMs: number | null = null;
  private enteredAtMs: number | null = null;
  private isNotStarted = false;

  /** `hasSeenOthers`: an attempt shortly before had company in the call. */
  constructor(
    private readonly policy: LeavePolicy,
    private hasSeenOthers = false,
  ) {}

  decide(situation: Situation, nowMs: number): EndReason | null {
    const stepMs = Math.min(nowMs - (this.lastLookMs ?? nowMs), LONGEST_STEP_MS);
    this.lastLookMs = nowMs;
    if (situation.state === 'in_meeting') return this.decideInside(situation, { nowMs, stepMs });
    if (this.isTimeUp(nowMs)) return 'time_limit';
    this.note('lost', false, stepMs);
    this.note('joining', situation.state === 'joining', stepMs);
    // A page that is unclear for a moment does not begin the wait anew.
    if (situation.state === 'waiting_room') {
      this.isNotStarted = situation.isNotStarted;
      this.note('waiting', true, stepMs);
    }
    if (this.hasLasted('waiting', this.policy.waitingRoomSeconds)) {
      return this.isNotStarted ? 'meeting_not_started' : 'waiting_room_timeout';
    }
    return this.hasLasted('joining', JOINING_SECONDS) ? 'join_failed' : null;
  }

  private decideInside(
    { isConnected, others, isSpeech }: Extract<Situation, { state: 'in_meeting' }>,
    { nowMs, stepMs }: { nowMs: number; stepMs: number },
  ): EndReason | null {
    const { policy } = this;
    this.enteredAtMs ??= nowMs;
    const insideMs = nowMs - this.enteredAtMs;
    if (this.isTimeUp(nowMs)) return 'time_limit';
    // who is put back into the waiting room waits from then on
    if (isConnected) this.note('waiting', false, stepMs);
    this.note('lost', !isConnected, stepMs);
    if (this.hasLasted('lost', RECONNECT_SECONDS)) return 'connection_lost';
    // Nobody can be said to have left, or to be silent, while nothing is seen or heard.
    if (!isConnected) return null;
    this.hasSeenOthers ||= others > 0;
    this.note('alone', others === 0, stepMs);
    this.note('silent', !isSpeech, stepMs);
    const patience = this.hasSeenOthers ? policy.aloneSeconds : policy.nobodyJoinedSeconds;
    if (this.hasLasted('alone', patience)) return this.hasSeenOthers ? 'alone' : 'nobody_joined';
    const isSilenceCounted = insideMs >= policy.silenceAfterSeconds * 1000;
    return isSilenceCounted && this.hasLasted('silent', policy.silenceSeconds) ? 'silence' : null;
  }

  private isTimeUp(nowMs: number): boolean {
    const { enteredAtMs, policy } = this;
    return enteredAtMs !== null && nowMs - enteredAtMs >= policy.longestMeetingSeconds * 1000;
  }

  private note(what: Timer, isSo: boolean, stepMs: number): void {
    const before = this.lasted[what];
    if (!isSo) this.lasted[what] = null;
    else this.lasted[what] = before === null ? 0 : before + stepMs;
  }

  private hasLasted(what: Timer, seconds: number): boolean {
    const lastedMs = this.lasted[what];
    return lastedMs !== null && lastedMs >= seconds * 1000;
  }
}
