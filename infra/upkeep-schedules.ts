import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { PLANNING_SCHEDULE_ID, RECONCILE_SCHEDULE_ID, TASK_QUEUES } from '../domain/temporal';
import { WORKFLOW_TYPES } from '../domain/workflow-messages';

/**
 * Makes the Schedules that mend what slipped and plan what recurs, each once a minute; one that is
 * there is left alone.
 */
export async function ensureUpkeepSchedules(client: Client): Promise<void> {
  await ensure(client, {
    id: RECONCILE_SCHEDULE_ID,
    workflowType: WORKFLOW_TYPES.reconcile,
    summary: 'mends what slipped',
  });
  await ensure(client, {
    id: PLANNING_SCHEDULE_ID,
    workflowType: WORKFLOW_TYPES.planOccurrences,
    summary: 'plans the next occurrences of schedules',
  });
}

async function ensure(
  client: Client,
  upkeep: { id: string; workflowType: string; summary: string },
): Promise<void> {
  try {
    await client.schedule.create(describe(upkeep));
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

function describe(upkeep: { id: string; workflowType: string; summary: string }): ScheduleOptions {
  return {
    scheduleId: upkeep.id,
    spec: { intervals: [{ every: '1 minute' }] },
    action: {
      type: 'startWorkflow',
      workflowType: upkeep.workflowType,
      workflowId: upkeep.id,
      taskQueue: TASK_QUEUES.meetings,
      args: [],
      workflowExecutionTimeout: '10 minutes',
      staticSummary: upkeep.summary,
    },
    // a round that was missed is made up for by the next one
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 seconds' },
  };
}
