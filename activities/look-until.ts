import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Doorbell, DoorbellChannel } from '../infra/doorbell';
import type { FailureType } from '../domain/failures';
import { withHeartbeats } from './heartbeats';

/** A busy meeting rings often; nobody needs an answer sooner than this. */
const SHORTEST_PAUSE_MS = 250;

export interface LookOptions {
  doorbell: Pick<Doorbell, 'listen'>;
  channel: DoorbellChannel;
  meetingId: number;
  /** Longest pause between two looks: a lost ring costs no more than this. */
  everyMs: number | (() => number);
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
  const { cancellationSignal } = Context.current();
  const bell = makeBell(options, cancellationSignal);
  // a race with `cancelled` at each look would keep something of each for hours
  const lookAgainAndAgain = async (): Promise<Found> => {
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      await bell.wait();
      cancellationSignal.throwIfAborted();
    }
  };
  try {
    return await withHeartbeats(lookAgainAndAgain, options.details);
  } catch (error) {
    throw isShutdown(error) ? makeHandover() : error;
  } finally {
    bell.close();
  }
}

/** Whether the activity is called off because its worker shuts down. */
export function isShutdown(error: unknown): boolean {
  return error instanceof CancelledFailure && error.message === 'WORKER_SHUTDOWN';
}

/** Hands the activity over to another worker at once. */
export function makeHandover(): ApplicationFailure {
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
        const everyMs = typeof options.everyMs === 'number' ? options.everyMs : options.everyMs();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(everyMs - SHORTEST_PAUSE_MS, 0));
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
