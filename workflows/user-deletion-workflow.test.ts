import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createDeletionActivities, createDeletionBotActivities } from '../activities/deletion';
import { createMeetingActivities } from '../activities/meetings';
import { createPlanActivities } from '../activities/plans';
import { createUserDeletionActivities } from '../activities/user-deletion';
import { makeMeetingWorkflowId, makeUserDeletionWorkflowId, TASK_QUEUES } from '../domain/temporal';
import { insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { markUserDeleted } from '../infra/database/user-deletion';
import { createMeetingClient } from '../infra/meeting-client';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { createMemoryAudioStore, createMemoryDoorbell } from '../test/factories';
import { FakeLauncher } from '../test/fake-launcher';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { makeSchedule, planAt } from '../test/schedule-records';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';

const audioStore = createMemoryAudioStore();
const doorbell = createMemoryDoorbell();
let workflowBundle: WorkflowBundleWithSourceMap;
let db: Database;
let temporal: TemporalClient;
let connection: NativeConnection;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const opened = await openTestDatabase();
  db = opened.db;
  const address = getTemporalAddress();
  temporal = createTemporalClient({ address, namespace: await createTestNamespace() });
  connection = await NativeConnection.connect({ address });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./index'),
    logger: new DefaultLogger('ERROR'),
  });
  closers.push(
    opened.close,
    () => connection.close(),
    () => temporal.close(),
  );
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Serves both queues while `work` goes on. */
async function whileServed<Result>(work: () => Promise<Result>): Promise<Result> {
  const { client } = temporal;
  const common = { connection, namespace: client.options.namespace };
  const meetingClient = createMeetingClient(client);
  const meetings = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.meetings,
    workflowBundle,
    activities: {
      ...createDeletionActivities({ db, client, audioStore }),
      ...createUserDeletionActivities({ db, meetingClient }),
      ...createMeetingActivities({ db, doorbell }),
      ...createPlanActivities({
        db,
        doorbell,
        planning: { leadMs: 0, lateLimitMs: 60_000 },
        limits: { maxConcurrentBots: null, maxBotMinutesPerMonth: null },
      }),
    },
  });
  const bots = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.bots,
    activities: createDeletionBotActivities({ launcher: new FakeLauncher() }),
  });
  return meetings.runUntil(bots.runUntil(work));
}

async function openDeletedUser(meetings: number): Promise<number> {
  const { id: userId, clerkId } = await db.prisma.user.create({
    data: { clerkId: `user_${randomUUID()}` },
  });
  for (let count = 0; count < meetings; count += 1) {
    const { meetingId } = await insertMeeting(db, { userId });
    const attempt = await insertAttempt(db, meetingId);
    const objectKey = `meetings/${meetingId}/1/audio-1/1.wav`;
    await insertChunk(db, makeChunk(attempt, { objectKey }));
    await audioStore.put(objectKey, new Uint8Array(1));
  }
  await db.transaction((tx) => markUserDeleted(tx, clerkId));
  return userId;
}

async function startDeletion(userId: number) {
  await createMeetingClient(temporal.client).startUserDeletion(userId);
  return temporal.client.workflow.getHandle(makeUserDeletionWorkflowId(userId));
}

/** Started, its task done, the first activity scheduled. */
const FIRST_STEP_EVENTS = 5;

const countUsers = (id: number) => db.prisma.user.count({ where: { id } });

test('a user’s deletion removes all meetings with what they left, then the user', async () => {
  const userId = await openDeletedUser(3);
  await whileServed(async () => (await startDeletion(userId)).result());
  expect(await countUsers(userId)).toBe(0);
  expect(await db.prisma.meeting.count({ where: { userId } })).toBe(0);
  expect(await db.prisma.deletionReceipt.count({ where: { userId } })).toBe(3);
  expect(audioStore.objects.size).toBe(0);
  expect(await db.prisma.deletedUser.count({ where: { userId } })).toBe(1);
});

test('it goes on where it was when its worker dies, and takes a meeting made late along', async () => {
  const userId = await openDeletedUser(1);
  const deletion = await startDeletion(userId);
  await insertMeeting(db, { userId });
  await whileServed(async () => {
    const countEvents = async () => (await deletion.fetchHistory()).events?.length ?? 0;
    while ((await countEvents()) < FIRST_STEP_EVENTS) await pause(50);
  });
  await whileServed(() => deletion.result());
  expect(await countUsers(userId)).toBe(0);
});

test('it takes what was planned along: schedules, and meetings that wait', async () => {
  const { client } = temporal;
  const { id, userId } = await makeSchedule(db, { rrule: 'FREQ=DAILY;BYHOUR=0,8,16' });
  const planned = await planAt(db, id);
  const { clerkId } = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  await whileServed(async () => {
    const meetingClient = createMeetingClient(client);
    for (const meetingId of planned) {
      const meeting = { meetingId, platform: 'custom', transcriptVersion: 1 } as const;
      await meetingClient.planMeeting({ ...meeting, intentId: randomUUID() });
    }
    await db.transaction((tx) => markUserDeleted(tx, clerkId));
    await (await startDeletion(userId)).result();
  });
  expect(planned.length).toBeGreaterThan(2);
  for (const meetingId of planned) {
    expect(await isWorkflowRunning(client, makeMeetingWorkflowId(meetingId))).toBe(false);
  }
  expect(await countUsers(userId)).toBe(0);
  expect(await db.prisma.schedule.count({ where: { userId } })).toBe(0);
  expect(await db.prisma.botAttempt.count({ where: { meetingId: { in: planned } } })).toBe(0);
});

test('it leaves a user alone who is not marked as deleted', async () => {
  const { userId } = await insertMeeting(db);
  await whileServed(async () => (await startDeletion(userId)).result());
  expect(await countUsers(userId)).toBe(1);
  expect(await db.prisma.meeting.count({ where: { userId, deletedAt: null } })).toBe(1);
});
