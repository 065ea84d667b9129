import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { createDeletionActivities, createDeletionBotActivities } from '../activities/deletion';
import {
  makeBotName,
  makeDeletionWorkflowId,
  makeMeetingWorkflowId,
  TASK_QUEUES,
} from '../domain/temporal';
import { insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { markMeetingDeleted } from '../infra/database/meetings';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { createMemoryAudioStore } from '../test/factories';
import { FakeLauncher } from '../test/fake-launcher';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';

const audioStore = createMemoryAudioStore();
const launcher = new FakeLauncher();
let db: Database;
let temporal: TemporalClient;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const opened = await openTestDatabase();
  db = opened.db;
  const namespace = await createTestNamespace();
  const address = getTemporalAddress();
  temporal = createTemporalClient({ address, namespace });
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./index'),
    logger: new DefaultLogger('ERROR'),
  });
  const { client } = temporal;
  const common = { connection, namespace };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.meetings,
      workflowBundle,
      activities: createDeletionActivities({ db, client, audioStore }),
    }),
    Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.bots,
      activities: createDeletionBotActivities({ launcher }),
    }),
  ]);
  const running = workers.map((worker) => worker.run());
  closers.push(
    opened.close,
    () => connection.close(),
    () => temporal.close(),
    () => {
      for (const worker of workers) worker.shutdown();
      return Promise.all(running);
    },
  );
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function isKnown(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

test('a deletion ends bot and workflows, and leaves nothing but its receipt', async () => {
  const { meetingId, userId } = await insertMeeting(db);
  const attempt = await insertAttempt(db, meetingId);
  const key = `meetings/${meetingId}/1/audio-1/1.wav`;
  await insertChunk(db, makeChunk(attempt, { objectKey: key }));
  await audioStore.put(key, new Uint8Array(1));
  const ofAnother = `meetings/${meetingId}0/1/audio-1/1.wav`;
  await audioStore.put(ofAnother, new Uint8Array(1));
  launcher.run(makeBotName(meetingId, 1));
  const { client } = temporal;
  // any workflow under the id of the meeting's own
  const meeting = await client.workflow.start('deletionWorkflow', {
    workflowId: makeMeetingWorkflowId(meetingId),
    taskQueue: 'nobody-serves-this',
    args: [{ meetingId: 0, tokenLifetimeMs: 0 }],
  });
  await meeting.terminate();
  await markMeetingDeleted(db, { meetingId, userId });

  await client.workflow.execute('deletionWorkflow', {
    workflowId: makeDeletionWorkflowId(meetingId),
    taskQueue: TASK_QUEUES.meetings,
    args: [{ meetingId, tokenLifetimeMs: 100 }],
  });

  expect([...audioStore.objects.keys()]).toEqual([ofAnother]);
  await expect(launcher.list()).resolves.toEqual([]);
  await expect(db.prisma.meeting.count({ where: { id: meetingId } })).resolves.toBe(0);
  await expect(db.prisma.audioChunk.count({ where: { meetingId } })).resolves.toBe(0);
  const receipt = await db.prisma.deletionReceipt.findUniqueOrThrow({ where: { meetingId } });
  expect(receipt).toMatchObject({ userId, counts: { objects: 1, audio_chunks: 1 } });
  expect(receipt.deletedAt).not.toBeNull();
  expect(receipt.sweptAt).not.toBeNull();
  // Temporal deletes in the background
  while (await isKnown(meeting)) await pause(50);
});

test('a deletion of what is already gone ends well', async () => {
  await expect(
    temporal.client.workflow.execute('deletionWorkflow', {
      workflowId: `deletion-${randomUUID()}`,
      taskQueue: TASK_QUEUES.meetings,
      args: [{ meetingId: 987_654, tokenLifetimeMs: 10 }],
    }),
  ).resolves.toBeUndefined();
});
