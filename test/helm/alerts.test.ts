import { HELM_BUILD_MS, render } from './helm';
import { ofKind } from './objects';
import { askPrometheus, type Answer, type Rule, type Situation } from './rules';

const QUEUES = ['meetings', 'bots', 'whisper', 'analysis', 'delivery'];
const LONG = 'x60';

/** What a cluster where all is well says, over an hour: also of what went wrong long ago. */
const HEALTHY: Record<string, string> = {
  'up{job="vexa-api"}': `1${LONG}`,
  ...Object.fromEntries(
    QUEUES.map((queue) => [`up{app_kubernetes_io_component="worker-${queue}"}`, `1${LONG}`]),
  ),
  'api_request_duration_seconds_count{status="201",method="POST"}': `0+600${LONG}`,
  'api_request_duration_seconds_count{status="500",method="POST"}': `0+1${LONG}`,
  'api_request_duration_seconds_bucket{method="POST",le="0.1"}': `0+600${LONG}`,
  'api_request_duration_seconds_bucket{method="POST",le="3"}': `0+601${LONG}`,
  'api_request_duration_seconds_bucket{method="POST",le="+Inf"}': `0+601${LONG}`,
  // long polls take as long as they wait
  'api_request_duration_seconds_bucket{method="GET",le="0.1"}': `0${LONG}`,
  'api_request_duration_seconds_bucket{method="GET",le="+Inf"}': `0+900${LONG}`,
  'api_socket_closes_total{code="4408"}': `0+1${LONG}`,
  'api_socket_closes_total{code="1000"}': `0+90${LONG}`,
  'transcription_chunk_seconds_bucket{le="1"}': `0+100${LONG}`,
  'transcription_chunk_seconds_bucket{le="60"}': `0+100${LONG}`,
  'transcription_chunk_seconds_bucket{le="+Inf"}': `0+100${LONG}`,
  'transcription_chunks_failed_total{reason="bad_audio"}': `4${LONG}`,
  'whisper_failures_total{kind="quota"}': `9${LONG}`,
  'temporal_workflow_task_execution_failed_total{workflow_type="meetingWorkflow"}': `7${LONG}`,
  'temporal_activity_schedule_to_start_latency_seconds_bucket{task_queue="bots",le="1"}': `0+9${LONG}`,
  'temporal_activity_schedule_to_start_latency_seconds_bucket{task_queue="bots",le="10"}': `0+9${LONG}`,
  'temporal_activity_schedule_to_start_latency_seconds_bucket{task_queue="bots",le="+Inf"}': `0+9${LONG}`,
  'temporal_long_request_failure_total{status_code="UNAVAILABLE"}': `5${LONG}`,
  'kube_pod_status_phase{phase="Pending",pod="bot-1-1-abcde"}': `0${LONG}`,
  'kube_pod_status_phase{phase="Running",pod="bot-1-1-abcde"}': `1${LONG}`,
  'kube_pod_status_phase{phase="Pending",pod="vexa-api-abcde"}': `1${LONG}`,
  'kube_pod_container_status_terminated_reason{container="bot",reason="OOMKilled",pod="bot-2-1-abcde"}': `1${LONG}`,
  ...Object.fromEntries(
    [3, 4, 5, 6].map((id) => [
      `kube_job_status_failed{job_name="bot-${id}-1",reason="BackoffLimitExceeded"}`,
      `1${LONG}`,
    ]),
  ),
  'kube_job_status_failed{job_name="bot-1-1"}': `0${LONG}`,
  'kube_statefulset_status_replicas_ready{statefulset="vexa-postgresql"}': `1${LONG}`,
  'kube_statefulset_status_replicas_ready{statefulset="vexa-redis"}': `1${LONG}`,
  'kubelet_volume_stats_available_bytes{persistentvolumeclaim="data-vexa-postgresql-0"}': `50${LONG}`,
  'kubelet_volume_stats_capacity_bytes{persistentvolumeclaim="data-vexa-postgresql-0"}': `100${LONG}`,
  'kube_pod_container_status_restarts_total{container="api",pod="vexa-api-abcde"}': `2${LONG}`,
  'certmanager_certificate_expiration_timestamp_seconds{name="vexa-tls"}': `${90 * 86_400}${LONG}`,
};

/** Absent for 50 minutes, then these values: what begins only now has no past that it could grow from. */
const since50 = (values: string): string => `_x49 ${values}`;

/** What goes wrong, by the alert that tells of it: series that take the place of healthy ones. */
const TROUBLES: Record<string, Record<string, string>> = {
  VexaApiDown: { 'up{job="vexa-api"}': `0${LONG}` },
  VexaApiErrors: {
    'api_request_duration_seconds_count{status="500",method="POST"}': `0+30${LONG}`,
  },
  VexaApiSlow: {
    'api_request_duration_seconds_bucket{method="POST",le="0.1"}': `0+500${LONG}`,
  },
  VexaSocketsTooSlow: { 'api_socket_closes_total{code="4408"}': `0+20${LONG}` },
  VexaWordsLate: { 'transcription_chunk_seconds_bucket{le="1"}': `0+80${LONG}` },
  VexaChunksFailed: {
    'transcription_chunks_failed_total{reason="whisper_refused"}': since50('1x10'),
  },
  VexaWhisperFailing: { 'whisper_failures_total{kind="quota"}': `0+30${LONG}` },
  VexaWorkerMissing: { 'up{app_kubernetes_io_component="worker-bots"}': '_x60' },
  VexaWorkflowTasksFailing: {
    'temporal_workflow_task_execution_failed_total{workflow_type="meetingWorkflow"}': `0+1${LONG}`,
  },
  VexaTaskQueueLag: {
    'temporal_activity_schedule_to_start_latency_seconds_bucket{task_queue="bots",le="1"}': `0${LONG}`,
  },
  VexaTemporalUnreachable: {
    'temporal_long_request_failure_total{status_code="UNAVAILABLE"}': `0+60${LONG}`,
  },
  VexaBotsPending: {
    'kube_pod_status_phase{phase="Pending",pod="bot-1-1-abcde"}': `1${LONG}`,
  },
  VexaBotsOutOfMemory: {
    'kube_pod_container_status_terminated_reason{container="bot",reason="OOMKilled",pod="bot-7-1-abcde"}':
      since50('1x10'),
  },
  VexaBotJobsFailing: Object.fromEntries(
    [11, 12, 13, 14].map((id) => [
      // the figure has a reason from then on, and is another series
      `kube_job_status_failed{job_name="bot-${id}-1",reason="BackoffLimitExceeded"}`,
      since50('1x10'),
    ]),
  ),
  VexaDatabaseDown: {
    'kube_statefulset_status_replicas_ready{statefulset="vexa-postgresql"}': `0${LONG}`,
  },
  VexaRedisDown: { 'kube_statefulset_status_replicas_ready{statefulset="vexa-redis"}': `0${LONG}` },
  VexaVolumeAlmostFull: {
    'kubelet_volume_stats_available_bytes{persistentvolumeclaim="data-vexa-postgresql-0"}': `5${LONG}`,
  },
  VexaPodRestarting: {
    'kube_pod_container_status_restarts_total{container="api",pod="vexa-api-abcde"}': `0+1${LONG}`,
  },
  VexaCertificateExpires: {
    'certmanager_certificate_expiration_timestamp_seconds{name="vexa-tls"}': `${7 * 86_400}${LONG}`,
  },
};

function makeSituation(name: string, changes: Record<string, string>): Situation {
  const lines = Object.entries({ ...HEALTHY, ...changes }).map(
    ([series, values]) => `${series.replace('{', '{namespace="vexa",')} ${values}`,
  );
  return { name, series: lines.join('\n'), minutes: 60 };
}

let groups: { name: string; rules: Rule[] }[];
let answer: Answer;
beforeAll(async () => {
  const [object] = ofKind(await render('production'), 'PrometheusRule');
  groups = (object?.spec?.groups ?? []) as typeof groups;
  answer = await askPrometheus(groups, [
    makeSituation('healthy', {}),
    ...Object.entries(TROUBLES).map(([alert, changes]) => makeSituation(alert, changes)),
  ]);
}, HELM_BUILD_MS);

describe('the alerts, read and tried by Prometheus’ own parser and engine', () => {
  test('are silent where all is well, whatever went wrong an hour ago', () => {
    expect(answer.fires['healthy']).toEqual([]);
  });

  test('are each tried', () => {
    const names = new Set(groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)));
    expect(Object.keys(TROUBLES).sort()).toEqual([...names].sort());
  });

  test.each(Object.keys(TROUBLES))(
    '%s tells of its own trouble, and no other alert does',
    (name) => {
      expect(answer.fires[name]?.map(({ alert }) => alert)).toEqual([name]);
    },
  );

  test('have every label that their texts fill in', () => {
    for (const { alert, annotations, labels } of groups.flatMap(({ rules }) => rules)) {
      const wanted = [...(annotations?.['summary'] ?? '').matchAll(/\$labels\.(\w+)/g)];
      const said = { ...answer.fires[alert]?.[0]?.labels, ...labels };
      for (const [, name = ''] of wanted) expect(Object.keys(said)).toContain(name);
    }
  });
});

test('rules that Prometheus would refuse are refused here with its words', async () => {
  const rule = { alert: 'Broken', expr: 'sum(rate(api_sockets))' };
  await expect(askPrometheus([{ name: 'broken', rules: [rule] }])).rejects.toThrow(
    'expected type range vector',
  );
});
