import { Context } from '@temporalio/activity';

/** A third of the 10 s within which a dead worker is noticed. */
const HEARTBEAT_INTERVAL_MS = 2_500;

/** Heartbeats beside `work`, also while it waits for something; rejects when it is cancelled. */
export async function withHeartbeats<Result>(
  work: () => Promise<Result>,
  details?: () => unknown,
): Promise<Result> {
  const context = Context.current();
  const heartbeat = (): void => context.heartbeat(details?.());
  const timer = setInterval(heartbeat, HEARTBEAT_INTERVAL_MS);
  heartbeat();
  try {
    return await Promise.race([work(), context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}
