import { makeUserDeletionWorkflowId } from '../domain/temporal';
import { findClerkId, markUserDeleted, type UserDeletion } from '../infra/database/user-deletion';
import type { ApiDeps } from './deps';
import { makeWorkflowUrl } from './workflow-url';

/** Deletes a user for good; false when there is none of this id. */
export async function deleteUser(deps: ApiDeps, userId: number): Promise<boolean> {
  const deletion = await deps.database.transaction(async (tx) => {
    const clerkId = await findClerkId(tx, userId);
    return clerkId === null ? null : markUserDeleted(tx, clerkId);
  });
  if (!deletion) return false;
  await carryOnDeletion(deps, deletion);
  return true;
}

/**
 * After a user was marked as deleted: readers of the meetings learn it at once and the workflow
 * starts. The mark is the order: without Temporal, reconciliation finds it later.
 */
export async function carryOnDeletion(
  { doorbell, meetingClient, logger }: ApiDeps,
  { userId, meetingIds }: UserDeletion,
): Promise<void> {
  for (const meetingId of meetingIds) doorbell.ring('meeting', meetingId);
  if (userId === null) return;
  doorbell.ring('callers', userId);
  await meetingClient.startUserDeletion(userId).catch((error: unknown) => {
    logger.warn({ userId, err: error }, 'deletion of a user not started yet');
  });
}

/** The answer to whoever asked for a user's deletion. */
export function makeUserDeletionAnswer({ config }: ApiDeps, userId: number) {
  return { id: userId, workflowUrl: makeWorkflowUrl(config, makeUserDeletionWorkflowId(userId)) };
}
