import { setCurrentDetails } from '@temporalio/workflow';
import type { UserDeletionWorkflowInput } from '../domain/workflow-messages';
import { userDeletionActivities } from './activity-options';

/**
 * Removes a user who is marked as deleted: each of their meetings is deleted by its own workflow,
 * then the row goes. A request that had passed the sign-in check just before may still have made a
 * meeting, so both steps are repeated until nothing is left.
 */
export async function userDeletionWorkflow({ userId }: UserDeletionWorkflowInput): Promise<void> {
  setCurrentDetails(`Deleting user ${userId}: their meetings go first.`);
  do {
    await userDeletionActivities.awaitMeetingsDeleted({ userId });
  } while (!(await userDeletionActivities.deleteUser({ userId })));
  setCurrentDetails(`User ${userId} is deleted.`);
}
