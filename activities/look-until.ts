import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Doorbell, DoorbellChannel } from '../infra/doorbell';
import type { FailureType } from '../domain/failures';

/** A third of the 10 s within which a dead worker is noticed. */
const HEARTBEAT_INTERVAL_MS = 2_500;
/** A busy meeting rings often; nobody needs an answer sooner than this. */
const SHORTEST_PAUSE_MS = 250;

export interface LookOptions {
  doorbell: Pick<Doorbell, 'listen'>;
  channel: DoorbellChannel;
  meetingId: number;
  /** Longest pause between two looks: a lost ring costs no more than this. */
  everyMs: number;
  /** What the heartbeat shows operators. */
  details?: () => unknown;
}

/**
 * Looks at once, then at each ring and at the latest every `everyMs`, until `look` finds something
 * other than null. Heartbeats beside it; hands over to another worker when this one shuts down.
 */
export async function lookUntil<Found>(
  options: LookOptions,
  look: () => Promise<Found | null>,
): Promise<Found> {
  const context = Context.current();
  const bell = makeBell(options, context.cancellationSignal);
  const heartbeat = (): void => context.heartbeat(options.details?.());
  const timer = setInterval(heartbeat, HEARTBEAT_INTERVAL_MS);
  try {
    for (;;) {
      heartbeat();
      const found = await Promise.race([look(), context.cancelled]);
      if (found !== null) return found;
      await Promise.race([bell.wait(), context.cancelled]);
    }
  } catch (error) {
    throw isShutdown(error) ? makeHandover() : error;
  } finally {
    clearInterval(timer);
    bell.close();
  }
}

function isShutdown(error: unknown): boolean {
  return error instanceof CancelledFailure && error.message === 'WORKER_SHUTDOWN';
}

function makeHandover(): ApplicationFailure {
  return ApplicationFailure.create({
    message: 'The worker is shutting down and hands its work over',
    type: 'WorkerShuttingDown' satisfies FailureType,
    nextRetryDelay: '100 milliseconds',
  });
}

interface Bell {
  /** Resolves at the next ring, or one that came since the last wait, or when time is up. */
  wait(): Promise<void>;
  close(): void;
}

function makeBell(options: LookOptions, signal: AbortSignal): Bell {
  let hasRung = false;
  let wake: (() => void) | null = null;
  const ring = (): void => {
    hasRung = true;
    wake?.();
  };
  const stopListening = options.doorbell.listen(options.channel, (meetingId) => {
    if (meetingId === options.meetingId) ring();
  });
  signal.addEventListener('abort', ring);
  return {
    async wait() {
      await pause(SHORTEST_PAUSE_MS);
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(options.everyMs - SHORTEST_PAUSE_MS, 0));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = null;
      hasRung = false;
    },
    close() {
      stopListening();
      signal.removeEventListener('abort', ring);
      wake?.();
    },
  };
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
