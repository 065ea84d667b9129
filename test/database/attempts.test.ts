import { randomUUID } from 'node:crypto';
import {
  beginAttempt,
  findAttempt,
  recordHeartbeat,
  recordReport,
  recordUnreportedEnd,
  type Attempt,
} from '../../infra/database/attempts';
import type { BotReport } from '../../domain/bot-api';
import type { Database } from '../../infra/database/client';
import { readEvents } from '../../infra/database/events';
import { projectMeeting } from '../../infra/database/meetings';
import { insertAttempt, insertMeeting, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

const report = (reportSeq: number, state: BotReport['state'], atMs = Date.now()): BotReport => ({
  reportSeq,
  state,
  atMs,
});
const keyOf = ({ meetingId, launchId }: Attempt) => ({ meetingId, launchId });
const heartbeat = { atMs: 0, spooledChunks: 0, acknowledgedChunks: 0 };

describe('beginAttempt', () => {
  test('numbers simultaneous attempts without a repeat and fences all but the last', async () => {
    const { meetingId } = await insertMeeting(db);
    const begun = await Promise.all(
      Array.from({ length: 8 }, () => beginAttempt(db, meetingId, randomUUID())),
    );
    expect(begun.map((each) => each?.attempt).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const { rows } = await db.query<{ attempt: number }>(
      'SELECT attempt FROM bot_attempts WHERE meeting_id = $1 AND fenced_at IS NULL',
      [meetingId],
    );
    expect(rows).toEqual([{ attempt: 8 }]);
  });

  test('gives the same attempt for the same launch', async () => {
    const { meetingId } = await insertMeeting(db);
    const launchId = randomUUID();
    await beginAttempt(db, meetingId, launchId);
    expect(await beginAttempt(db, meetingId, launchId)).toEqual({ attempt: 1 });
  });
});

describe('recordReport', () => {
  test('starts the meeting’s clock at the first in_meeting and keeps it', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    const atMs = Date.now() - 2_000;
    const first = await recordReport(db, keyOf(attempt), report(1, 'in_meeting', atMs));
    expect(first).toEqual({ kind: 'recorded', clockOriginMs: atMs });
    const again = await recordReport(db, keyOf(attempt), report(1, 'in_meeting', atMs + 500));
    expect(again).toEqual({ kind: 'repeated', clockOriginMs: atMs });
  });

  test('refuses a superseded attempt and keeps its state', async () => {
    const { meetingId } = await insertMeeting(db);
    const first = await insertAttempt(db, meetingId);
    await insertAttempt(db, meetingId);
    expect(await recordReport(db, keyOf(first), report(1, 'in_meeting'))).toEqual({
      kind: 'superseded',
    });
    expect((await findAttempt(db, meetingId, 1))?.status).toBe('launching');
  });

  test('never goes back from a later state', async () => {
    const { meetingId } = await insertMeeting(db);
    const attempt = await insertAttempt(db, meetingId);
    await recordReport(db, keyOf(attempt), report(1, 'in_meeting'));
    await recordReport(db, keyOf(attempt), {
      ...report(2, 'ended'),
      reason: 'alone',
    });
    await recordReport(db, keyOf(attempt), {
      ...report(3, 'failed'),
      reason: 'crashed',
    });
    const after = await findAttempt(db, meetingId, 1);
    expect(after).toMatchObject({ status: 'ended' });
  });

  test('says what went unheard between two attempts', async () => {
    const { meetingId } = await insertMeeting(db);
    const first = await insertAttempt(db, meetingId);
    await recordReport(db, keyOf(first), report(1, 'in_meeting', Date.now() - 10_000));
    await recordUnreportedEnd(db, { meetingId, attempt: 1 }, { reason: 'crashed' });
    const second = await insertAttempt(db, meetingId);
    await recordReport(db, keyOf(second), report(1, 'in_meeting', Date.now() + 3_000));
    const events = await readEvents(db, [{ meetingId, after: 0 }], 10);
    const gaps = events.map((each) => each.event).filter((event) => event.type === 'gap');
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ attempt: 1, reason: 'crashed' });
    expect(gaps[0]?.endMs).toBeGreaterThan(gaps[0]?.startMs ?? Infinity);
  });
});

describe('recordHeartbeat', () => {
  test('refuses a fenced attempt', async () => {
    const { meetingId } = await insertMeeting(db);
    const first = await insertAttempt(db, meetingId);
    expect(await recordHeartbeat(db, keyOf(first), heartbeat)).toBe(true);
    await insertAttempt(db, meetingId);
    expect(await recordHeartbeat(db, keyOf(first), heartbeat)).toBe(false);
  });
});

describe('projectMeeting', () => {
  test('ignores an older decision that arrives late', async () => {
    const { meetingId } = await insertMeeting(db);
    await projectMeeting(db, { meetingId, decidedAtMs: 2_000, status: 'live' });
    await projectMeeting(db, {
      meetingId,
      decidedAtMs: 1_000,
      status: 'joining',
    });
    const meeting = await db.prisma.meeting.findUniqueOrThrow({
      where: { id: meetingId },
    });
    expect(meeting.status).toBe('live');
  });

  test('puts a change of status on the cursor once, with its reason in words', async () => {
    const { meetingId } = await insertMeeting(db);
    const decision = {
      meetingId,
      decidedAtMs: 1_000,
      status: 'failed',
      reason: 'join_denied',
    };
    await projectMeeting(db, {
      ...decision,
      status: 'failed',
      reason: 'join_denied',
    });
    await projectMeeting(db, {
      ...decision,
      status: 'failed',
      reason: 'join_denied',
    });
    const events = await readEvents(db, [{ meetingId, after: 0 }], 10);
    expect(events.map((each) => each.event)).toEqual([
      {
        type: 'meeting.status',
        status: 'failed',
        reason: 'join_denied',
        message: 'The host declined the bot’s request to join.',
      },
    ]);
  });
});
