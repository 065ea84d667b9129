import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import {
  makeBotName,
  makeDeletionWorkflowId,
  makeMeetingWorkflowId,
  makeTranscriptWorkflowId,
  makeUserDeletionWorkflowId,
} from '../domain/temporal';
import { findAttempt, fenceAttempts, type Attempt } from '../infra/database/attempts';
import { completeChunk, countChunks, insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { findMeeting } from '../infra/database/meeting-records';
import { findOrphanedKeys } from '../infra/database/reconcile';
import { beginHearing, insertSourceMeeting } from '../infra/database/sources';
import { appendPart, insertUpload } from '../infra/database/uploads';
import { recordIntent } from '../infra/database/intents';
import { markMeetingDeleted } from '../infra/database/meetings';
import { changePlan } from '../infra/database/plans';
import { insertSpeech } from '../infra/database/speeches';
import { markUserDeleted } from '../infra/database/user-deletion';
import { createMeetingClient } from '../infra/meeting-client';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { createMemoryAudioStore, createMemoryDoorbell } from '../test/factories';
import { FakeLauncher } from '../test/fake-launcher';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';
import { createReconcileActivities, createReconcileBotActivities } from './reconcile';

let db: Database;
let close: () => Promise<void>;
let temporal: TemporalClient;
let client: Client;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  temporal = createTemporalClient({
    address: getTemporalAddress(),
    namespace: await createTestNamespace(),
  });
  client = temporal.client;
});
afterAll(async () => {
  await temporal.close();
  await close();
});
beforeEach(() => db.query('DELETE FROM meetings'));

const audioStore = createMemoryAudioStore();

function mend(kind: keyof ReturnType<typeof createReconcileActivities>): Promise<number> {
  const meetingClient = createMeetingClient(client, { updateDeadlineMs: 200 });
  const activities = createReconcileActivities({ db, client, meetingClient, audioStore });
  return new MockActivityEnvironment().run(activities[kind]);
}

function mendBots(
  kind: keyof ReturnType<typeof createReconcileBotActivities>,
  launcher: FakeLauncher,
): Promise<number> {
  const activities = createReconcileBotActivities({
    db,
    client,
    launcher,
    doorbell: createMemoryDoorbell(),
    graces: { quietMs: 0, spoolMs: 1_000, overMs: 60_000, endedMs: 600_000 },
  });
  return new MockActivityEnvironment().run(activities[kind]);
}

/** Makes everything of the meeting look so much older. */
async function age(meetingId: number, seconds: number): Promise<void> {
  const by = `- ${seconds} * interval '1 second'`;
  await db.query(
    `UPDATE audio_chunks SET acknowledged_at = acknowledged_at ${by} WHERE meeting_id = $1`,
    [meetingId],
  );
  await db.query(
    `UPDATE bot_attempts SET fenced_at = fenced_at ${by}, ended_at = ended_at ${by},
       created_at = created_at ${by} WHERE meeting_id = $1`,
    [meetingId],
  );
  await db.query(`UPDATE intents SET created_at = created_at ${by} WHERE meeting_id = $1`, [
    meetingId,
  ]);
  await db.query(
    `UPDATE meetings SET deleted_at = deleted_at ${by}, updated_at = updated_at ${by} WHERE id = $1`,
    [meetingId],
  );
}

async function addPendingChunk(attempt: Attempt): Promise<number> {
  const inserted = await insertChunk(db, makeChunk(attempt));
  if (inserted.kind !== 'accepted') throw new Error(`Expected a chunk, got ${inserted.kind}`);
  return inserted.chunkId;
}

describe('chunks that wait', () => {
  test('get a transcript workflow when none runs, and only then', async () => {
    const { meetingId } = await insertMeeting(db);
    await addPendingChunk(await insertAttempt(db, meetingId));
    await expect(mend('mendTranscripts')).resolves.toBe(0);
    await age(meetingId, 60);
    await expect(mend('mendTranscripts')).resolves.toBe(1);
    const workflowId = makeTranscriptWorkflowId(meetingId, 1);
    await expect(isWorkflowRunning(client, workflowId)).resolves.toBe(true);
    await expect(mend('mendTranscripts')).resolves.toBe(0);
  });
});

describe('planned meetings', () => {
  async function plan(minutes: number): Promise<string> {
    const { meetingId } = await insertMeeting(db);
    const start = new Date(Date.now() + minutes * 60_000);
    await db.transaction((tx) => changePlan(tx, meetingId, start));
    await age(meetingId, 3_600);
    return makeMeetingWorkflowId(meetingId);
  }

  test('get the workflow they wait in when none runs, and only then', async () => {
    const workflowId = await plan(30);
    await expect(mend('mendPlans')).resolves.toBe(1);
    await expect(isWorkflowRunning(client, workflowId)).resolves.toBe(true);
    await expect(mend('mendPlans')).resolves.toBe(0);
  });

  test('get it again when it was terminated by hand, also after the start has passed', async () => {
    const workflowId = await plan(-1);
    await mend('mendPlans');
    await client.workflow.getHandle(workflowId).terminate('by hand');
    await expect(mend('mendPlans')).resolves.toBe(1);
  });

  test('that are far ahead are left for later', async () => {
    await plan(24 * 60);
    await expect(mend('mendPlans')).resolves.toBe(0);
  });
});

describe('intents that were never sent', () => {
  async function addIntent(kind: 'start_bot' | 'stop_bot'): Promise<[number, string]> {
    const { meetingId, userId } = await insertMeeting(db);
    const id = randomUUID();
    const idempotencyKey = null;
    await recordIntent(db, { id, userId, meetingId, kind, idempotencyKey, bodyHash: '' });
    return [meetingId, id];
  }

  async function readStatus(id: string): Promise<unknown> {
    return (await db.query('SELECT status FROM intents WHERE id = $1', [id])).rows[0]?.status;
  }

  test('are sent again after ten seconds', async () => {
    const [meetingId, id] = await addIntent('start_bot');
    await expect(mend('resendIntents')).resolves.toBe(0);
    await age(meetingId, 11);
    await expect(mend('resendIntents')).resolves.toBe(1);
    await expect(readStatus(id)).resolves.toBe('sent');
    const workflowId = makeMeetingWorkflowId(meetingId);
    await expect(isWorkflowRunning(client, workflowId)).resolves.toBe(true);
  });

  test('to stop what does not run are settled as refused', async () => {
    const [meetingId, id] = await addIntent('stop_bot');
    await age(meetingId, 11);
    await expect(mend('resendIntents')).resolves.toBe(1);
    await expect(readStatus(id)).resolves.toBe('refused');
  });

  test('start no bot an hour late', async () => {
    const [meetingId, id] = await addIntent('start_bot');
    await age(meetingId, 3_700);
    await expect(mend('resendIntents')).resolves.toBe(1);
    await expect(readStatus(id)).resolves.toBe('refused');
    const workflowId = makeMeetingWorkflowId(meetingId);
    await expect(isWorkflowRunning(client, workflowId)).resolves.toBe(false);
  });
});

describe('deletion marks', () => {
  test('get their deletion when none runs', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    await markMeetingDeleted(db, { meetingId, userId });
    await age(meetingId, 60);
    await expect(mend('startDeletions')).resolves.toBe(1);
    const workflowId = makeDeletionWorkflowId(meetingId);
    await expect(isWorkflowRunning(client, workflowId)).resolves.toBe(true);
    await expect(mend('startDeletions')).resolves.toBe(0);
  });
});

describe('users marked as deleted', () => {
  test('get their deletion when none runs', async () => {
    const { userId } = await insertMeeting(db);
    const { clerkId } = await db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
    await db.transaction((tx) => markUserDeleted(tx, clerkId));
    await expect(mend('startUserDeletions')).resolves.toBe(0);
    await db.query("UPDATE users SET deleted_at = now() - interval '1 minute' WHERE id = $1", [
      userId,
    ]);
    await expect(mend('startUserDeletions')).resolves.toBe(1);
    const workflowId = makeUserDeletionWorkflowId(userId);
    await expect(isWorkflowRunning(client, workflowId)).resolves.toBe(true);
    await expect(mend('startUserDeletions')).resolves.toBe(0);
  });
});

describe('audit entries and deliveries of Clerk', () => {
  test('are forgotten after 400 and 30 days, and not before', async () => {
    const requestId = randomUUID();
    const entry = { action: 'test', actorKind: 'admin', actorId: 'a', requestId };
    const ago = (days: number) => new Date(Date.now() - days * 24 * 3_600_000);
    await db.prisma.auditEntry.createMany({
      data: [399.9, 400.1].map((days) => ({ ...entry, at: ago(days) })),
    });
    await db.prisma.clerkDelivery.createMany({
      data: [29.9, 30.1].map((days) => {
        return { svixId: `msg_${days}`, signedAt: ago(days), receivedAt: ago(days) };
      }),
    });
    await expect(mend('forgetOldEntries')).resolves.toBe(2);
    expect(await db.prisma.auditEntry.count({ where: { requestId } })).toBe(1);
    expect(await db.prisma.clerkDelivery.findMany()).toMatchObject([{ svixId: 'msg_29.9' }]);
    await expect(mend('forgetOldEntries')).resolves.toBe(0);
  });
});

describe('objects', () => {
  test('without a row are deleted, those with one stay', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    const kept = `meetings/${meetingId}/1/audio-1/kept.wav`;
    await insertChunk(db, makeChunk(attempt, { objectKey: kept }));
    for (const key of [
      kept,
      `meetings/${meetingId}/1/audio-1/lost.wav`,
      'meetings/999/1/a/b.wav',
    ]) {
      await audioStore.put(key, new Uint8Array(1));
    }
    await expect(mend('deleteOrphanedObjects')).resolves.toBe(2);
    expect([...audioStore.objects.keys()]).toEqual([kept]);
  });

  test('of evidence, speech and recordings stay as long as their rows', async () => {
    audioStore.objects.clear();
    const { meetingId } = await insertMeeting(db);
    const { id: attemptId } = await insertAttempt(db, meetingId);
    const key = (name: string) => `meetings/${meetingId}/${name}`;
    await insertEvidence(attemptId, key('evidence'));
    await insertSpeech(db, {
      id: randomUUID(),
      meetingId,
      objectKey: key('speech'),
      sizeBytes: 1,
    });
    const part = { attemptId, seq: 1, startAt: new Date(), endAt: new Date(), sizeBytes: 1 };
    await db.prisma.recordingPart.create({
      data: { ...part, sha256: 'a'.repeat(64), objectKey: key('part') },
    });
    await db.query('UPDATE meetings SET recording_key = $2 WHERE id = $1', [
      meetingId,
      key('recording'),
    ]);
    const kept = ['evidence', 'speech', 'part', 'recording'].map(key);
    for (const each of [...kept, key('lost')]) await audioStore.put(each, new Uint8Array(1));
    await expect(mend('deleteOrphanedObjects')).resolves.toBe(1);
    expect([...audioStore.objects.keys()]).toEqual(kept);
  });
});

async function insertEvidence(attemptId: number, objectKey: string): Promise<void> {
  const type = { name: objectKey.slice(-40), contentType: 'image/png', sizeBytes: 1 };
  await db.prisma.attemptEvidence.create({ data: { attemptId, ...type, objectKey } });
}

describe('evidence', () => {
  test('is deleted after 14 days, object and row, and not before', async () => {
    audioStore.objects.clear();
    const { meetingId } = await insertMeeting(db);
    const { id } = await insertAttempt(db, meetingId);
    const [old, fresh] = [`meetings/${meetingId}/old`, `meetings/${meetingId}/fresh`];
    for (const key of [old, fresh]) {
      await audioStore.put(key, new Uint8Array(1));
      await insertEvidence(id, key);
    }
    await db.query(
      `UPDATE attempt_evidence SET created_at = now() - CASE WHEN object_key = $1
         THEN interval '14 days 1 minute' ELSE interval '13 days 23 hours' END`,
      [old],
    );
    await expect(mend('deleteOldEvidence')).resolves.toBe(1);
    expect([...audioStore.objects.keys()]).toEqual([fresh]);
    expect(await db.prisma.attemptEvidence.findMany()).toMatchObject([{ objectKey: fresh }]);
    await expect(mend('deleteOldEvidence')).resolves.toBe(0);
  });

  test('keeps its row while its object cannot be deleted', async () => {
    const { meetingId } = await insertMeeting(db);
    const { id } = await insertAttempt(db, meetingId);
    await insertEvidence(id, `meetings/${meetingId}/old`);
    await db.query("UPDATE attempt_evidence SET created_at = now() - interval '15 days'");
    audioStore.isDown = true;
    await expect(mend('deleteOldEvidence')).rejects.toThrow('Expected to mend 1');
    audioStore.isDown = false;
    await expect(mend('deleteOldEvidence')).resolves.toBe(1);
  });
});

describe('bots', () => {
  test('without an attempt, or long superseded, are stopped; others are left alone', async () => {
    const { meetingId } = await insertMeeting(db);
    await insertAttempt(db, meetingId);
    await insertAttempt(db, meetingId);
    await age(meetingId, 120);
    await insertAttempt(db, meetingId);
    const launcher = new FakeLauncher();
    for (const attempt of [1, 2, 3]) launcher.run(makeBotName(meetingId, attempt));
    launcher.run('bot-99999-1');
    await expect(mendBots('stopStrayBots', launcher)).resolves.toBe(2);
    expect(launcher.stopped).toEqual([makeBotName(meetingId, 1), 'bot-99999-1']);
  });

  test('that ended are forgotten once nobody is likely to read their log', async () => {
    const { meetingId } = await insertMeeting(db);
    await insertAttempt(db, meetingId);
    await fenceAttempts(db, meetingId);
    const launcher = new FakeLauncher();
    launcher.exit(makeBotName(meetingId, 1), 0);
    await mendBots('stopStrayBots', launcher);
    await expect(launcher.list()).resolves.toEqual([makeBotName(meetingId, 1)]);
    await age(meetingId, 700);
    await mendBots('stopStrayBots', launcher);
    await expect(launcher.list()).resolves.toEqual([]);
  });
});

describe('a meeting whose workflow was terminated', () => {
  async function openTerminated(): Promise<{ meetingId: number; attempt: Attempt }> {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    await db.query(
      `UPDATE meetings SET status = 'live', bot_status = 'in_meeting', clock_origin = now(),
         projected_at = now() - interval '1 minute' WHERE id = $1`,
      [meetingId],
    );
    return { meetingId, attempt };
  }

  async function readMeeting(meetingId: number): Promise<unknown> {
    const { rows } = await db.query('SELECT status, reason FROM meetings WHERE id = $1', [
      meetingId,
    ]);
    return rows[0];
  }

  test('is drained round by round and then says how it ended', async () => {
    const { meetingId, attempt } = await openTerminated();
    const chunkId = await addPendingChunk(attempt);
    const launcher = new FakeLauncher();
    launcher.run(makeBotName(meetingId, 1));

    await expect(mendBots('closeAbandonedMeetings', launcher)).resolves.toBe(0);
    expect(launcher.stopped).toEqual([makeBotName(meetingId, 1)]);
    await expect(findAttempt(db, meetingId, 1)).resolves.toMatchObject({
      status: 'ended',
      reason: 'workflow_terminated',
    });
    await expect(countChunks(db, meetingId)).resolves.toMatchObject({ intakeClosed: false });

    await age(meetingId, 2);
    await expect(mendBots('closeAbandonedMeetings', launcher)).resolves.toBe(0);
    await expect(countChunks(db, meetingId)).resolves.toMatchObject({ intakeClosed: true });
    await expect(readMeeting(meetingId)).resolves.toMatchObject({ status: 'live' });

    await completeChunk(db, { chunkId, version: 1, segments: [], dropped: {} });
    await expect(mendBots('closeAbandonedMeetings', launcher)).resolves.toBe(1);
    await expect(readMeeting(meetingId)).resolves.toEqual({
      status: 'completed',
      reason: 'workflow_terminated',
    });
    await expect(mendBots('closeAbandonedMeetings', launcher)).resolves.toBe(0);
  });

  test('is left alone while its workflow runs', async () => {
    const { meetingId } = await openTerminated();
    await createMeetingClient(client, { updateDeadlineMs: 200 }).startBot({
      meetingId,
      platform: 'custom',
      transcriptVersion: 1,
      intentId: randomUUID(),
    });
    const launcher = new FakeLauncher();
    launcher.run(makeBotName(meetingId, 1));
    await expect(mendBots('closeAbandonedMeetings', launcher)).resolves.toBe(0);
    expect(launcher.stopped).toEqual([]);
  });
});

describe('meetings that no bot hears', () => {
  async function insertSource(source: 'recorder' | 'upload'): Promise<number> {
    const { userId } = await insertMeeting(db);
    return db.transaction(async (tx) => {
      const made = await insertSourceMeeting(tx, {
        ...{ userId, source, title: null, botName: 'Notetaker', language: null, startedAt: null },
      });
      if (source === 'recorder') await beginHearing(tx, made.id);
      else await insertUpload(tx, { meetingId: made.id, fileName: null, sizeBytes: 10 });
      return made.id;
    });
  }
  const addPart = async (meetingId: number, startByte: number, sizeBytes: number) => {
    const objectKey = `meetings/${meetingId}/upload/${startByte}.part`;
    await audioStore.put(objectKey, Buffer.alloc(sizeBytes));
    await appendPart(db, { meetingId, startByte, sizeBytes, objectKey });
    return objectKey;
  };
  const ageSource = (meetingId: number, seconds: number) =>
    db.query(
      `UPDATE meetings SET clock_origin = clock_origin - $2 * interval '1 second' WHERE id = $1`,
      [meetingId, seconds],
    );
  const isRunning = (meetingId: number) =>
    isWorkflowRunning(client, makeMeetingWorkflowId(meetingId));

  test('get the workflow that could not be started when they began, once', async () => {
    const recorder = await insertSource('recorder');
    const file = await insertSource('upload');
    await addPart(file, 0, 10);
    expect(await mend('mendHearings')).toBe(0);
    await ageSource(recorder, 60);
    await ageSource(file, 60);
    expect(await mend('mendHearings')).toBe(2);
    expect([await isRunning(recorder), await isRunning(file)]).toEqual([true, true]);
    expect(await mend('mendHearings')).toBe(0);
  });

  test('wait for the rest of their file without a workflow', async () => {
    const file = await insertSource('upload');
    await addPart(file, 0, 4);
    expect(await mend('mendHearings')).toBe(0);
    expect(await mend('mendUploads')).toBe(0);
  });

  test('fail when nobody has sent a byte of their file for a day, and keep none of it', async () => {
    const file = await insertSource('upload');
    const key = await addPart(file, 0, 4);
    await db.query(
      `UPDATE uploads SET updated_at = now() - interval '25 hours' WHERE meeting_id = $1`,
      [file],
    );
    expect(await mend('mendUploads')).toBe(2);
    const meeting = await findMeeting(db, file);
    expect(meeting).toMatchObject({ status: 'failed', reason: 'upload_abandoned' });
    await expect(audioStore.get(key)).rejects.toThrow();
    expect(
      await appendPart(db, { meetingId: file, startByte: 4, sizeBytes: 6, objectKey: 'x' }),
    ).toBe(null);
    expect(await mend('mendUploads')).toBe(0);
  });

  test('keep the parts of a file that is on its way', async () => {
    const file = await insertSource('upload');
    const key = await addPart(file, 0, 4);
    expect(await findOrphanedKeys(db, [{ meetingId: file, key }])).toEqual([]);
  });
});
