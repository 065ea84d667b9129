import type { FollowEnd, LiveReader } from './live-reader';

export interface WaitOptions<Item> {
  key: number;
  meetingId: number;
  after: number;
  waitMs: number;
  /** Ends the wait early, as when the client hangs up. */
  signal: AbortSignal;
  /** Whether this item is what the wait is for; others are passed over. */
  isWanted?(item: Item): boolean;
}

/** Waits until a stream has something new, the time is over or the stream ends: a long poll. */
export async function waitForNew<Item extends { seq: number }>(
  reader: LiveReader<Item>,
  options: WaitOptions<Item>,
): Promise<'new' | 'nothing' | FollowEnd> {
  return new Promise((resolve) => {
    const settle = (outcome: 'new' | 'nothing' | FollowEnd): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', giveUp);
      stopFollowing();
      resolve(outcome);
    };
    const giveUp = (): void => settle('nothing');
    let stopFollowing = (): void => undefined;
    const timer = setTimeout(giveUp, options.waitMs);
    options.signal.addEventListener('abort', giveUp, { once: true });
    stopFollowing = reader.follow({
      key: options.key,
      meetingId: options.meetingId,
      after: options.after,
      isReady: () => true,
      take(item) {
        if (options.isWanted?.(item) ?? true) settle('new');
        return true;
      },
      end: settle,
    });
    if (options.signal.aborted) giveUp();
  });
}
