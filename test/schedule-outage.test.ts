import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createBotActivities } from '../activities/bots';
import { createMeetingActivities } from '../activities/meetings';
import { createPlanActivities } from '../activities/plans';
import { createScheduleActivities } from '../activities/schedules';
import { TASK_QUEUES } from '../domain/temporal';
import type { Database } from '../infra/database/client';
import { createMeetingClient } from '../infra/meeting-client';
import { createCarriers } from '../infra/schedules/carriers';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { findStackDir } from '../temporal-dev/folders';
import type { Part } from '../temporal-dev/part';
import { findFreePorts } from '../temporal-dev/ports';
import { startStack } from '../temporal-dev/stack';
import { createMemoryDoorbell } from './factories';
import { FakeLauncher } from './fake-launcher';
import { NO_LIMITS, openTestDatabase } from './records';
import { makeSchedule, planAt, readStarts } from './schedule-records';

let db: Database;
let server: Part;
let address: string;
let temporal: TemporalClient;
let workflowBundle: WorkflowBundleWithSourceMap;
const launcher = new FakeLauncher();
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const opened = await openTestDatabase();
  db = opened.db;
  closers.push(opened.close);
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, `e2e-schedules-${process.pid}`);
  fs.mkdirSync(dir, { recursive: true });
  const { CHROMIUM_PATH, PATH, HOME } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: ['temporal'],
    env: { CHROMIUM_PATH, PATH, HOME },
    log: () => undefined,
  });
  closers.push(
    () => fs.rmSync(dir, { recursive: true, force: true }),
    () => stack.stop(),
  );
  const part = stack.parts.get('temporal');
  if (!part) throw new Error('Expected a Temporal server');
  server = part;
  address = stack.env['TEMPORAL_ADDRESS'] ?? '';
  const namespace = stack.env['TEMPORAL_NAMESPACE'] ?? 'meetings';
  temporal = createTemporalClient({ address, namespace });
  closers.push(() => temporal.close());
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows/index'),
    logger: new DefaultLogger('ERROR'),
  });
}, 60_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Serves what planned meetings and schedules need while `work` goes on. */
async function whileServed<Result>(work: () => Promise<Result>): Promise<Result> {
  const { client } = temporal;
  const connection = await NativeConnection.connect({ address });
  const doorbell = createMemoryDoorbell();
  const meetingClient = createMeetingClient(client);
  const common = {
    connection,
    namespace: client.options.namespace,
    shutdownGraceTime: 100,
    activities: {
      ...createMeetingActivities({ db, doorbell }),
      ...createPlanActivities({
        db,
        doorbell,
        planning: { leadMs: 0, lateLimitMs: 60_000 },
        limits: NO_LIMITS,
      }),
      ...createScheduleActivities({
        db,
        client,
        doorbell,
        meetingClient,
        carriers: createCarriers(client),
      }),
      ...createBotActivities({
        db,
        doorbell,
        launcher,
        mintToken: () => Promise.resolve('token'),
        isIntakeAnswering: () => Promise.resolve(true),
      }),
    },
  };
  const meetings = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.meetings,
    workflowBundle,
  });
  const bots = await Worker.create({ ...common, taskQueue: TASK_QUEUES.bots });
  try {
    return await meetings.runUntil(bots.runUntil(work));
  } finally {
    await connection.close();
  }
}

async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isTrue())) await pause(50);
}

/** A daily schedule whose next start is so near, with workflow and Temporal Schedule. */
async function openSchedule(inSeconds: number): Promise<{ id: number; startMs: number }> {
  const startMs = (Math.floor(Date.now() / 1_000) + inSeconds) * 1_000;
  const { id } = await makeSchedule(db, { startsAt: new Date(startMs) });
  const [meetingId = 0] = await planAt(db, id);
  const meetingClient = createMeetingClient(temporal.client);
  const meeting = { meetingId, platform: 'custom', transcriptVersion: 1 } as const;
  const intentId = '00000000-0000-4000-8000-000000000001';
  await meetingClient.startWaiting({ ...meeting, intentId });
  const row = await db.prisma.schedule.findUniqueOrThrow({ where: { id } });
  await createCarriers(temporal.client).follow(row);
  return { id, startMs };
}

test('an occurrence is joined late, once, and the next is planned, when workers and Temporal were down across its start', async () => {
  const { id, startMs } = await openSchedule(5);
  // the workflow waits by then
  await whileServed(() => until(() => true));
  await server.kill();
  await until(() => Date.now() > startMs + 1_000);
  expect(launcher.launches).toHaveLength(0);
  await server.start();
  await whileServed(async () => {
    await until(() => launcher.launches.length > 0);
    // its Temporal Schedule makes up for the ring that was missed
    await until(async () => (await readStarts(db, id)).length > 0);
    await until(async () => (await db.prisma.botAttempt.count()) > 0);
  });
  expect(launcher.launches).toHaveLength(1);
  expect(await db.prisma.botAttempt.count()).toBe(1);
  const tomorrow = new Date(startMs + 24 * 3_600_000).toISOString();
  expect(await readStarts(db, id)).toEqual([tomorrow]);
}, 90_000);
