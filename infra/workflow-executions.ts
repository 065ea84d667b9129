import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a workflow may take to clean up after its cancellation, in milliseconds. */
const CLOSE_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 500;

/** Whether the workflow of this id runs right now. */
export async function isWorkflowRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** Cancels a workflow and returns once it is closed; terminates it when that takes over a minute. */
export async function closeWorkflow(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  if (!(await succeedsOrIsGone(() => handle.cancel()))) return;
  const deadlineMs = performance.now() + CLOSE_TIMEOUT_MS;
  while (await isWorkflowRunning(client, workflowId)) {
    if (performance.now() > deadlineMs) {
      await succeedsOrIsGone(() => handle.terminate('the meeting was deleted'));
    }
    await pause(LOOK_INTERVAL_MS);
  }
}

/** Deletes all runs of a closed workflow from Temporal. */
export async function deleteExecutions(client: Client, workflowId: string): Promise<void> {
  const { namespace } = client.options;
  const deleteRun = (runId?: string): Promise<boolean> =>
    succeedsOrIsGone(() =>
      client.workflowService.deleteWorkflowExecution({
        namespace,
        workflowExecution: { workflowId, ...(runId === undefined ? {} : { runId }) },
      }),
    );
  const runs = client.workflow.list({ query: `WorkflowId = "${workflowId}"` });
  for await (const { runId } of runs) await deleteRun(runId);
  // the newest may have closed too recently to be listed
  await deleteRun();
}

async function succeedsOrIsGone(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** gRPC's own code for "not found"; raw service calls are not wrapped by the client. */
const GRPC_NOT_FOUND = 5;

function isNotFound(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  return error instanceof Error && 'code' in error && error.code === GRPC_NOT_FOUND;
}
