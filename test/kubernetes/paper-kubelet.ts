import {
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ContainerState,
  type V1Pod,
  type V1PodStatus,
} from '@kubernetes/client-node';
import { setTimeout as pause } from 'node:timers/promises';
import { BOT_CONTAINER } from '../../infra/kubernetes/bot-job';
import { readRefusal, type Cluster } from '../../infra/kubernetes/cluster';

/*
 * A kubelet on paper: it tells the API server what a real one would, of pods that do what the
 * annotation `paper/behaviour` says, and runs nothing. Based on what kubelet 1.34 writes; leaves out
 * probes, restarts, images and volumes but for Secrets, which it waits for.
 */

/** `runs`: until it is asked to end. `stays`: until it is killed. `exits:3`: at once. `waits`: never starts. */
export const BEHAVIOUR = 'paper/behaviour';
const NODE = 'paper-0';
const LEASE_INTERVAL_MS = 5_000;
const RETRY_MS = 50;

export interface PaperKubelet {
  /** Pods it has started, by the name of their Job. */
  readonly starts: string[];
  /** Says nothing any more, as a node without power. */
  close(): Promise<void>;
  /** Tells what has become of a pod. */
  report(pod: V1Pod, status: V1PodStatus): Promise<void>;
}

/** Joins the cluster as a node with room for many bots. Jobs of others than bots end well at once. */
export async function startPaperKubelet(cluster: Cluster): Promise<PaperKubelet> {
  const { core, config } = cluster;
  const starts: string[] = [];
  const handled = new Map<string, string>();
  const timers = new Map<string, NodeJS.Timeout>();
  let isClosed = false;
  await joinCluster(cluster);
  const heartbeat = setInterval(() => {
    reportNode(cluster).catch(() => undefined);
  }, LEASE_INTERVAL_MS);
  const report = (pod: V1Pod, status: V1PodStatus): Promise<void> =>
    patchStatus(cluster, pod, status);
  const handle = (pod: V1Pod): void => {
    const uid = pod.metadata?.uid ?? '';
    if (pod.spec?.nodeName !== NODE || isClosed) return;
    const grace = pod.metadata?.deletionGracePeriodSeconds;
    const wanted = pod.metadata?.deletionTimestamp ? `end in ${grace}` : 'run';
    if (handled.get(uid) === wanted) return;
    handled.set(uid, wanted);
    const act = wanted === 'run' ? run : end;
    act(pod).catch((error: unknown) => {
      handled.delete(uid);
      // the API server is away: the kubelet goes on when it is back
      if (readRefusal(error) === null) setTimeout(() => handle(pod), 500).unref();
    });
  };

  async function run(pod: V1Pod): Promise<void> {
    const behaviour = readBehaviour(pod);
    if (behaviour === 'waits') return;
    await untilSecrets(cluster, pod, () => isClosed);
    starts.push(pod.metadata?.labels?.['batch.kubernetes.io/job-name'] ?? '');
    await report(pod, describe(pod, 'Running', { running: { startedAt: new Date() } }));
    const code = /^exits:(\d+)$/.exec(behaviour)?.[1];
    if (code !== undefined) await report(pod, describeExit(pod, Number(code)));
  }

  async function end(pod: V1Pod): Promise<void> {
    const uid = pod.metadata?.uid ?? '';
    clearTimeout(timers.get(uid));
    const finish = async (code: number): Promise<void> => {
      await report(pod, describeExit(pod, code));
      await core.deleteNamespacedPod({
        name: pod.metadata?.name ?? '',
        namespace: pod.metadata?.namespace ?? '',
        body: { gracePeriodSeconds: 0, preconditions: { uid } },
      });
    };
    if (readBehaviour(pod) !== 'stays') return finish(0);
    const graceSeconds = pod.metadata?.deletionGracePeriodSeconds ?? 0;
    const kill = (): void => void finish(137).catch(() => undefined);
    timers.set(uid, setTimeout(kill, Math.min(graceSeconds, readAnswerSeconds(pod)) * 1_000));
  }

  const informer = makeInformer<V1Pod>(config, '/api/v1/pods', () =>
    core.listPodForAllNamespaces(),
  );
  informer.on('add', handle);
  informer.on('update', handle);
  informer.on('error', () => {
    if (!isClosed) setTimeout(() => void informer.start(), 300).unref();
  });
  await informer.start();
  return {
    starts,
    report,
    async close() {
      isClosed = true;
      clearInterval(heartbeat);
      for (const timer of timers.values()) clearTimeout(timer);
      await informer.stop();
    },
  };
}

function readBehaviour({ metadata, spec }: V1Pod): string {
  const isHook = spec?.restartPolicy === 'OnFailure';
  return metadata?.annotations?.[BEHAVIOUR] ?? (isHook ? 'exits:0' : 'runs');
}

/** The sidecar ends a bot that has not heard by then, as its hook is told. */
function readAnswerSeconds(pod: V1Pod): number {
  const hook = pod.spec?.initContainers?.[0]?.lifecycle?.preStop?.exec?.command ?? [];
  return Number(hook.at(-2));
}

/** What a kubelet says of a pod whose main container is in that state. */
export function describe(
  pod: V1Pod,
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed',
  state: V1ContainerState,
): V1PodStatus {
  const container = (name: string, its: V1ContainerState) => ({
    ...{ name, state: its, image: 'paper', imageID: '', restartCount: 0 },
    ready: its.running !== undefined,
    started: its.running !== undefined,
  });
  const name = pod.spec?.containers[0]?.name ?? BOT_CONTAINER;
  return { phase, containerStatuses: [container(name, state)] };
}

function describeExit(pod: V1Pod, exitCode: number): V1PodStatus {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return describe(pod, exitCode === 0 ? 'Succeeded' : 'Failed', {
    terminated: { exitCode, reason, finishedAt: new Date(), startedAt: new Date() },
  });
}

async function untilSecrets({ core }: Cluster, pod: V1Pod, isOver: () => boolean): Promise<void> {
  const namespace = pod.metadata?.namespace ?? '';
  for (const { secret } of pod.spec?.volumes ?? []) {
    const name = secret?.secretName;
    if (name === undefined) continue;
    while (!isOver()) {
      const found = await core.readNamespacedSecret({ namespace, name }).catch(() => null);
      if (found !== null) break;
      await pause(RETRY_MS);
    }
  }
}

async function patchStatus({ core }: Cluster, pod: V1Pod, status: V1PodStatus): Promise<void> {
  await core.patchNamespacedPodStatus(
    {
      name: pod.metadata?.name ?? '',
      namespace: pod.metadata?.namespace ?? '',
      body: { status },
    },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  );
}

async function joinCluster(cluster: Cluster): Promise<void> {
  const room = { cpu: '500', memory: '1Ti', pods: '1000', 'ephemeral-storage': '10Ti' };
  await cluster.core.createNode({
    body: {
      metadata: {
        name: NODE,
        labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': NODE },
      },
      status: { capacity: room, allocatable: room },
    },
  });
  await reportNode(cluster);
}

async function reportNode({ core }: Cluster): Promise<void> {
  const now = new Date();
  const isReady = {
    ...{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'on paper' },
    ...{ lastHeartbeatTime: now, lastTransitionTime: now },
  };
  await core.patchNodeStatus(
    { name: NODE, body: { status: { conditions: [isReady] } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  );
}
