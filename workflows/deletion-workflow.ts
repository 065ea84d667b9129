import { setCurrentDetails, sleep } from '@temporalio/workflow';
import type { DeletionWorkflowInput } from '../domain/workflow-messages';
import { deletionActivities } from './activity-options';

/**
 * Removes a meeting that is marked as deleted: its bot and workflows end, then objects, rows and
 * histories go. A write that was in flight is swept once no token is valid any more.
 */
export async function deletionWorkflow(input: DeletionWorkflowInput): Promise<void> {
  const { meetingId, tokenLifetimeMs } = input;
  setCurrentDetails(`Deleting meeting ${meetingId}: its bot and workflows end first.`);
  const workflowIds = await deletionActivities.closeWorkflows({ meetingId });
  await deletionActivities.eraseBots({ meetingId });
  const { objects } = await deletionActivities.deleteObjects({ meetingId });
  await deletionActivities.deleteRows({ meetingId, objects });
  await deletionActivities.deleteExecutions({ workflowIds });
  setCurrentDetails(
    `Meeting ${meetingId} is deleted. Once no bot's token is valid any more, its place is swept again.`,
  );
  await sleep(tokenLifetimeMs, { summary: 'until no token is valid' });
  await deletionActivities.sweepObjects({ meetingId });
  setCurrentDetails(`Meeting ${meetingId} is deleted and swept.`);
}
