import type { Logger } from 'pino';
import type { Queryable } from '../infra/database/client';
import { listEndpointsToWake } from '../infra/database/webhook-positions';
import type { Doorbell } from '../infra/doorbell';
import type { MeetingClient } from '../infra/meeting-client';

export interface DeliveryWakerOptions {
  db: Queryable;
  doorbell: Pick<Doorbell, 'listen'>;
  meetingClient: Pick<MeetingClient, 'wakeDelivery'>;
  logger: Pick<Logger, 'warn'>;
  /** Rings within this time become one look. */
  pauseMs?: number;
}

/**
 * Starts deliveries when a meeting's doorbell rings, for endpoints that nobody delivers to right now.
 * Best effort: what it misses reconciliation finds within a minute. Returns how to stop it.
 */
export function startDeliveryWaker(options: DeliveryWakerOptions): () => Promise<void> {
  const { db, meetingClient, logger, pauseMs = 200 } = options;
  const rung = new Set<number>();
  let timer: NodeJS.Timeout | null = null;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    timer = null;
    const meetingIds = [...rung];
    rung.clear();
    try {
      const endpointIds = await listEndpointsToWake(db, meetingIds);
      for (const endpointId of endpointIds) await meetingClient.wakeDelivery(endpointId);
    } catch (err) {
      logger.warn({ err }, 'deliveries were not woken; reconciliation does it');
    }
  };
  const lookSoon = (): void => {
    timer ??= setTimeout(() => {
      looking = looking.then(look);
    }, pauseMs);
  };
  const stopListening = options.doorbell.listen('meeting', (meetingId) => {
    rung.add(meetingId);
    lookSoon();
  });
  return async () => {
    stopListening();
    if (timer) clearTimeout(timer);
    await looking;
  };
}
