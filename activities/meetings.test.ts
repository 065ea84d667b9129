import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { findAttempt, recordReport } from '../infra/database/attempts';
import { completeChunk, countChunks, insertChunk } from '../infra/database/chunks';
import { closeIntake } from '../infra/database/intakes';
import type { Database } from '../infra/database/client';
import { readCommands } from '../infra/database/commands';
import { readEvents } from '../infra/database/events';
import { markMeetingDeleted } from '../infra/database/meetings';
import { createMemoryDoorbell } from '../test/factories';
import { insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { createMeetingActivities, type MeetingActivities } from './meetings';

let db: Database;
let close: () => Promise<void>;
let activities: MeetingActivities;
const doorbell = createMemoryDoorbell();
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  activities = createMeetingActivities({ db, doorbell });
});
afterAll(() => close());

const GRACES = { drainGraceMs: 60_000, spoolGraceMs: 60_000 };

/** Runs a waiting activity as a worker does. */
function run<Input, Result>(
  activity: (input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  return new MockActivityEnvironment().run(activity, input);
}

async function beginAttempt(meetingId: number, launchId: string = randomUUID()) {
  const begun = await activities.beginAttempt({ meetingId, launchId });
  if (begun.kind !== 'begun') throw new Error('Expected an attempt');
  const attempt = await findAttempt(db, meetingId, begun.attempt);
  if (!attempt) throw new Error('Expected its row');
  return attempt;
}

/** The bot's way into the meeting and, when it says so, out of it. */
async function reportBot(
  key: { meetingId: number; launchId: string },
  lastSeqs?: Record<string, number>,
): Promise<void> {
  await recordReport(db, key, { reportSeq: 1, state: 'in_meeting', atMs: Date.now() });
  if (!lastSeqs) return;
  await recordReport(db, key, {
    reportSeq: 2,
    state: 'ended',
    atMs: Date.now(),
    reason: 'meeting_ended',
    lastSeqs,
  });
}

describe('beginAttempt', () => {
  test('begins one attempt per launch, also when it is run twice', async () => {
    const { meetingId } = await insertMeeting(db);
    const launchId = randomUUID();
    const first = await activities.beginAttempt({ meetingId, launchId });
    const second = await activities.beginAttempt({ meetingId, launchId });
    expect(first).toEqual({
      kind: 'begun',
      attempt: 1,
      hasBeenIn: false,
      longestMeetingMs: 4 * 3_600_000,
    });
    expect(second).toEqual(first);
  });

  test('opens the intake that an earlier end had closed', async () => {
    const { meetingId } = await insertMeeting(db);
    await closeIntake(db, meetingId);
    await beginAttempt(meetingId);
    await expect(countChunks(db, meetingId)).resolves.toMatchObject({ intakeClosed: false });
  });

  test('knows a launch whose attempt is over, and leaves the intake closed', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await beginAttempt(meetingId);
    await reportBot(attempt, {});
    await closeIntake(db, meetingId);
    const { launchId } = attempt;
    await expect(activities.beginAttempt({ meetingId, launchId })).resolves.toEqual({
      kind: 'already_served',
    });
    await expect(countChunks(db, meetingId)).resolves.toMatchObject({ intakeClosed: true });
  });

  test('remembers that an earlier attempt had been in the meeting', async () => {
    const { meetingId } = await insertMeeting(db);
    await reportBot(await beginAttempt(meetingId));
    await expect(activities.beginAttempt({ meetingId, launchId: randomUUID() })).resolves.toEqual({
      kind: 'begun',
      attempt: 2,
      hasBeenIn: true,
      longestMeetingMs: 4 * 3_600_000,
    });
  });

  test('fails for good when the meeting is deleted', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    await markMeetingDeleted(db, { meetingId, userId });
    await expect(
      activities.beginAttempt({ meetingId, launchId: randomUUID() }),
    ).rejects.toMatchObject({ type: 'MeetingDeleted', nonRetryable: true });
  });
});

describe('askBotToLeave', () => {
  test('leaves one command however often it is run, and rings', async () => {
    const { meetingId } = await insertMeeting(db);
    const { id, attempt } = await beginAttempt(meetingId);
    const rings: number[] = [];
    const stop = doorbell.listen('commands', (rung) => rings.push(rung));
    await activities.askBotToLeave({ meetingId, attempt, reason: 'stopped' });
    await activities.askBotToLeave({ meetingId, attempt, reason: 'stopped' });
    stop();
    await expect(readCommands(db, id, 0)).resolves.toEqual([
      { seq: 1, command: { kind: 'leave', reason: 'stopped' } },
    ]);
    expect(rings).toEqual([meetingId, meetingId]);
  });
});

describe('awaitLastChunks', () => {
  test('waits until the chunks that the last report named are there', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await beginAttempt(meetingId);
    await reportBot(attempt, { 'audio-1': 2, 'audio-2': 0 });
    await insertChunk(db, makeChunk(attempt, { seq: 1 }));
    let isOver = false;
    const waiting = run(activities.awaitLastChunks, { meetingId, ...GRACES }).then((result) => {
      isOver = true;
      return result;
    });
    await activities.readBot({ meetingId, attempt: attempt.attempt });
    expect(isOver).toBe(false);
    await insertChunk(db, makeChunk(attempt, { seq: 2 }));
    doorbell.ring('chunks', meetingId);
    await expect(waiting).resolves.toEqual({ missing: 0 });
  });

  test('says how many never came once the grace is over', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await beginAttempt(meetingId);
    await reportBot(attempt, { 'audio-1': 5, 'audio-2': 1 });
    await insertChunk(db, makeChunk(attempt, { seq: 1 }));
    await expect(
      run(activities.awaitLastChunks, { meetingId, ...GRACES, drainGraceMs: 0 }),
    ).resolves.toEqual({ missing: 5 });
  });

  test('gives a bot that ended without a word the grace of its spool', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await beginAttempt(meetingId);
    await reportBot(attempt);
    await db.query("UPDATE bot_attempts SET status = 'failed', ended_at = now() WHERE id = $1", [
      attempt.id,
    ]);
    const environment = new MockActivityEnvironment();
    const waiting = environment.run(activities.awaitLastChunks, { meetingId, ...GRACES });
    environment.cancel('CANCELLED');
    await expect(waiting).rejects.toThrow('CANCELLED');
    await expect(
      run(activities.awaitLastChunks, { meetingId, ...GRACES, spoolGraceMs: 0 }),
    ).resolves.toEqual({ missing: 0 });
  });

  test('waits for nothing when no bot was ever let in', async () => {
    const { meetingId } = await insertMeeting(db);
    await beginAttempt(meetingId);
    await expect(run(activities.awaitLastChunks, { meetingId, ...GRACES })).resolves.toEqual({
      missing: 0,
    });
  });
});

describe('closeIntake', () => {
  test('records what was named and never came as gaps, once', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await beginAttempt(meetingId);
    await reportBot(attempt, { 'audio-1': 3 });
    for (const seq of [1, 3]) await insertChunk(db, makeChunk(attempt, { seq }));
    await activities.closeIntake({ meetingId });
    await activities.closeIntake({ meetingId });
    const events = await readEvents(db, [{ meetingId, after: 0 }], 100);
    expect(events.flatMap(({ event }) => (event.type === 'gap' ? [event] : []))).toEqual([
      { type: 'gap', startMs: 2_000, endMs: 3_000, attempt: 1, reason: 'audio_never_arrived' },
    ]);
  });
});

describe('awaitTranscribed', () => {
  test('returns the counts once no chunk is pending', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await beginAttempt(meetingId);
    const inserted = await insertChunk(db, makeChunk(attempt));
    if (inserted.kind !== 'accepted') throw new Error('Expected the chunk to be accepted');
    const waiting = run(activities.awaitTranscribed, { meetingId });
    await completeChunk(db, { chunkId: inserted.chunkId, version: 1, segments: [], dropped: {} });
    doorbell.ring('meeting', meetingId);
    await expect(waiting).resolves.toEqual({ pending: 0, done: 1, failed: 0 });
  });

  test('hands over when its worker shuts down', async () => {
    const { meetingId } = await insertMeeting(db);
    await insertChunk(db, makeChunk(await beginAttempt(meetingId)));
    const environment = new MockActivityEnvironment();
    const waiting = environment.run(activities.awaitTranscribed, { meetingId });
    environment.cancel('WORKER_SHUTDOWN');
    await expect(waiting).rejects.toMatchObject({ type: 'WorkerShuttingDown' });
  });

  test('fails for good when the meeting is deleted', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    await insertChunk(db, makeChunk(await beginAttempt(meetingId)));
    const waiting = run(activities.awaitTranscribed, { meetingId });
    await markMeetingDeleted(db, { meetingId, userId });
    doorbell.ring('meeting', meetingId);
    await expect(waiting).rejects.toMatchObject({ type: 'MeetingDeleted' });
  });
});
