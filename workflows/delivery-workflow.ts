import {
  condition,
  continueAsNew,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { WAKE_SIGNAL, type DeliveryWorkflowInput } from '../domain/workflow-messages';
import { deliveryActivities } from './activity-options';

/** Sent when there may be something to deliver, and nobody is at it. */
const wakeSignal = defineSignal(WAKE_SIGNAL);

/**
 * Delivers events to one webhook endpoint: a long activity while there is something due, a timer
 * until the next retry, and an end when neither is left. What is to be delivered stands in the
 * database alone.
 */
export async function deliveryWorkflow(input: DeliveryWorkflowInput): Promise<void> {
  let isWoken = false;
  setHandler(wakeSignal, () => void (isWoken = true), {
    description: 'Look at once: there may be something to deliver.',
  });
  const summary = `webhook endpoint ${input.endpointId}`;
  for (;;) {
    isWoken = false;
    setCurrentDetails(
      `Delivering to webhook endpoint ${input.endpointId}. Each attempt stands in its delivery log.`,
    );
    const { nextDueInMs } = await deliveryActivities.deliverWebhooks.executeWithOptions(
      { summary },
      [input],
    );
    if (!isWoken) {
      if (nextDueInMs === null) return;
      const minutes = Math.ceil(nextDueInMs / 60_000);
      setCurrentDetails(
        `Webhook endpoint ${input.endpointId} failed; the next attempt comes in ${minutes} min.`,
      );
      await condition(() => isWoken, nextDueInMs);
    }
    // the next run looks at once, so a wake-up that comes now is not lost
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof deliveryWorkflow>(input);
  }
}
