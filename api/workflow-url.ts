import type { ApiConfig } from '../infra/config';

/** Where the Temporal Web UI shows a workflow. */
export function makeWorkflowUrl(config: ApiConfig, workflowId: string): string {
  const namespace = encodeURIComponent(config.TEMPORAL_NAMESPACE);
  const id = encodeURIComponent(workflowId);
  return `${config.TEMPORAL_UI_URL.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${id}`;
}

/** Where it shows a Temporal Schedule. */
export function makeScheduleUrl(config: ApiConfig, scheduleId: string): string {
  const namespace = encodeURIComponent(config.TEMPORAL_NAMESPACE);
  const id = encodeURIComponent(scheduleId);
  return `${config.TEMPORAL_UI_URL.replace(/\/$/, '')}/namespaces/${namespace}/schedules/${id}`;
}
