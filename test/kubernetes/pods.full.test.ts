import fs from 'node:fs';
import { spawn } from 'node:child_process';
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { createDatabase, type Database } from '../../infra/database/client';
import { readConversation } from '../../temporal-dev/demo/conversation';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { runMeeting } from '../../temporal-dev/demo/run-meeting';
import { findStackDir } from '../../temporal-dev/folders';
import { PART_NAMES } from '../../temporal-dev/part';
import { findFreePorts } from '../../temporal-dev/ports';
import {
  startPracticeRoom,
  type PracticeRoom,
} from '../../temporal-dev/practice-room/practice-room';
import { startStack, type Stack } from '../../temporal-dev/stack';
import { findChromium } from '../chromium-path';
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
    requests: { cpu: '200m', 'ephemeral-storage': '0' },
    limits: { 'ephemeral-storage': '0' },
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
async function exhaustMemory(pod: V1Pod): Promise<void> {
  const [pid = 0] = kubelet.listProcesses(pod.metadata?.uid ?? '', 'bot');
  fs.writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  const groups = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const find = (controller: string) =>
    groups.map((line) => line.split(':')).find(([, name]) => name === controller)?.[2];
  const v1 = find('memory');
  const folder =
    v1 === undefined ? `/sys/fs/cgroup${find('') ?? ''}` : `/sys/fs/cgroup/memory${v1}`;
  const script = `const fs=require('fs');fs.writeFileSync('${folder}/cgroup.procs', String(process.pid));const all=[];setInterval(()=>all.push(Buffer.alloc(64<<20,1)),20)`;
  const hog = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  while (fs.existsSync(`/proc/${pid}`)) await pause(50);
  hog.kill('SIGKILL');
}

test('a bot that is a pod joins, is killed for its memory in mid-sentence, and is replaced', async () => {
  const conversation = await readConversation('test/audio/standup.json');
  let meetingId = 0;
  let killing: Promise<void> | undefined;
  const said: string[] = [];
  const run = await runMeeting({
    ...{ api, practiceRoomUrl: new URL(room.url).origin, chromiumPath, conversation },
    onSpeaking: (id) => (meetingId = id),
    onEvent: ({ event }) => {
      if (event.type === 'segment') killing ??= findPod(meetingId, 1).then(exhaustMemory);
    },
    onStep: (text) => said.push(text),
  });
  await killing;
  const attempts = await db.prisma.botAttempt.findMany({
    ...{ where: { meetingId }, orderBy: { attempt: 'asc' } },
  });
  expect(attempts.map(({ reason }) => reason)).toEqual(['out_of_memory', 'meeting_ended']);
  expect(run.meeting).toMatchObject({ status: 'completed', reason: 'meeting_ended' });
  const first = await findPod(meetingId, 1);
  process.stdout.write(`${JSON.stringify(first.status, null, 1)}\n`);
  process.stdout.write(`${kubelet.readLog(NAMESPACE, first.metadata?.name ?? '', 'spool')}\n`);
  for (const { event } of run.events) {
    if (event.type === 'gap')
      process.stdout.write(`gap ${event.startMs}-${event.endMs} ${event.reason}\n`);
  }
  for (const { startMs, speaker, text } of run.segments) {
    process.stdout.write(`${(startMs / 1000).toFixed(1)} ${speaker?.name ?? '?'}: ${text}\n`);
  }
}, 300_000);
