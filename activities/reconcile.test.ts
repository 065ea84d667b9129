import { randomUUID } from 'node:crypto';
import {
  makeDeletionWorkflowId,
  makeMeetingWorkflowId,
  makeTranscriptWorkflowId,
  makeUserDeletionWorkflowId,
} from '../domain/temporal';
import { insertChunk } from '../infra/database/chunks';
import { recordIntent } from '../infra/database/intents';
import { markMeetingDeleted } from '../infra/database/meetings';
import { changePlan } from '../infra/database/plans';
import { insertSpeech } from '../infra/database/speeches';
import { markUserDeleted } from '../infra/database/user-deletion';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { insertAttempt, insertMeeting, makeChunk } from '../test/records';
import {
  addPendingChunk,
  age,
  audioStore,
  client,
  db,
  mend,
  useReconciling,
} from '../test/reconcile-stage';

useReconciling();

async function insertEvidence(attemptId: number, objectKey: string): Promise<void> {
  const type = { name: objectKey.slice(-40), contentType: 'image/png', sizeBytes: 1 };
  await db.prisma.attemptEvidence.create({ data: { attemptId, ...type, objectKey } });
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
