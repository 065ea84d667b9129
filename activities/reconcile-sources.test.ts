import { makeMeetingWorkflowId } from '../domain/temporal';
import { findMeeting } from '../infra/database/meeting-records';
import { findOrphanedKeys } from '../infra/database/reconcile';
import { beginHearing, insertSourceMeeting } from '../infra/database/sources';
import { appendPart, insertUpload } from '../infra/database/uploads';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { insertMeeting } from '../test/records';
import { audioStore, client, db, mend, useReconciling } from '../test/reconcile-stage';

useReconciling();

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
