import type { ApiConfig } from '../infra/config';

/** Where the Temporal Web UI shows a workflow. */
export function makeWorkflowUrl(config: ApiConfig, workflowId: string): string {
  const namespace = encodeURIComponent(config.TEMPORAL_NAMESPACE);
  const id = encodeURIComponent(workflowId);
  return `${config.TEMPORAL_UI_URL.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${id}`;
}
