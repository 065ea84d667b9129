import fs from 'node:fs';
import { spawn } from 'node:child_process';
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeInformer, type V1Pod } from '@kubernetes/client-node';
import { createDatabase, type Database } from '../../infra/database/client';
import { readConversation, type Conversation } from '../../temporal-dev/demo/conversation';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { runMeeting, type MeetingRun } from '../../temporal-dev/demo/run-meeting';
import { findStackDir } from '../../temporal-dev/folders';
import { PART_NAMES } from '../../temporal-dev/part';
import { findFreePorts } from '../../temporal-dev/ports';
import {
  startPracticeRoom,
  type PracticeRoom,
} from '../../temporal-dev/practice-room/practice-room';
import { startStack, type Stack } from '../../temporal-dev/stack';
import { findChromium } from '../chromium-path';
import { startFakeParticipant, type FakeParticipant } from '../fake-participant';
import { writeBotImage } from './bot-image';
import {
  KUBERNETES_BUILD_MS,
  makeNamespace,
  startControlPlane,
  type ControlPlane,
} from './control-plane';
import {
  API_ADDRESS,
  HOST_ADDRESS,
  openBridge,
  startRealKubelet,
  type RealKubelet,
} from './real-kubelet';

const NAMESPACE = 'vexa';
const IMAGE = 'local/bot:1';
/** This node does not count what is on its disk. */
const RESOURCES = {
  default: {
    requests: { cpu: '200m', memory: '512Mi', 'ephemeral-storage': '0' },
    limits: { memory: '1Gi', 'ephemeral-storage': '0' },
  },
};

let bridge: { close(): void };
let plane: ControlPlane;
let kubelet: RealKubelet;
let room: PracticeRoom;
let stack: Stack;
let db: Database;
let api: DemoApiClient;
let chromiumPath: string;
const servers: net.Server[] = [];

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('Expected to be root: a kubelet needs it');
  bridge = openBridge();
  plane = await startControlPlane(API_ADDRESS);
  kubelet = await startRealKubelet(plane);
  room = await startPracticeRoom({
    ...{ host: HOST_ADDRESS, port: 0 },
    forgetAfterMs: 600_000,
    absenceMs: 6_000,
  });
  const origin = new URL(room.url).origin;
  const { directory: folder } = plane;
  kubelet.load(
    writeBotImage({ name: IMAGE, folder, busybox: kubelet.busybox, secureOrigin: origin }),
  );
  await makeNamespace(plane.cluster, NAMESPACE, {
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  chromiumPath = writeBrowser(folder, origin);
  await startPlatform(origin);
}, KUBERNETES_BUILD_MS);
afterAll(async () => {
  await db?.close();
  await stack?.stop();
  await room?.close();
  for (const server of servers) server.close();
  await kubelet?.stop();
  await plane?.stop();
  bridge?.close();
}, 120_000);

/** For people: their page is not on `localhost` either, and asks for the microphone. */
function writeBrowser(folder: string, origin: string): string {
  const script = path.join(folder, 'browser');
  const flag = `--unsafely-treat-insecure-origin-as-secure=${origin}`;
  fs.writeFileSync(script, `#!/bin/sh\nexec ${findChromium()} ${flag} "$@"\n`, { mode: 0o755 });
  return script;
}

async function startPlatform(practiceRoomUrl: string): Promise<void> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(plane.directory, 'stack');
  fs.mkdirSync(dir);
  const ports = await findFreePorts();
  const { CHROMIUM_PATH, PATH, HOME } = process.env;
  stack = await startStack({
    ...{ dir, toolsDir: path.join(stackDir, 'tools'), ports },
    parts: PART_NAMES.filter((part) => part !== 'web' && part !== 'practice-room'),
    env: {
      ...{ CHROMIUM_PATH, PATH, HOME },
      PRACTICE_ROOM_URL: practiceRoomUrl,
      BOT_LAUNCHER: 'kubernetes',
      KUBECONFIG: plane.kubeconfig('admin'),
      BOT_NAMESPACE: NAMESPACE,
      BOT_IMAGE: IMAGE,
      BOT_RESOURCES: JSON.stringify(RESOURCES),
      BOT_IMAGE_PULL_POLICY: 'Never',
      BOT_API_URL: await forward(ports.api),
    },
    log: () => undefined,
  });
  db = createDatabase({ url: stack.env['DATABASE_URL'] ?? '' });
  api = new DemoApiClient(stack.env['API_URL'] ?? '');
  await api.signIn('kubernetes@example.org');
}

/** Local sign-in holds the API to loopback: pods reach it through this. */
async function forward(port: number): Promise<string> {
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  server.listen(0, HOST_ADDRESS);
  await once(server, 'listening');
  servers.push(server);
  return `http://${HOST_ADDRESS}:${(server.address() as AddressInfo).port}`;
}

async function findPod(meetingId: number, attempt: number): Promise<V1Pod> {
  const labelSelector = `meetings.bot/meeting=${meetingId},meetings.bot/attempt=${attempt}`;
  for (;;) {
    const { items } = await plane.cluster.core.listNamespacedPod({
      ...{ namespace: NAMESPACE, labelSelector },
    });
    if (items[0] !== undefined) return items[0];
    await pause(100);
  }
}

/** Fills the memory that the bot's container may use, and has the kernel choose the bot itself. */
async function exhaustMemory(pid: number): Promise<void> {
  fs.writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  const script = `const fs = require('fs');
fs.writeFileSync('${findMemoryGroup(pid)}/cgroup.procs', String(process.pid));
const all = [];
setInterval(() => all.push(Buffer.alloc(64 << 20, 1)), 20);`;
  const hog = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  while (fs.existsSync(`/proc/${pid}`)) await pause(50);
  hog.kill('SIGKILL');
}

function findMemoryGroup(pid: number): string {
  const groups = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const find = (controller: string): string | undefined =>
    groups.map((line) => line.split(':')).find(([, name]) => name === controller)?.[2];
  const old = find('memory');
  return old === undefined
    ? path.join('/sys/fs/cgroup', find('') ?? '')
    : path.join('/sys/fs/cgroup/memory', old);
}

/** Everybody says it all a second time, when the next bot has long been there. */
async function sayTwice(conversation: Conversation): Promise<Conversation> {
  const { durationMs, utterances } = conversation;
  const speakers = conversation.speakers.map(({ name, audioFile }) => {
    const wav = fs.readFileSync(audioFile);
    const [header, sound] = [wav.subarray(0, HEADER_BYTES), wav.subarray(HEADER_BYTES)];
    const bytesPerMs = header.readUInt32LE(28) / 1_000;
    const pauseBytes = Buffer.alloc(
      Math.max(0, Math.round((durationMs * bytesPerMs) / 2) * 2 - sound.length),
    );
    const data = Buffer.concat([sound, pauseBytes, sound]);
    const twice = Buffer.concat([header, data]);
    twice.writeUInt32LE(twice.length - 8, 4);
    twice.writeUInt32LE(data.length, HEADER_BYTES - 4);
    const file = path.join(plane.directory, `${name}.wav`);
    fs.writeFileSync(file, twice);
    return { name, audioFile: file };
  });
  const again = utterances.map((each) => ({
    ...each,
    startMs: each.startMs + durationMs,
    endMs: each.endMs + durationMs,
  }));
  const doubled = { speakers, utterances: [...utterances, ...again] };
  return { ...conversation, ...doubled, durationMs: 2 * durationMs };
}

const HEADER_BYTES = 44;

/** What the kernel holds the bot to, whatever its spec says. */
function readHardening(pid: number): Record<string, string | undefined> {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const mounts = fs.readFileSync(`/proc/${pid}/mounts`, 'utf8');
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
  const mount = (place: string): string[] =>
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, at]) => at === place) ?? [];
  return {
    user: field('Uid'),
    capabilities: field('CapEff'),
    noNewPrivileges: field('NoNewPrivs'),
    seccomp: field('Seccomp'),
    root: mount('/')[3]?.split(',')[0],
    sharedMemory: mount('/dev/shm')[0],
  };
}

describe('a meeting whose bot is a pod', () => {
  let run: MeetingRun;
  let hardening: Record<string, string | undefined>;
  let meetingId = 0;

  beforeAll(async () => {
    let killing: Promise<void> | undefined;
    const killBot = async (): Promise<void> => {
      const pod = await findPod(meetingId, 1);
      const [pid = 0] = kubelet.listProcesses(pod.metadata?.uid ?? '', 'bot');
      hardening = readHardening(pid);
      await exhaustMemory(pid);
    };
    run = await runMeeting({
      ...{ api, practiceRoomUrl: new URL(room.url).origin, chromiumPath },
      conversation: await sayTwice(await readConversation('test/audio/standup.json')),
      onSpeaking: (id) => (meetingId = id),
      onEvent: ({ event }) => {
        if (event.type === 'segment') killing ??= killBot();
      },
    });
    await killing;
    printMeeting(run);
  }, 400_000);

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
    const gaps = run.events.flatMap(({ event }) => (event.type === 'gap' ? [event] : []));
    expect(gaps).toEqual([expect.objectContaining({ attempt: 1, reason: 'out_of_memory' })]);
    const { startMs = 0, endMs } = gaps[0] ?? {};
    const chunks = await db.prisma.audioChunk.findMany({ where: { meetingId } });
    expect(chunks.filter(({ status }) => status !== 'done')).toEqual([]);
    const { utterances } = await readConversation('test/audio/standup.json');
    const text = (isHeard: (segment: { startMs: number }) => boolean): string =>
      run.segments
        .filter(isHeard)
        .map((each) => each.text)
        .join(' ');
    const after = text(
      (segment) => endMs !== undefined && endMs !== null && segment.startMs >= endMs,
    );
    // heard whole the second time; how well is the model's matter, and this machine's
    for (const { text: said } of utterances) expect(countHeard(said, after)).toBeGreaterThan(0.5);
    expect(text((segment) => segment.startMs < startMs)).toContain('Good morning');
  });

  test('loses nothing of what its dead bot had on its disk: the sidecar sends it', async () => {
    const pod = await findPod(meetingId, 1);
    const log = kubelet.readLog(NAMESPACE, pod.metadata?.name ?? '', 'spool');
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

  test('is ended by its sidecar, which has all its time to send what was on the disk', async () => {
    const roomUrl = `${new URL(room.url).origin}/r/frozen`;
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
    const last = watchPodToItsEnd(pod);
    for (const pid of kubelet.listProcesses(pod.metadata?.uid ?? '', 'bot')) {
      process.kill(pid, 'SIGSTOP');
    }
    const { metadata, status } = await last;
    const ends = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    expect(ends.map(({ name, state }) => [name, state?.terminated?.exitCode])).toEqual([
      ['bot', 137],
      ['spool', 0],
    ]);
    // never shortened
    expect(metadata?.deletionGracePeriodSeconds).toBe(pod.spec?.terminationGracePeriodSeconds);
    await untilInMeeting(meetingId, 2);
    const [first] = await listAttempts(meetingId);
    expect(first).toMatchObject({ reason: 'lost', status: 'failed' });
    await maya.endMeeting();
    while ((await api.readMeeting(meetingId)).status !== 'completed') await pause(500);
  }, 400_000);
});

const listAttempts = (meetingId: number) =>
  db.prisma.botAttempt.findMany({ where: { meetingId }, orderBy: { attempt: 'asc' } });

async function untilInMeeting(meetingId: number, attempt: number): Promise<void> {
  for (;;) {
    const attempts = await listAttempts(meetingId);
    if (attempts.find((each) => each.attempt === attempt)?.status === 'in_meeting') return;
    await pause(200);
  }
}

/** Resolves, once the pod is gone, with the last that was known of it. */
function watchPodToItsEnd({ metadata }: V1Pod): Promise<V1Pod> {
  const { config, core } = plane.cluster;
  const informer = makeInformer<V1Pod>(config, `/api/v1/namespaces/${NAMESPACE}/pods`, () =>
    core.listNamespacedPod({ namespace: NAMESPACE }),
  );
  return new Promise((resolve, reject) => {
    informer.on('delete', (pod) => {
      if (pod.metadata?.uid === metadata?.uid) informer.stop().then(() => resolve(pod), reject);
    });
    informer.start().catch(reject);
  });
}

/** Share of the words of a sentence that were written down. */
function countHeard(said: string, heard: string): number {
  const list = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];
  const known = new Set(list(heard));
  const words = list(said);
  return words.filter((word) => known.has(word)).length / words.length;
}

function printMeeting({ events, segments }: MeetingRun): void {
  const time = (ms: number): string => `${(ms / 1_000).toFixed(1).padStart(6)} s`;
  const lines = [
    ...segments.map((each) => ({
      atMs: each.startMs,
      text: `${each.speaker?.name ?? 'somebody'}: ${each.text}`,
    })),
    ...events.flatMap(({ event }) =>
      event.type === 'gap'
        ? [
            {
              atMs: event.startMs,
              text: `(nobody heard it until ${event.endMs === null ? 'the end' : time(event.endMs).trim()}: ${event.reason})`,
            },
          ]
        : [],
    ),
  ].sort((a, b) => a.atMs - b.atMs);
  process.stdout.write(`${lines.map(({ atMs, text }) => `${time(atMs)}  ${text}`).join('\n')}\n`);
}
