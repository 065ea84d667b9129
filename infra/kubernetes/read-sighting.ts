import type { V1ContainerStatus, V1Job, V1Pod } from '@kubernetes/client-node';
import type { BotSighting, LauncherCause } from '../bot-launcher';
import { BOT_CONTAINER, LAUNCH_LABEL } from './bot-job';

type Ended = Omit<Extract<BotSighting, { state: 'ended' }>, 'state' | 'launchId'>;
type Pending = Pick<Extract<BotSighting, { state: 'pending' }>, 'cause' | 'detail'>;

/** The kubelet kills at the end of the grace; what still "runs" this long after it is out of reach. */
const UNANSWERED_MS = 15_000;

/** What a Job and its pod say of a bot; either may be gone. */
export function readSighting(
  job: V1Job | undefined,
  pod: V1Pod | undefined,
  nowMs = Date.now(),
): BotSighting {
  const launchId = job?.metadata?.labels?.[LAUNCH_LABEL];
  if (job === undefined || launchId === undefined) return { state: 'absent' };
  const ended = (pod && readPodEnd(pod, nowMs)) ?? null;
  if (ended !== null) {
    return { state: 'ended', launchId, ...ended, ...explainByJob(job, ended) };
  }
  if (pod !== undefined) {
    if (findBotStatus(pod)?.state?.running) return { state: 'running', launchId };
    return { state: 'pending', launchId, ...explainWaiting(pod) };
  }
  const last = readJobEnd(job);
  if (last !== null) return { state: 'ended', launchId, ...last };
  return job.metadata?.deletionTimestamp ? { state: 'absent' } : { state: 'pending', launchId };
}

/** Whether the whole pod is over, what sends a dead bot's audio included. */
export function isPodOver(pod: V1Pod | undefined): boolean {
  const phase = pod?.status?.phase;
  return phase === undefined || phase === 'Succeeded' || phase === 'Failed';
}

function findBotStatus(pod: V1Pod): V1ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find(({ name }) => name === BOT_CONTAINER);
}

function readPodEnd(pod: V1Pod, nowMs: number): Ended | null {
  const end = findBotStatus(pod)?.state?.terminated;
  const disruption = findDisruption(pod);
  if (end !== undefined) {
    const words = [end.reason, pod.status?.reason, disruption?.reason, `exit code ${end.exitCode}`];
    const cause = CAUSES[end.reason ?? ''] ?? explainPod(pod);
    return describeEnd(end.exitCode, words, cause);
  }
  const { phase, reason, message } = pod.status ?? {};
  if (phase === 'Succeeded') return describeEnd(0, ['exit code 0'], null);
  if (phase === 'Failed') {
    return describeEnd(null, [reason, disruption?.reason, message], explainPod(pod));
  }
  const graceEnd = pod.metadata?.deletionTimestamp;
  if (graceEnd && nowMs > new Date(graceEnd).getTime() + UNANSWERED_MS) {
    const words = [disruption?.reason, 'its machine does not answer'];
    return describeEnd(null, words, explainPod(pod) ?? 'node_lost');
  }
  return null;
}

function describeEnd(
  exitCode: number | null,
  words: (string | undefined)[],
  cause: LauncherCause | null,
): Ended {
  const detail = [...new Set(words.filter((word) => word !== undefined && word !== ''))].join(', ');
  return { exitCode, detail, ...(cause !== null && { cause }) };
}

function findDisruption(pod: V1Pod): { reason?: string | undefined } | undefined {
  return pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
}

/** By reasons of containers, pods and the pod condition `DisruptionTarget`. */
const CAUSES: Readonly<Record<string, LauncherCause>> = {
  OOMKilled: 'out_of_memory',
  ContainerStatusUnknown: 'node_lost',
  Evicted: 'evicted',
  DeadlineExceeded: 'time_limit',
  NodeLost: 'node_lost',
  NodeShutdown: 'evicted',
  Terminated: 'evicted',
  Preempting: 'evicted',
  UnexpectedAdmissionError: 'launch_failed',
  NodeAffinity: 'unschedulable',
  OutOfcpu: 'unschedulable',
  OutOfmemory: 'unschedulable',
  OutOfpods: 'unschedulable',
  EvictionByEvictionAPI: 'evicted',
  PreemptionByScheduler: 'evicted',
  PreemptionByKubeScheduler: 'evicted',
  TerminationByKubelet: 'evicted',
  DeletionByTaintManager: 'node_lost',
  DeletionByPodGC: 'node_lost',
};

function explainPod(pod: V1Pod): LauncherCause | null {
  return CAUSES[pod.status?.reason ?? ''] ?? CAUSES[findDisruption(pod)?.reason ?? ''] ?? null;
}

/** By the reason a container waits for. */
const WAITING: Readonly<Record<string, LauncherCause>> = {
  ErrImagePull: 'image_pull_failed',
  ImagePullBackOff: 'image_pull_failed',
  ErrImageNeverPull: 'image_pull_failed',
  InvalidImageName: 'image_pull_failed',
  ImageInspectError: 'image_pull_failed',
  RegistryUnavailable: 'image_pull_failed',
  CreateContainerConfigError: 'launch_failed',
  CreateContainerError: 'launch_failed',
  RunContainerError: 'launch_failed',
};

function explainWaiting(pod: V1Pod): Pending {
  // the sidecar comes first and waits for the same image
  const statuses = [
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.containerStatuses ?? []),
  ];
  for (const { state } of statuses) {
    const cause = WAITING[state?.waiting?.reason ?? ''];
    if (cause !== undefined) return describeWaiting(cause, state?.waiting?.message);
  }
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return describeWaiting('unschedulable', scheduled.message);
  }
  return {};
}

function describeWaiting(cause: LauncherCause, detail: string | undefined): Pending {
  return { cause, ...(detail !== undefined && { detail }) };
}

/** The deadline ends the pod as anybody would: only the Job says that it was one. */
function explainByJob(job: V1Job, { cause }: Ended): { cause?: LauncherCause } {
  return cause === undefined && hasReachedDeadline(job) ? { cause: 'time_limit' } : {};
}

function hasReachedDeadline(job: V1Job): boolean {
  return findConditions(job).some(({ reason }) => reason === 'DeadlineExceeded');
}

function findConditions(job: V1Job) {
  return (job.status?.conditions ?? []).filter(
    ({ type, status }) => FINISHED.includes(type) && status === 'True',
  );
}

const FINISHED: readonly string[] = ['Complete', 'SuccessCriteriaMet', 'Failed', 'FailureTarget'];

/** When the pod is gone, its Job still says how it ended. */
function readJobEnd(job: V1Job): Ended | null {
  const conditions = findConditions(job);
  const last = conditions[0];
  if (last === undefined) return null;
  if (conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet')) {
    return describeEnd(0, ['exit code 0'], null);
  }
  if (hasReachedDeadline(job)) return describeEnd(null, ['DeadlineExceeded'], 'time_limit');
  const code = /failed with exit code (\d+)/.exec(last.message ?? '')?.[1];
  const isDisrupted = /condition DisruptionTarget/.test(last.message ?? '');
  return describeEnd(
    code === undefined ? null : Number(code),
    [last.reason, code === undefined ? last.message : `exit code ${code}`],
    isDisrupted ? 'evicted' : null,
  );
}
