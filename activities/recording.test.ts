import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { encodeWav } from '../domain/wav';
import { fenceAttempts, recordReport, type Attempt } from '../infra/database/attempts';
import { insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { readEvents } from '../infra/database/events';
import { closeIntake } from '../infra/database/intakes';
import { findMeeting } from '../infra/database/meeting-records';
import { insertRecordingPart, type NewRecordingPart } from '../infra/database/recordings';
import { createMemoryAudioStore, createMemoryDoorbell } from '../test/factories';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { makeTone, measureLoudness } from '../test/webm-tone';
import { createRecordingActivities } from './recording';

let db: Database;
let close: () => Promise<void>;
let folder: string;
const audioStore = createMemoryAudioStore();
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  folder = await mkdtemp(path.join(os.tmpdir(), 'recording-test-'));
});
afterAll(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

/** A round moment, far enough in the past that the clock's origin is never in the future. */
const ORIGIN_MS = Date.UTC(2026, 0, 1, 9);
const ffmpeg = process.env.FFMPEG_PATH ?? 'ffmpeg';

function assemble(meetingId: number, program = ffmpeg): Promise<{ durationMs: number }> {
  const doorbell = createMemoryDoorbell();
  const activities = createRecordingActivities({ db, audioStore, doorbell, ffmpeg: program });
  return new MockActivityEnvironment().run(activities.assembleRecording, { meetingId });
}

async function beginRecorded(): Promise<Attempt> {
  const { meetingId } = await insertMeeting(db);
  const attempt = await insertAttempt(db, meetingId);
  await recordReport(db, attempt, { reportSeq: 1, state: 'in_meeting', atMs: ORIGIN_MS });
  return attempt;
}

function makePart(attempt: Attempt, seq: number, fromSeconds: number): NewRecordingPart {
  const sha256 = createHash('sha256').update(randomUUID()).digest('hex');
  return {
    meetingId: attempt.meetingId,
    attemptId: attempt.id,
    seq,
    startAt: new Date(ORIGIN_MS + fromSeconds * 1_000),
    endAt: new Date(ORIGIN_MS + (fromSeconds + 1) * 1_000),
    sizeBytes: 1,
    sha256,
    objectKey: `meetings/${attempt.meetingId}/${attempt.attempt}/recording/${seq}-${sha256}.webm`,
  };
}

/** Stores a stream in parts, as the route does. */
async function record(attempt: Attempt, stream: Buffer, fromSeconds: number): Promise<void> {
  const size = Math.ceil(stream.length / 3);
  for (let seq = 1; seq <= 3; seq += 1) {
    const part = makePart(attempt, seq, fromSeconds + (seq - 1));
    await audioStore.put(part.objectKey, stream.subarray((seq - 1) * size, seq * size));
    expect(await insertRecordingPart(db, part)).toBe('accepted');
  }
}

async function readFileOf(meetingId: number): Promise<string> {
  const row = await findMeeting(db, meetingId);
  if (!row?.recordingKey) throw new Error('Expected a recording');
  const file = path.join(folder, `${meetingId}.webm`);
  await writeFile(file, await audioStore.get(row.recordingKey));
  return file;
}

const isLoud = (level: number): boolean => level > 0.03;

describe('assembleRecording', () => {
  test('places each attempt on the meeting’s clock, with silence where nobody recorded', async () => {
    const first = await beginRecorded();
    await record(first, makeTone(440, 4), 0);
    const second = await insertAttempt(db, first.meetingId);
    await record(second, makeTone(880, 3), 7);
    const { durationMs } = await assemble(first.meetingId);
    expect(Math.abs(durationMs - 10_000)).toBeLessThan(200);
    const levels = measureLoudness(await readFileOf(first.meetingId));
    expect(levels.slice(2, 38).every(isLoud)).toBe(true);
    expect(levels.slice(42, 68).some(isLoud)).toBe(false);
    expect(levels.slice(72, 98).every(isLoud)).toBe(true);
  });

  test('makes a file with an index, that plays from the middle on', async () => {
    const attempt = await beginRecorded();
    await record(attempt, makeTone(440, 5), 2);
    await assemble(attempt.meetingId);
    const file = await readFileOf(attempt.meetingId);
    const row = await findMeeting(db, attempt.meetingId);
    const bytes = Buffer.from(await audioStore.get(row?.recordingKey ?? ''));
    const cues = Buffer.from([0x1c, 0x53, 0xbb, 0x6b]);
    expect(bytes.includes(cues)).toBe(true);
    expect(measureLoudness(file, 4).slice(1, 25).every(isLoud)).toBe(true);
  });

  test('keeps what came before a part that never arrived, and what came after it in place', async () => {
    const attempt = await beginRecorded();
    await record(attempt, makeTone(440, 6), 0);
    const [, lost] = await db.prisma.recordingPart.findMany({
      where: { attemptId: attempt.id },
      orderBy: { seq: 'asc' },
    });
    await audioStore.delete(lost?.objectKey ?? '');
    await assemble(attempt.meetingId);
    const levels = measureLoudness(await readFileOf(attempt.meetingId));
    expect(levels.slice(2, 15).every(isLoud)).toBe(true);
    expect(levels.slice(45, 58).every(isLoud)).toBe(true);
    expect(levels.slice(25, 35).some(isLoud)).toBe(false);
  });

  test('takes a bot that was started anew within its attempt for what it is: two streams', async () => {
    const attempt = await beginRecorded();
    await record(attempt, makeTone(440, 2), 0);
    const again = makePart(attempt, 4, 5);
    await audioStore.put(again.objectKey, makeTone(880, 2));
    await insertRecordingPart(db, again);
    await assemble(attempt.meetingId);
    const levels = measureLoudness(await readFileOf(attempt.meetingId));
    expect(levels.slice(2, 18).every(isLoud)).toBe(true);
    expect(levels.slice(22, 48).some(isLoud)).toBe(false);
    expect(levels.slice(52, 68).every(isLoud)).toBe(true);
  });

  test('tells its states on the cursor, and a second run replaces the file of the first', async () => {
    const attempt = await beginRecorded();
    const { meetingId } = attempt;
    await record(attempt, makeTone(440, 1), 0);
    expect((await findMeeting(db, meetingId))?.recordingStatus).toBe('recording');
    await assemble(meetingId);
    const first = await findMeeting(db, meetingId);
    expect(first).toMatchObject({
      recordingStatus: 'ready',
      recordingUrl: `/api/meetings/${meetingId}/recording`,
    });
    await assemble(meetingId);
    const second = await findMeeting(db, meetingId);
    expect(second?.recordingKey).not.toBe(first?.recordingKey);
    expect(audioStore.objects.has(first?.recordingKey ?? '')).toBe(false);
    expect(audioStore.objects.has(second?.recordingKey ?? '')).toBe(true);
    const events = await readEvents(db, [{ meetingId, after: 0 }], 100);
    const statuses = events.flatMap(({ event }) =>
      event.type === 'recording.status' ? [event.status] : [],
    );
    expect(statuses).toEqual(['assembling', 'ready', 'assembling', 'ready']);
  });

  test('does nothing for a meeting without parts', async () => {
    const attempt = await beginRecorded();
    await expect(assemble(attempt.meetingId)).resolves.toEqual({ durationMs: 0 });
    expect((await findMeeting(db, attempt.meetingId))?.recordingStatus).toBe('none');
  });

  test('fails, to be tried again, when there is no ffmpeg', async () => {
    const attempt = await beginRecorded();
    await record(attempt, makeTone(440, 1), 0);
    await expect(assemble(attempt.meetingId, '/nowhere/ffmpeg')).rejects.toThrow('ENOENT');
  });
});

describe('assembleRecording of what a browser recorded', () => {
  /** A recorder that sent a second of tone for each of these moments. */
  async function recordChunks(startsMs: readonly number[], isBot = false): Promise<number> {
    const attempt = await beginRecorded();
    const { meetingId } = attempt;
    const data = { source: 'recorder', platform: 'none', meetingUrl: null };
    if (!isBot) await db.prisma.meeting.update({ where: { id: meetingId }, data });
    const tone = Int16Array.from({ length: 16_000 }, (_, at) => 8_000 * Math.sin(at / 6));
    for (const [index, startMs] of startsMs.entries()) {
      const chunk = makeChunk(attempt, { seq: index + 1, startMs, endMs: startMs + 1_000 });
      await audioStore.put(chunk.objectKey, encodeWav(tone));
      expect(await insertChunk(db, chunk)).toMatchObject({ kind: 'accepted' });
    }
    return meetingId;
  }

  test('has each chunk at its own time, and silence in a pause', async () => {
    const meetingId = await recordChunks([0, 1_000, 5_000]);
    const { durationMs } = await assemble(meetingId);
    expect(Math.abs(durationMs - 6_000)).toBeLessThan(200);
    const levels = measureLoudness(await readFileOf(meetingId));
    expect(levels.slice(2, 18).every(isLoud)).toBe(true);
    expect(levels.slice(22, 48).some(isLoud)).toBe(false);
    expect(levels.slice(52, 58).every(isLoud)).toBe(true);
  });

  test('goes without a chunk that is gone from the store', async () => {
    const meetingId = await recordChunks([0, 1_000, 2_000]);
    const chunk = await db.prisma.audioChunk.findFirstOrThrow({ where: { meetingId, seq: 2 } });
    await audioStore.delete(chunk.objectKey);
    await assemble(meetingId);
    const levels = measureLoudness(await readFileOf(meetingId));
    expect(levels.slice(12, 18).some(isLoud)).toBe(false);
    expect(levels.slice(22, 28).every(isLoud)).toBe(true);
  });

  test('does not stretch to a chunk of the day after', async () => {
    const meetingId = await recordChunks([0, 25 * 3_600_000]);
    const { durationMs } = await assemble(meetingId);
    expect(Math.abs(durationMs - 1_000)).toBeLessThan(200);
  });

  test('makes none of a bot’s chunks, which nobody asked to record', async () => {
    const meetingId = await recordChunks([0], true);
    await expect(assemble(meetingId)).resolves.toEqual({ durationMs: 0 });
  });
});

describe('a part of a recording', () => {
  test('that comes twice is one, and under the same number with other bytes a conflict', async () => {
    const attempt = await beginRecorded();
    const part = makePart(attempt, 1, 0);
    expect(await insertRecordingPart(db, part)).toBe('accepted');
    expect(await insertRecordingPart(db, part)).toBe('already_accepted');
    const other = { ...makePart(attempt, 1, 0), sha256: 'f'.repeat(64) };
    expect(await insertRecordingPart(db, other)).toBe('hash_conflict');
  });

  test('is taken from a fenced attempt when it was begun before the fence', async () => {
    const attempt = await beginRecorded();
    await fenceAttempts(db, attempt.meetingId);
    expect(await insertRecordingPart(db, makePart(attempt, 1, 0))).toBe('accepted');
    const late = { ...makePart(attempt, 2, 0), startAt: new Date(Date.now() + 60_000) };
    const endAt = new Date(late.startAt.getTime() + 1_000);
    expect(await insertRecordingPart(db, { ...late, endAt })).toBe('superseded');
  });

  test('is refused once the intake is closed', async () => {
    const attempt = await beginRecorded();
    await closeIntake(db, attempt.meetingId);
    expect(await insertRecordingPart(db, makePart(attempt, 1, 0))).toBe('intake_closed');
  });
});
