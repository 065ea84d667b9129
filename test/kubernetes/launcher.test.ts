import { PolicyV1Api, type V1Pod } from '@kubernetes/client-node';
import { setTimeout as pause } from 'node:timers/promises';
import {
  BotNotLaunchableError,
  type BotLaunch,
  type BotLauncher,
  type BotSighting,
} from '../../infra/bot-launcher';
import type { Cluster } from '../../infra/kubernetes/cluster';
import { readSighting } from '../../infra/kubernetes/read-sighting';
import {
  describeBotLauncher,
  makeLaunch,
  sees,
  type BotBehaviour,
  type LauncherUnderTest,
} from '../bot-launcher-contract';
import {
  KUBERNETES_BUILD_MS,
  makeNamespace,
  startControlPlane,
  type ControlPlane,
} from './control-plane';
import {
  makeLauncher,
  makeNamespaceName,
  openAsLauncher,
  type KubernetesLauncher,
} from './launchers';
import {
  BEHAVIOUR,
  describe as describePod,
  startPaperKubelet,
  type PaperKubelet,
} from './paper-kubelet';

let plane: ControlPlane;
let kubelet: PaperKubelet;
let cluster: Cluster;
beforeAll(async () => {
  plane = await startControlPlane();
  cluster = plane.cluster;
  kubelet = await startPaperKubelet(cluster);
}, KUBERNETES_BUILD_MS);
afterAll(async () => {
  await kubelet.close();
  await plane.stop();
});

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };
const opened: KubernetesLauncher[] = [];
afterEach(async () => {
  for (const launcher of opened.splice(0)) await launcher.close();
});

/** A namespace of its own, and a launcher that may do in it what it must and nothing more. */
async function openNamespace(behaviour: string): Promise<Scene> {
  const namespace = makeNamespaceName();
  await makeNamespace(cluster, namespace, RESTRICTED);
  const settings = {
    BOT_NAMESPACE: namespace,
    BOT_ANNOTATIONS: JSON.stringify({ [BEHAVIOUR]: behaviour }),
  };
  const limited = await openAsLauncher(plane, namespace);
  const open = (): KubernetesLauncher => {
    const launcher = makeLauncher(limited, settings);
    opened.push(launcher);
    return launcher;
  };
  return { namespace, limited, open, launcher: open() };
}

interface Scene {
  namespace: string;
  limited: Cluster;
  launcher: KubernetesLauncher;
  open(): KubernetesLauncher;
}

async function openPaper(behaviour: BotBehaviour): Promise<LauncherUnderTest> {
  const { namespace, open, launcher } = await openNamespace(describeBehaviour(behaviour));
  const before = kubelet.starts.length;
  const countStarts = (name: string): Promise<number> =>
    Promise.resolve(kubelet.starts.slice(before).filter((each) => each === name).length);
  return {
    launcher: {
      ...launcher,
      async launch(launch) {
        await launcher.launch(launch);
        await seesNot(launcher, launch.name, 'pending');
      },
    },
    restart: open,
    countStarts,
    close: async () => void (await cluster.core.deleteNamespace({ name: namespace })),
  };
}

async function seesNot(launcher: BotLauncher, name: string, state: string): Promise<void> {
  while ((await launcher.inspect(name)).state === state) await pause(20);
}

function describeBehaviour(behaviour: BotBehaviour): string {
  if (behaviour.kind === 'exits') return `exits:${behaviour.code}`;
  return behaviour.kind === 'stays' ? 'stays' : 'runs';
}

describeBotLauncher('the Kubernetes launcher', openPaper);

async function findPod(namespace: string): Promise<V1Pod> {
  for (;;) {
    const { items } = await cluster.core.listNamespacedPod({ namespace });
    if (items[0]?.spec?.nodeName !== undefined) return items[0];
    await pause(20);
  }
}

/** Launches a bot that runs, or waits for ever where it `waits`. */
async function launchOne(behaviour = 'runs'): Promise<Scene & { bot: BotLaunch; pod: V1Pod }> {
  const scene = await openNamespace(behaviour);
  const bot = makeLaunch();
  await scene.launcher.launch(bot);
  const pod = await findPod(scene.namespace);
  if (behaviour === 'runs') await sees(scene.launcher, bot.name, 'running');
  return { ...scene, bot, pod };
}

const terminated = (exitCode: number, reason: string) => ({ terminated: { exitCode, reason } });
const disrupted = (reason: string) => ({
  conditions: [
    { type: 'DisruptionTarget', status: 'True', reason, lastTransitionTime: new Date() },
  ],
});

describe('why a bot ended', () => {
  test.each([
    ['out_of_memory', terminated(137, 'OOMKilled'), {}],
    ['evicted', terminated(137, 'Error'), { reason: 'Evicted', message: 'The node was low on …' }],
    ['evicted', terminated(143, 'Error'), disrupted('EvictionByEvictionAPI')],
    ['evicted', terminated(143, 'Error'), disrupted('PreemptionByScheduler')],
    ['node_lost', terminated(137, 'ContainerStatusUnknown'), {}],
    ['node_lost', terminated(143, 'Error'), disrupted('DeletionByTaintManager')],
    ['time_limit', terminated(143, 'Error'), { reason: 'DeadlineExceeded' }],
  ])('is read as %s from %j and %j', async (cause, state, more) => {
    const { launcher, bot, pod } = await launchOne();
    await kubelet.report(pod, { ...describePod(pod, 'Failed', state), ...more });
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({
      ...{ cause, launchId: bot.launchId, exitCode: state.terminated.exitCode },
      detail: expect.stringContaining(`exit code ${state.terminated.exitCode}`) as string,
    });
  });

  test('is known while its sidecar still sends what it left', async () => {
    const { launcher, bot, pod } = await launchOne();
    await kubelet.report(pod, describePod(pod, 'Running', terminated(137, 'OOMKilled')));
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({
      cause: 'out_of_memory',
    });
    let isDelivered = false;
    const delivery = launcher.deliver({ ...bot, token: 'fresh' }).then(() => (isDelivered = true));
    await launcher.forget(bot.name);
    await expect(launcher.list()).resolves.toEqual([bot.name]);
    expect(isDelivered).toBe(false);
    await kubelet.report(pod, describePod(pod, 'Failed', terminated(137, 'OOMKilled')));
    await delivery;
  });

  test('is known by its exit code when the pod is gone', async () => {
    const { launcher, bot, pod, namespace } = await launchOne();
    await kubelet.report(pod, describePod(pod, 'Failed', terminated(3, 'Error')));
    await sees(launcher, bot.name, 'ended');
    await untilJob(namespace, 'Failed');
    await removePod(pod);
    await expect(seesDetail(launcher, bot.name, 'PodFailurePolicy')).resolves.toMatchObject({
      exitCode: 3,
    });
  });

  test('is its longest time when the Job’s deadline has come', async () => {
    const { launcher, bot, namespace } = await launchOne();
    plane.kubectl(
      ...['-n', namespace, 'patch', 'job', bot.name, '--type=merge'],
      ...['-p', '{"spec":{"activeDeadlineSeconds":1}}'],
    );
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({ cause: 'time_limit' });
  });

  test('is its eviction when a node is drained, which the chart’s budget refuses', async () => {
    const { launcher, bot, pod, namespace } = await launchOne('stays');
    const name = pod.metadata?.name ?? '';
    const body = { metadata: { name }, deleteOptions: { gracePeriodSeconds: 1 } };
    const evict = () => cluster.core.createNamespacedPodEviction({ namespace, name, body });
    await sees(launcher, bot.name, 'running');
    const selector = { matchLabels: { 'meetings.bot/meeting': String(bot.meetingId) } };
    const budget = { metadata: { name: 'bots' }, spec: { minAvailable: 1_000_000, selector } };
    const policy = cluster.config.makeApiClient(PolicyV1Api);
    await policy.createNamespacedPodDisruptionBudget({ namespace, body: budget });
    await expect(evict()).rejects.toMatchObject({ code: 429 });
    await policy.deleteNamespacedPodDisruptionBudget({ namespace, name: 'bots' });
    await evict();
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({ cause: 'evicted' });
  });

  test('is the loss of its machine when nobody confirms its end', () => {
    const deletionTimestamp = new Date('2026-01-01T09:00:00Z');
    const job = { metadata: { labels: { 'meetings.bot/launch': 'any' } } };
    const pod = { metadata: { deletionTimestamp } };
    const running = { ...pod, status: describePod(pod, 'Running', { running: {} }) };
    const read = (seconds: number) =>
      readSighting(job, running, deletionTimestamp.getTime() + seconds * 1_000);
    expect(read(10)).toMatchObject({ state: 'running' });
    expect(read(20)).toMatchObject({ state: 'ended', cause: 'node_lost' });
  });
});

async function removePod({ metadata }: V1Pod): Promise<void> {
  await cluster.core.deleteNamespacedPod({
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    body: { gracePeriodSeconds: 0 },
  });
}

async function untilJob(namespace: string, condition: string): Promise<void> {
  for (;;) {
    const { items } = await cluster.batch.listNamespacedJob({ namespace });
    if (items[0]?.status?.conditions?.some(({ type }) => type === condition)) return;
    await pause(20);
  }
}

/** What it then sees, once: a look through the watch may be a moment behind one at the cluster. */
async function seesDetail(launcher: BotLauncher, name: string, text: string): Promise<BotSighting> {
  for (;;) {
    const sighting = await launcher.inspect(name);
    if ('detail' in sighting && sighting.detail?.includes(text)) return sighting;
    await pause(20);
  }
}

describe('what a bot waits for', () => {
  test.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName'])(
    'is its image when the kubelet says %s',
    async (reason) => {
      const { launcher, bot, pod } = await launchOne('waits');
      const message = 'manifest unknown';
      await kubelet.report(pod, describePod(pod, 'Pending', { waiting: { reason, message } }));
      await expect(seesDetail(launcher, bot.name, message)).resolves.toMatchObject({
        ...{ state: 'pending', cause: 'image_pull_failed' },
      });
    },
  );

  test('is a machine when none has room for it, and it can be stopped then', async () => {
    const namespace = makeNamespaceName();
    await makeNamespace(cluster, namespace, RESTRICTED);
    const limits = { memory: '2Ti' };
    const launcher = makeLauncher(await openAsLauncher(plane, namespace), {
      BOT_NAMESPACE: namespace,
      BOT_RESOURCES: JSON.stringify({ custom: { requests: limits, limits } }),
    });
    opened.push(launcher);
    const bot = makeLaunch();
    await launcher.launch(bot);
    await expect(seesDetail(launcher, bot.name, 'Insufficient memory')).resolves.toMatchObject({
      cause: 'unschedulable',
    });
    await launcher.stop(bot.name, 0);
    await expect(launcher.inspect(bot.name)).resolves.toEqual({ state: 'absent' });
  });

  test('is a quota that its namespace has used up, until there is room again', async () => {
    const { namespace, launcher } = await openNamespace('runs');
    const quota = { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } };
    await cluster.core.createNamespacedResourceQuota({ namespace, body: quota });
    const bot = makeLaunch();
    await launcher.launch(bot);
    await expect(seesDetail(launcher, bot.name, 'exceeded quota: none')).resolves.toMatchObject({
      ...{ state: 'pending', launchId: bot.launchId, cause: 'quota_exceeded' },
    });
    await cluster.core.deleteNamespacedResourceQuota({ namespace, name: 'none' });
    await sees(launcher, bot.name, 'running');
  });

  test('is a pod that the cluster’s rules never let be made, and it can be stopped then', async () => {
    const { namespace, launcher } = await openNamespace('runs');
    const limits = [{ type: 'Container', max: { memory: '100Mi' } }];
    const body = { metadata: { name: 'small' }, spec: { limits } };
    await cluster.core.createNamespacedLimitRange({ namespace, body });
    const bot = makeLaunch();
    await launcher.launch(bot);
    await expect(
      seesDetail(launcher, bot.name, 'maximum memory usage per Container is 100Mi'),
    ).resolves.toMatchObject({ cause: 'launch_failed' });
    await launcher.stop(bot.name, 0);
    await expect(launcher.inspect(bot.name)).resolves.toEqual({ state: 'absent' });
  });

  test('is nothing that waiting brings when the cluster refuses it, and says so', async () => {
    const { namespace, limited } = await openNamespace('runs');
    const launcher = makeLauncher(limited, {
      ...{ BOT_NAMESPACE: namespace, BOT_PRIORITY_CLASS: 'not a name' },
    });
    opened.push(launcher);
    const launching = launcher.launch(makeLaunch());
    await expect(launching).rejects.toBeInstanceOf(BotNotLaunchableError);
    await expect(launching).rejects.toThrow('priorityClassName');
  });
});

describe('a bot as a Job', () => {
  test('is absent when somebody deletes its Job', async () => {
    const { launcher, bot, namespace } = await launchOne();
    plane.kubectl('-n', namespace, 'delete', 'job', bot.name, '--wait=false');
    await sees(launcher, bot.name, 'absent');
  });

  test('has ended when somebody deletes its pod', async () => {
    const { launcher, bot, pod, namespace } = await launchOne();
    plane.kubectl('-n', namespace, 'delete', 'pod', pod.metadata?.name ?? '', '--wait=false');
    await expect(sees(launcher, bot.name, 'ended')).resolves.toMatchObject({ exitCode: 0 });
  });

  test('has its token in a Secret that goes with it', async () => {
    const { launcher, bot, namespace } = await launchOne();
    const list = () => cluster.core.listNamespacedSecret({ namespace });
    const [secret] = (await list()).items;
    expect(atob(secret?.data?.['token'] ?? '')).toBe(bot.token);
    const text = plane.kubectl('-n', namespace, 'get', 'jobs,pods', '-o', 'yaml');
    expect(text).not.toContain(bot.token);
    await launcher.erase(bot.name);
    while ((await list()).items.length > 0) await pause(50);
  });

  test('runs hardened, with memory to share and a disk that outlives it', async () => {
    const { pod } = await launchOne();
    const [sidecar] = pod.spec?.initContainers ?? [];
    const [main] = pod.spec?.containers ?? [];
    for (const container of [sidecar, main]) {
      expect(container?.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect(sidecar?.restartPolicy).toBe('Always');
    expect(pod.spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.metadata?.annotations).toMatchObject({
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
      'karpenter.sh/do-not-disrupt': 'true',
    });
    const shm = pod.spec?.volumes?.find(({ name }) => name === 'shm');
    expect(shm?.emptyDir).toMatchObject({ medium: 'Memory', sizeLimit: '512Mi' });
  });
});

describe('what the launcher may do', () => {
  test.each([
    [
      'read a Secret',
      (c: Cluster, namespace: string) => c.core.listNamespacedSecret({ namespace }),
    ],
    ['see another namespace', (c: Cluster) => c.core.listNamespacedPod({ namespace: 'default' })],
    ['see nodes', (c: Cluster) => c.core.listNode()],
    [
      'make pods that no Job stands for',
      (c: Cluster, namespace: string) =>
        c.core.createNamespacedPod({ namespace, body: { metadata: { name: 'any' } } }),
    ],
  ])('is not to %s', async (_, act) => {
    const { limited, namespace } = await openNamespace('runs');
    await expect(act(limited, namespace)).rejects.toMatchObject({ code: 403 });
  });
});

/** Again when the server did not answer in time, as Temporal has an activity tried again. */
async function asActivity<Result>(act: () => Promise<Result>): Promise<Result> {
  for (let left = 5; ; left--) {
    try {
      return await act();
    } catch (error) {
      if (left === 0 || error instanceof BotNotLaunchableError) throw error;
    }
  }
}

describe('many bots at once', () => {
  test('are all launched, seen, stopped and erased', async () => {
    const { launcher } = await openNamespace('runs');
    const bots = Array.from({ length: 200 }, (_, i) => ({
      ...makeLaunch(),
      ...{ name: `bot-${i + 1}-1`, meetingId: i + 1 },
    }));
    const withEach = <Result>(act: (bot: BotLaunch) => Promise<Result>): Promise<Result[]> =>
      Promise.all(bots.map((bot) => asActivity(() => act(bot))));
    await withEach((bot) => launcher.launch(bot));
    await withEach(({ name }) => sees(launcher, name, 'running'));
    await expect(launcher.list()).resolves.toHaveLength(200);
    // no bot takes that long, but a machine with two hundred ends to write down may
    await withEach(({ name }) => launcher.stop(name, 120_000));
    const ends = await withEach(({ name }) => launcher.inspect(name));
    expect(ends.filter((end) => end.state === 'ended' && end.exitCode === 0)).toHaveLength(200);
  }, 300_000);
});
