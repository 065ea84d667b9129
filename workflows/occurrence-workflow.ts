import { setCurrentDetails } from '@temporalio/workflow';
import type { OccurrenceWorkflowInput } from '../domain/workflow-messages';
import { scheduleActivities } from './activity-options';

/**
 * An occurrence of a schedule has come: its meeting waits already, and now the next ones get
 * theirs. Started by the schedule's own Temporal Schedule.
 */
export async function occurrenceWorkflow({ scheduleId }: OccurrenceWorkflowInput): Promise<void> {
  const meetingIds = await scheduleActivities.planNextOccurrences.executeWithOptions(
    { summary: `schedule ${scheduleId}` },
    [{ scheduleId }],
  );
  const lines = meetingIds.map((meetingId) => `- \`meeting-${meetingId}\` waits for its start`);
  setCurrentDetails(
    [`### Schedule ${scheduleId}: ${meetingIds.length} meetings were planned`, '', ...lines].join(
      '\n',
    ),
  );
}

/** Plans the next occurrences of schedules whose rules Temporal's calendars cannot say. */
export async function planOccurrencesWorkflow(): Promise<void> {
  const planned = await scheduleActivities.planDueOccurrences();
  setCurrentDetails(`${planned} meetings were planned in this round`);
}
