import { randomUUID } from 'node:crypto';
import { beginAttempt, recordReport } from '../../infra/database/attempts';
import type { Database } from '../../infra/database/client';
import { markMeetingDeleted } from '../../infra/database/meetings';
import {
  beginPlannedAttempt,
  cancelPlan,
  changePlan,
  readPlan,
  type PlanChange,
} from '../../infra/database/plans';
import { insertMeeting, NO_LIMITS, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

const LATE_LIMIT_MS = 1_800_000;

const change = (meetingId: number, start: Date | null): Promise<PlanChange> =>
  db.transaction((tx) => changePlan(tx, meetingId, start ?? 'plan_cancelled'));
const begin = (meetingId: number, revision: number) =>
  beginPlannedAttempt(db, { meetingId, revision, lateLimitMs: LATE_LIMIT_MS, limits: NO_LIMITS });
const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

async function planned(minutes: number): Promise<number> {
  const { meetingId } = await insertMeeting(db);
  await change(meetingId, inMinutes(minutes));
  return meetingId;
}

async function readEvents(meetingId: number): Promise<unknown[]> {
  const rows = await db.prisma.meetingEvent.findMany({
    where: { meetingId },
    orderBy: { seq: 'asc' },
  });
  return rows.map(({ type, data }) => ({ type, ...(data as object) }));
}

describe('a plan', () => {
  test('stands in the row and on the cursor, counts its changes, and the same again is none', async () => {
    const { meetingId } = await insertMeeting(db);
    const start = inMinutes(30);
    await change(meetingId, start);
    await expect(change(meetingId, start)).resolves.toEqual({ kind: 'same' });
    await expect(readPlan(db, meetingId)).resolves.toEqual({ revision: 1, scheduledStart: start });
    expect(await readEvents(meetingId)).toEqual([
      { type: 'meeting.planned', scheduledStart: start.toISOString() },
      { type: 'meeting.status', status: 'scheduled', reason: null, message: null },
    ]);
  });

  test('that is taken back cancels the meeting, and it may be planned again', async () => {
    const meetingId = await planned(30);
    await change(meetingId, null);
    await expect(readPlan(db, meetingId)).resolves.toBeNull();
    await expect(db.prisma.meeting.findUnique({ where: { id: meetingId } })).resolves.toMatchObject(
      {
        status: 'cancelled',
        reason: 'plan_cancelled',
        scheduledStart: null,
      },
    );
    await change(meetingId, inMinutes(5));
    await expect(readPlan(db, meetingId)).resolves.toMatchObject({ revision: 3 });
  });

  test('cannot be changed once its bot was begun', async () => {
    const meetingId = await planned(0);
    await begin(meetingId, 1);
    await expect(change(meetingId, inMinutes(10))).resolves.toMatchObject({ kind: 'begun' });
    await expect(change(meetingId, null)).resolves.toMatchObject({ kind: 'begun' });
  });

  test('is served by a bot that somebody started early', async () => {
    const meetingId = await planned(60);
    await beginAttempt(db, meetingId, randomUUID());
    await expect(begin(meetingId, 1)).resolves.toEqual({ kind: 'moved' });
  });

  test('of a deleted meeting is gone', async () => {
    const { meetingId, userId } = await insertMeeting(db);
    await change(meetingId, inMinutes(1));
    await markMeetingDeleted(db, { meetingId, userId });
    await expect(readPlan(db, meetingId)).resolves.toBe('gone');
    await expect(begin(meetingId, 1)).resolves.toEqual({ kind: 'meeting_gone' });
    await expect(change(meetingId, null)).resolves.toEqual({ kind: 'meeting_gone' });
  });
});

describe('the attempt of a plan', () => {
  test('is begun once, however often and from how many sides it is asked for', async () => {
    const meetingId = await planned(0);
    const begun = await Promise.all(Array.from({ length: 8 }, () => begin(meetingId, 1)));
    expect(begun).toMatchObject(Array.from({ length: 8 }, () => ({ kind: 'begun', attempt: 1 })));
    expect(await db.prisma.botAttempt.count({ where: { meetingId } })).toBe(1);
  });

  test('is found again by a later run after it has ended, and no second one is begun', async () => {
    const meetingId = await planned(0);
    await begin(meetingId, 1);
    const { launchId } = await db.prisma.botAttempt.findFirstOrThrow({ where: { meetingId } });
    const report = { reportSeq: 1, state: 'ended' as const, atMs: Date.now() };
    await recordReport(db, { meetingId, launchId }, report);
    await expect(begin(meetingId, 1)).resolves.toMatchObject({ kind: 'begun', attempt: 1 });
  });

  test.each([1, 2, 3, 4, 5])('is begun or the plan is moved, never both (race %i)', async () => {
    const meetingId = await planned(0);
    const [begun, moved] = await Promise.all([
      begin(meetingId, 1),
      change(meetingId, inMinutes(60)),
    ]);
    const outcomes = { begun: begun.kind === 'begun', moved: moved.kind === 'changed' };
    expect(outcomes.begun).toBe(!outcomes.moved);
  });

  test('says when it was sent late, and is not sent beyond the limit', async () => {
    const late = await planned(-20);
    await begin(late, 1);
    const attempt = await db.prisma.botAttempt.findFirstOrThrow({ where: { meetingId: late } });
    expect(attempt.detail).toMatch(/^Sent 20 min after the planned start/);
    const tooLate = await planned(-31);
    await expect(begin(tooLate, 1)).resolves.toEqual({ kind: 'missed', reason: 'start_missed' });
    await expect(db.prisma.meeting.findUnique({ where: { id: tooLate } })).resolves.toMatchObject({
      status: 'failed',
      reason: 'start_missed',
      isPlanOpen: false,
    });
    expect((await readEvents(tooLate)).at(-1)).toMatchObject({
      status: 'failed',
      reason: 'start_missed',
    });
  });

  test('is not begun beyond the limits of its user, also when many are begun at once', async () => {
    const { userId } = await insertMeeting(db);
    const meetings = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const { meetingId } = await insertMeeting(db, { userId });
        await change(meetingId, inMinutes(0));
        return meetingId;
      }),
    );
    const limits = { maxConcurrentBots: 2, maxBotMinutesPerMonth: null };
    const input = { revision: 1, lateLimitMs: LATE_LIMIT_MS, limits };
    const begun = await Promise.all(
      meetings.map((meetingId) => beginPlannedAttempt(db, { ...input, meetingId })),
    );
    expect(begun.filter(({ kind }) => kind === 'begun')).toHaveLength(2);
    expect(begun.filter(({ kind }) => kind === 'missed')).toHaveLength(3);
    expect(await db.prisma.meeting.count({ where: { userId, reason: 'limit_reached' } })).toBe(3);
  });

  test('sends none for a user who is disabled, and says so', async () => {
    const meetingId = await planned(0);
    const { userId } = await db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    await db.prisma.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
    expect(await begin(meetingId, 1)).toEqual({ kind: 'missed', reason: 'user_disabled' });
    expect(await db.prisma.botAttempt.count({ where: { meetingId } })).toBe(0);
    const meeting = await db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    expect(meeting).toMatchObject({ status: 'failed', reason: 'user_disabled' });
    await db.prisma.user.update({ where: { id: userId }, data: { disabledAt: null } });
  });

  test('has a launch id that nobody else has', async () => {
    const first = await planned(0);
    const second = await planned(0);
    await begin(first, 1);
    await begin(second, 1);
    const rows = await db.prisma.botAttempt.findMany({
      where: { meetingId: { in: [first, second] } },
    });
    const ids = rows.map((row) => row.launchId);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('an operator’s end of the waiting workflow', () => {
  test('cancels an open plan and leaves one alone that was served', async () => {
    const waiting = await planned(30);
    await cancelPlan(db, waiting);
    const served = await planned(0);
    await begin(served, 1);
    await cancelPlan(db, served);
    const rows = await db.prisma.meeting.findMany({
      where: { id: { in: [waiting, served] } },
      orderBy: { id: 'asc' },
    });
    expect(rows.map((row) => row.status)).toEqual(['cancelled', 'scheduled']);
  });
});
