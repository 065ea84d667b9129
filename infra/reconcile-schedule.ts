import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILE_SCHEDULE_ID, TASK_QUEUES } from '../domain/temporal';
import { WORKFLOW_TYPES } from '../domain/workflow-messages';

/** Makes the Schedule that mends what slipped, once a minute; one that is there is left alone. */
export async function ensureReconcileSchedule(client: Client): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: RECONCILE_SCHEDULE_ID,
      spec: { intervals: [{ every: '1 minute' }] },
      action: {
        type: 'startWorkflow',
        workflowType: WORKFLOW_TYPES.reconcile,
        workflowId: RECONCILE_SCHEDULE_ID,
        taskQueue: TASK_QUEUES.meetings,
        args: [],
        workflowExecutionTimeout: '10 minutes',
        staticSummary: 'mends what slipped',
      },
      // a round that was missed is made up for by the next one
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 seconds' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
