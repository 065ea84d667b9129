import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { PLANNING_SCHEDULE_ID, RECONCILE_SCHEDULE_ID, TASK_QUEUES } from '../domain/temporal';
import { WORKFLOW_TYPES } from '../domain/workflow-messages';

interface Upkeep {
  id: string;
  workflowType: string;
  summary: string;
}

const RECONCILE: Upkeep = {
  id: RECONCILE_SCHEDULE_ID,
  workflowType: WORKFLOW_TYPES.reconcile,
  summary: 'mends what slipped',
};
const PLANNING: Upkeep = {
  id: PLANNING_SCHEDULE_ID,
  workflowType: WORKFLOW_TYPES.planOccurrences,
  summary: 'plans the next occurrences of schedules',
};

/**
 * Makes the Schedules that mend what slipped and plan what recurs, each once a minute; one that is
 * there is left alone.
 */
export async function ensureUpkeepSchedules(client: Client): Promise<void> {
  for (const upkeep of [RECONCILE, PLANNING]) await ensure(client, upkeep);
}

/**
 * Makes the Schedule that plans what recurs again, or resumes it, after somebody deleted or paused
 * it by hand. True when there was something to do.
 */
export async function mendPlanningSchedule(client: Client): Promise<boolean> {
  const handle = client.schedule.getHandle(PLANNING.id);
  try {
    const { state } = await handle.describe();
    if (state.paused) await handle.unpause('meetings are planned by it');
    return state.paused;
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await ensure(client, PLANNING);
    return true;
  }
}

async function ensure(client: Client, upkeep: Upkeep): Promise<void> {
  try {
    await client.schedule.create(describe(upkeep));
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

function describe({ id, workflowType, summary }: Upkeep): ScheduleOptions {
  return {
    scheduleId: id,
    spec: { intervals: [{ every: '1 minute' }] },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: id,
      taskQueue: TASK_QUEUES.meetings,
      args: [],
      workflowExecutionTimeout: '10 minutes',
      staticSummary: summary,
    },
    // a round that was missed is made up for by the next one
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 seconds' },
  };
}
