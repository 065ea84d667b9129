import type { DeliveryWorkflowInput } from '../domain/workflow-messages';
import { DELIVERY_TIMING, type DeliveryTiming } from '../domain/webhook-retries';
import {
  DELIVERY_PACE,
  EndpointDeliverer,
  type DelivererDeps,
  type DeliveryPace,
  type DeliveryRest,
} from './endpoint-deliverer';
import { withHeartbeats } from './heartbeats';
import { isShutdown, makeHandover } from './look-until';

export type DeliveryDeps = Pick<DelivererDeps, 'db' | 'doorbell' | 'encryption' | 'outgoing'> &
  Partial<Pick<DelivererDeps, 'now' | 'random'>> & {
    timing?: Partial<DeliveryTiming>;
    pace?: Partial<DeliveryPace>;
  };

export type DeliveryActivities = ReturnType<typeof createDeliveryActivities>;

/** Activities of the queue `delivery`. */
export function createDeliveryActivities(deps: DeliveryDeps) {
  const delivererDeps: DelivererDeps = {
    now: () => new Date(),
    random: Math.random,
    ...deps,
    timing: { ...DELIVERY_TIMING, ...deps.timing },
    pace: { ...DELIVERY_PACE, ...deps.pace },
  };
  return {
    /**
     * Delivers an endpoint's events until nothing was due for a while, and says when there is more.
     * A second copy waits for the first one's lease; positions move by compare-and-set.
     */
    async deliverWebhooks({ endpointId }: DeliveryWorkflowInput): Promise<DeliveryRest> {
      const deliverer = new EndpointDeliverer(delivererDeps, endpointId);
      try {
        return await withHeartbeats(
          () => deliverer.run(),
          () => deliverer.progress(),
        );
      } catch (error) {
        throw isShutdown(error) ? makeHandover() : error;
      } finally {
        await deliverer.stop();
      }
    },
  };
}
