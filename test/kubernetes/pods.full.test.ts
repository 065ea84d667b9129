import { makeInformer, PolicyV1Api, type V1Pod } from '@kubernetes/client-node';
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readConversation } from '../../temporal-dev/demo/conversation';
import { runMeeting, type MeetingRun } from '../../temporal-dev/demo/run-meeting';
import { startFakeParticipant, type FakeParticipant } from '../fake-participant';
import { KUBERNETES_BUILD_MS, makeNamespace } from './control-plane';
import { NAMESPACE, startRoom } from './installation';
import { HOST_ADDRESS, NODE, OUTSIDE_ADDRESS } from './node-network';
import { exhaustMemory, readHardening } from './pod-processes';
import { probe } from './probe';
import { openRealCluster, type RealCluster } from './real-cluster';
import { countHeard, listGaps, printMeeting, readText, sayAgain } from './told-again';

const MEETING_MS = 400_000;
const CONVERSATION = 'test/audio/standup.json';

let cluster: RealCluster;
beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('Expected to be root: a kubelet needs it');
  cluster = await openRealCluster();
}, KUBERNETES_BUILD_MS);
afterAll(() => cluster?.close(), 120_000);

async function findPod(meetingId: number, attempt: number): Promise<V1Pod> {
  const labelSelector = `meetings.bot/meeting=${meetingId},meetings.bot/attempt=${attempt}`;
  for (;;) {
    const { items } = await cluster.plane.cluster.core.listNamespacedPod({
      ...{ namespace: NAMESPACE, labelSelector },
    });
    if (items[0] !== undefined) return items[0];
    await pause(100);
  }
}

const listAttempts = (meetingId: number) =>
  cluster.db.prisma.botAttempt.findMany({ where: { meetingId }, orderBy: { attempt: 'asc' } });

async function untilInMeeting(meetingId: number, attempt: number): Promise<void> {
  for (;;) {
    const attempts = await listAttempts(meetingId);
    if (attempts.find((each) => each.attempt === attempt)?.status === 'in_meeting') return;
    await pause(200);
  }
}

/** All that was sent is written down, and the conversation was heard whole after that moment. */
async function expectAllHeard(
  run: MeetingRun,
  meetingId: number,
  sinceMs: number | null,
): Promise<void> {
  const chunks = await cluster.db.prisma.audioChunk.findMany({ where: { meetingId } });
  expect(chunks.filter(({ status }) => status !== 'done')).toEqual([]);
  const after = readText(run, (atMs) => sinceMs !== null && atMs >= sinceMs);
  const { utterances } = await readConversation(CONVERSATION);
  // how well is the model's matter, and this machine's
  for (const { text: said } of utterances) expect(countHeard(said, after)).toBeGreaterThan(0.5);
}

/** What was last known of a pod that is gone, and the seconds that it was given while it still ran. */
interface PodEnd {
  last: V1Pod;
  graces: ReadonlySet<number>;
}

function watchPodToItsEnd({ metadata }: V1Pod): Promise<PodEnd> {
  const { config, core } = cluster.plane.cluster;
  const informer = makeInformer<V1Pod>(config, `/api/v1/namespaces/${NAMESPACE}/pods`, () =>
    core.listNamespacedPod({ namespace: NAMESPACE }),
  );
  const graces = new Set<number>();
  informer.on('update', (pod) => {
    if (pod.metadata?.uid !== metadata?.uid || pod.status?.phase !== 'Running') return;
    const grace = pod.metadata?.deletionGracePeriodSeconds;
    if (grace !== undefined) graces.add(grace);
  });
  return new Promise((resolve, reject) => {
    informer.on('delete', (last) => {
      if (last.metadata?.uid !== metadata?.uid) return;
      informer.stop().then(() => resolve({ last, graces }), reject);
    });
    informer.start().catch(reject);
  });
}

describe('the chart on a real node', () => {
  const read = (...args: string[]): string =>
    cluster.plane.kubectl('-n', NAMESPACE, 'get', ...args);

  test('has run its migrations and set up Temporal, and has every pod it wants', () => {
    const jobs = read(
      'jobs',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.status.succeeded} {end}',
    );
    expect(jobs.trim().split(' ').sort()).toEqual([
      'vexa-migrate=1',
      expect.stringMatching(/^vexa-set-up-temporal-[0-9a-f]{10}=1$/),
    ]);
    const format =
      '{range .items[*]}{.metadata.name} {.spec.replicas}/{.status.readyReplicas}{"\\n"}{end}';
    const deployments = read('deployments', '-o', `jsonpath=${format}`).trim().split('\n');
    expect(deployments).toEqual(
      [
        'api',
        ...['analysis', 'bots', 'delivery', 'meetings', 'whisper'].map((q) => `worker-${q}`),
      ].map((name) => `vexa-${name} 1/1`),
    );
  });

  test('passes its own test', async () => {
    await expect(cluster.installed.helm('test', 'vexa', '--timeout', '5m')).resolves.toMatch(
      /Phase:\s+Succeeded/,
    );
  }, 330_000);
});

describe('a meeting whose bot is a pod', () => {
  let run: MeetingRun;
  let hardening: Record<string, string | undefined>;
  let meetingId = 0;

  beforeAll(async () => {
    let killing: Promise<void> | undefined;
    const killBot = async (): Promise<void> => {
      const pod = await findPod(meetingId, 1);
      const [pid = 0] = cluster.kubelet.listProcesses(pod.metadata?.uid ?? '', 'bot');
      hardening = readHardening(pid);
      await exhaustMemory(pid);
    };
    run = await runMeeting({
      ...{ api: cluster.api, practiceRoomUrl: cluster.roomUrl },
      chromiumPath: cluster.chromiumPath,
      conversation: sayAgain(await readConversation(CONVERSATION), 2, cluster.plane.directory),
      onSpeaking: (id) => (meetingId = id),
      onEvent: ({ event }) => {
        if (event.type === 'segment') killing ??= killBot();
      },
    });
    await killing;
    printMeeting(run);
  }, MEETING_MS);

  test('has another bot when the first is killed for its memory in mid-sentence', async () => {
    const attempts = await listAttempts(meetingId);
    expect(attempts.map(({ reason }) => reason)).toEqual(['out_of_memory', 'meeting_ended']);
    expect(attempts[0]?.detail).toContain('OOMKilled');
    expect(run.meeting).toMatchObject({ status: 'completed', reason: 'meeting_ended' });
    const { status } = await findPod(meetingId, 1);
    const end = status?.containerStatuses?.find(({ name }) => name === 'bot')?.state?.terminated;
    expect(end).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('is written down but for the gap that says when nobody heard it, and why', async () => {
    const gaps = listGaps(run);
    expect(gaps).toEqual([expect.objectContaining({ attempt: 1, reason: 'out_of_memory' })]);
    const [{ startMs, endMs } = { startMs: 0, endMs: null }] = gaps;
    await expectAllHeard(run, meetingId, endMs);
    expect(readText(run, (atMs) => atMs < startMs)).toContain('Good morning');
  });

  test('loses nothing of what its dead bot had on its disk: the sidecar sends it', async () => {
    const pod = await findPod(meetingId, 1);
    const log = cluster.kubelet.readLog(NAMESPACE, pod.metadata?.name ?? '', 'spool');
    expect(log).toContain('spool delivered');
    const sidecar = pod.status?.initContainerStatuses?.find(({ name }) => name === 'spool');
    expect(sidecar?.state?.terminated).toMatchObject({ exitCode: 0 });
  });

  test('holds its bot to all that its spec promises', () => {
    expect(hardening).toEqual({
      user: '10001',
      capabilities: '0000000000000000',
      noNewPrivileges: '1',
      seccomp: '2',
      root: 'ro',
      sharedMemory: 'tmpfs',
    });
  });
});

describe('a bot in a pod that is frozen', () => {
  let maya: FakeParticipant | undefined;
  afterAll(() => maya?.kill());

  test(
    'is ended by its sidecar, which has all its time to send what was on the disk',
    async () => {
      const { api, db, kubelet, chromiumPath } = cluster;
      const roomUrl = `${cluster.roomUrl}/r/frozen`;
      const audioFile = path.resolve('test/audio/standup-maya.wav');
      maya = await startFakeParticipant({
        ...{ roomUrl, audioFile, chromiumPath },
        ...{ name: 'Maya', host: true },
      });
      const { id: meetingId } = await api.createMeeting({
        ...{ title: 'Frozen', meetingUrl: roomUrl, recording: false },
      });
      await api.startBot(meetingId);
      await untilInMeeting(meetingId, 1);
      await maya.startSpeaking();
      while ((await db.prisma.audioChunk.count({ where: { meetingId } })) === 0) await pause(200);
      const pod = await findPod(meetingId, 1);
      const ending = watchPodToItsEnd(pod);
      for (const pid of kubelet.listProcesses(pod.metadata?.uid ?? '', 'bot')) {
        process.kill(pid, 'SIGSTOP');
      }
      const { last, graces } = await ending;
      const { containerStatuses = [], initContainerStatuses = [] } = last.status ?? {};
      const ends = [...containerStatuses, ...initContainerStatuses];
      expect(ends.map(({ name, state }) => [name, state?.terminated?.exitCode])).toEqual([
        ['bot', 137],
        ['spool', 0],
      ]);
      // never shortened
      expect([...graces]).toEqual([pod.spec?.terminationGracePeriodSeconds]);
      await untilInMeeting(meetingId, 2);
      const [first] = await listAttempts(meetingId);
      expect(first).toMatchObject({ reason: 'lost', status: 'failed' });
      await maya.endMeeting();
      while ((await api.readMeeting(meetingId)).status !== 'completed') await pause(500);
    },
    MEETING_MS,
  );
});

describe('a node that is drained with a meeting on it', () => {
  let run: MeetingRun;
  let meetingId = 0;
  let refusal = '';
  let ending: PodEnd;

  const kubectl = async (...args: string[]): Promise<string> => {
    const { executable, kubeconfig } = cluster.plane;
    const whole = ['kubectl', '--kubeconfig', kubeconfig('admin'), ...args];
    const { stdout, stderr } = await promisify(execFile)(executable, whole);
    return stdout + stderr;
  };
  // as the guide has it, but for what has no other node to move to here
  const drain = (timeout: string): Promise<string> =>
    kubectl(
      ...['drain', NODE, '--ignore-daemonsets', '--delete-emptydir-data'],
      ...[`--timeout=${timeout}`, '--pod-selector=app.kubernetes.io/component=bot'],
    );

  async function drainWhole(isDelayed: () => boolean): Promise<void> {
    await kubectl('cordon', NODE);
    const gone = watchPodToItsEnd(await findPod(meetingId, 1));
    refusal = await drain('6s').catch((error: Error) => error.message);
    // what bots.blockEviction=false leaves out
    const policy = cluster.plane.cluster.config.makeApiClient(PolicyV1Api);
    await policy.deleteNamespacedPodDisruptionBudget({ namespace: NAMESPACE, name: 'vexa-bot' });
    await drain('3m');
    ending = await gone;
    while (!isDelayed()) await pause(200);
    await kubectl('uncordon', NODE);
  }

  beforeAll(async () => {
    let draining: Promise<void> | undefined;
    let isDelayed = false;
    run = await runMeeting({
      ...{ api: cluster.api, practiceRoomUrl: cluster.roomUrl },
      chromiumPath: cluster.chromiumPath,
      conversation: sayAgain(await readConversation(CONVERSATION), 3, cluster.plane.directory),
      onSpeaking: (id) => (meetingId = id),
      onEvent: ({ event }) => {
        if (event.type === 'segment') draining ??= drainWhole(() => isDelayed);
        isDelayed ||=
          event.type === 'bot.pickup_delayed' &&
          event.attempt === 2 &&
          event.reason === 'unschedulable';
      },
    });
    await draining;
    printMeeting(run);
  }, MEETING_MS);

  test('leaves the bot where it is while the chart’s budget holds', () => {
    expect(refusal).toContain("violate the pod's disruption budget");
    const [gap] = listGaps(run);
    expect(readText(run, (atMs) => atMs < (gap?.startMs ?? 0))).toContain('Good morning');
  });

  test('has it leave the call and send all it has within its grace, once it is evicted', () => {
    const {
      containerStatuses = [],
      initContainerStatuses = [],
      conditions,
    } = ending.last.status ?? {};
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }),
    );
    const ends = [...containerStatuses, ...initContainerStatuses];
    expect(ends.map(({ name, state }) => [name, state?.terminated?.exitCode])).toEqual([
      ['bot', 0],
      ['spool', 0],
    ]);
    expect([...ending.graces]).toEqual([ending.last.spec?.terminationGracePeriodSeconds]);
  });

  test('has the next one wait for a node, saying so, and go on with the meeting', async () => {
    const attempts = await listAttempts(meetingId);
    expect(attempts.map(({ reason }) => reason)).toEqual(['evicted', 'meeting_ended']);
    expect(run.meeting).toMatchObject({ status: 'completed', reason: 'meeting_ended' });
    const gaps = listGaps(run);
    expect(gaps).toEqual([expect.objectContaining({ attempt: 1, reason: 'evicted' })]);
    await expectAllHeard(run, meetingId, gaps[0]?.endMs ?? null);
  });
});

describe('network policies that are enforced', () => {
  const others: Server[] = [];
  afterAll(() => others.forEach((server) => server.close()));

  async function listen(host: string): Promise<string> {
    const server = createServer((_, answer) => answer.end('here'));
    others.push(server);
    server.listen(0, host);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('Expected a port');
    return `${host}:${address.port}`;
  }

  const labels = (component: string) => ({
    'app.kubernetes.io/name': 'vexa',
    'app.kubernetes.io/instance': 'vexa',
    'app.kubernetes.io/component': component,
  });

  async function findAddress(component: string): Promise<string> {
    const labelSelector = `app.kubernetes.io/component=${component}`;
    const { items } = await cluster.plane.cluster.core.listNamespacedPod({
      ...{ namespace: NAMESPACE, labelSelector },
    });
    return items[0]?.status?.podIP ?? '';
  }

  test('let a bot reach the API, the internet and names, and nothing else', async () => {
    await makeNamespace(cluster.plane.cluster, 'elsewhere');
    const neighbour = new URL(await startRoom(cluster.plane, 'neighbour'));
    const targets = {
      api: `vexa-api.${NAMESPACE}.svc.cluster.local:8000`,
      internet: await listen(OUTSIDE_ADDRESS),
      meetingServer: new URL(cluster.roomUrl).host,
      neighbour: neighbour.host,
      privateNetwork: await listen(HOST_ADDRESS),
      kubernetes: '10.96.0.1:443',
      worker: `${await findAddress('worker-bots')}:8001`,
    };
    const bot = { namespace: NAMESPACE, name: 'probe-bot', labels: labels('bot') };
    const launcher = { ...bot, name: 'probe-launcher', labels: labels('worker-bots') };
    const nobody = { ...bot, name: 'probe-nobody', labels: {} };
    const stranger = { namespace: 'elsewhere', name: 'probe-stranger', labels: {} };
    const [byBot, byLauncher, byNobody, byStranger] = [
      await probe(cluster, bot, targets),
      await probe(cluster, launcher, targets),
      await probe(cluster, nobody, targets),
      await probe(cluster, stranger, targets),
    ];
    const none = Object.fromEntries(Object.keys(targets).map((name) => [name, false]));
    expect(byBot).toEqual({ ...none, api: true, internet: true, meetingServer: true });
    expect(byLauncher).toEqual({ ...none, api: true, kubernetes: true });
    expect(byNobody).toEqual(none);
    // where no policy is, everything is reached but what the chart closes
    expect(byStranger).toEqual({
      ...{ internet: true, meetingServer: true, neighbour: true, privateNetwork: true },
      ...{ kubernetes: true, api: false, worker: false },
    });
  }, 300_000);
});
