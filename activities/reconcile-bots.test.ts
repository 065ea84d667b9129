import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { makeBotName } from '../domain/temporal';
import { findAttempt, fenceAttempts, type Attempt } from '../infra/database/attempts';
import { completeChunk, countChunks } from '../infra/database/chunks';
import { createMeetingClient } from '../infra/meeting-client';
import { createMemoryDoorbell } from '../test/factories';
import { FakeLauncher } from '../test/fake-launcher';
import { insertAttempt, insertMeeting } from '../test/records';
import { createReconcileBotActivities } from './reconcile-bots';
import { addPendingChunk, age, client, db, useReconciling } from '../test/reconcile-stage';

useReconciling();

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
