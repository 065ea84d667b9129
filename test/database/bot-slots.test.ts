import { randomUUID } from 'node:crypto';
import { beginAttempt, recordUnreportedEnd } from '../../infra/database/attempts';
import { askForSlot, type BotSlots, type SlotDecision } from '../../infra/database/bot-slots';
import { readBotWatch } from '../../infra/database/bot-watch';
import type { Database } from '../../infra/database/client';
import { readBotMinutesOfMonth } from '../../infra/database/usage';
import { insertAttempt, insertMeeting, insertUser, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());
beforeEach(() => db.query("UPDATE bot_attempts SET status = 'ended', ended_at = now()"));

interface Bot {
  meetingId: number;
  attempt: number;
}

async function makeBot(userId?: number): Promise<Bot> {
  const { meetingId } = await insertMeeting(db, userId === undefined ? {} : { userId });
  const { attempt } = await insertAttempt(db, meetingId);
  return { meetingId, attempt };
}

/** In the order given, one after another. */
async function askAll(bots: readonly Bot[], slots: BotSlots): Promise<(number | 'granted')[]> {
  const answers: (number | 'granted')[] = [];
  for (const bot of bots) answers.push(toPlace(await askForSlot(db, bot, slots)));
  return answers;
}

function toPlace(decision: SlotDecision | 'meeting_gone'): number | 'granted' {
  if (decision === 'meeting_gone') throw new Error('Expected the meeting to be there');
  const { answer } = decision;
  return answer.kind === 'granted' ? 'granted' : answer.place;
}

/** One after another: who asked at the same time stands in line in the order of its making. */
async function makeBots(count: number): Promise<Bot[]> {
  const bots: Bot[] = [];
  for (let i = 0; i < count; i += 1) bots.push(await makeBot());
  return bots;
}

const end = (bot: Bot, reason: 'stopped' | 'crashed' = 'stopped'): Promise<void> =>
  recordUnreportedEnd(db, bot, { reason });
const total = (count: number): BotSlots => ({ total: count, perUser: null });

describe('slots for bots', () => {
  test('are for all where there is no limit', async () => {
    const bots = await makeBots(3);
    await expect(askAll(bots, { total: null, perUser: null })).resolves.toEqual([
      'granted',
      'granted',
      'granted',
    ]);
  });

  test('are given to those who asked first; the others have a place in line', async () => {
    const asked = await makeBots(4);
    await db.query('UPDATE bot_attempts SET slot_asked_at = now() WHERE meeting_id = ANY($1)', [
      asked.map(({ meetingId }) => meetingId),
    ]);
    await db.query('UPDATE bot_attempts SET slot_seen_at = now() WHERE slot_granted_at IS NULL');
    await expect(askAll(asked, total(2))).resolves.toEqual(['granted', 'granted', 1, 2]);
  });

  test('go to the next in line when a bot ends, whoever looks first', async () => {
    const [first, second, third] = await queueThree();
    await end(first);
    await expect(askAll([third, second], total(1))).resolves.toEqual([1, 'granted']);
  });

  test('that are free go to all whose turn it is at one look, who are named to be woken', async () => {
    const bots = await makeBots(2);
    await askAll(bots, total(2));
    const waiting: Bot[] = [];
    for (let i = 0; i < 4; i += 1) {
      waiting.push(await makeBot());
      await askAll(waiting.slice(-1), total(2));
    }
    for (const bot of bots) await end(bot);
    const [first, second, third, last] = waiting as [Bot, Bot, Bot, Bot];
    await expect(askForSlot(db, last, total(2))).resolves.toEqual({
      answer: { kind: 'queued', place: 2 },
      granted: [first.meetingId, second.meetingId],
    });
    await expect(askForSlot(db, third, total(2))).resolves.toEqual({
      answer: { kind: 'queued', place: 1 },
      granted: [],
    });
    const { botQueuePlace } = await db.prisma.meeting.findUniqueOrThrow({
      where: { id: second.meetingId },
    });
    expect(botQueuePlace).toBeNull();
    await expect(askAll([second, first], total(2))).resolves.toEqual(['granted', 'granted']);
  });

  async function queueThree(): Promise<[Bot, Bot, Bot]> {
    const bots: Bot[] = [];
    for (let i = 0; i < 3; i += 1) {
      const bot = await makeBot();
      await askForSlot(db, bot, total(1));
      bots.push(bot);
    }
    return bots as [Bot, Bot, Bot];
  }

  test('are never given twice, however many ask at the same time', async () => {
    const bots = await makeBots(12);
    await db.query(
      'UPDATE bot_attempts SET slot_asked_at = now(), slot_seen_at = now() WHERE meeting_id = ANY($1)',
      [bots.map(({ meetingId }) => meetingId)],
    );
    const answers = await Promise.all(bots.map((bot) => askForSlot(db, bot, total(5))));
    expect(answers.map(toPlace).filter((answer) => answer === 'granted')).toHaveLength(5);
  });

  test('are asked for again without losing the place', async () => {
    const [, second, third] = await queueThree();
    await expect(askAll([third, second, third], total(1))).resolves.toEqual([2, 1, 2]);
  });

  test('go in turns between users: one who asks for many does not hold up another', async () => {
    const [busy, other] = [await insertUser(db), await insertUser(db)];
    const many: Bot[] = [];
    for (let i = 0; i < 3; i += 1) {
      many.push(await makeBot(busy));
      await askAll(many.slice(-1), total(1));
    }
    const late = await makeBot(other);
    await expect(askAll([late], total(1))).resolves.toEqual([1]);
    await end(many[0] as Bot);
    await expect(askAll([...many.slice(1), late], total(1))).resolves.toEqual([1, 2, 'granted']);
  });

  test('have a limit per user that holds up nobody else', async () => {
    const [busy, other] = [await insertUser(db), await insertUser(db)];
    const limits = { total: 3, perUser: 1 };
    const many = [await makeBot(busy)];
    await askAll(many, limits);
    many.push(await makeBot(busy));
    await expect(askAll(many, limits)).resolves.toEqual(['granted', 1]);
    await expect(askAll([await makeBot(other)], limits)).resolves.toEqual(['granted']);
  });

  test('stay with a meeting whose bot is lost and replaced', async () => {
    const [first, second] = await queueThree();
    await db.query("UPDATE meetings SET status = 'live' WHERE id = $1", [first.meetingId]);
    await end(first, 'crashed');
    await expect(askAll([second], total(1))).resolves.toEqual([1]);
    const next = await beginAttempt(db, first.meetingId, randomUUID());
    const again = { meetingId: first.meetingId, attempt: next?.attempt ?? 0 };
    await expect(askAll([again, second], total(1))).resolves.toEqual(['granted', 1]);
  });

  test('are not kept for a meeting that was over and is asked for again', async () => {
    const [first, second] = await queueThree();
    await end(first);
    await askAll([second], total(1));
    const next = await beginAttempt(db, first.meetingId, randomUUID());
    const again = { meetingId: first.meetingId, attempt: next?.attempt ?? 0 };
    await expect(askAll([again], total(1))).resolves.toEqual([2]);
  });

  test('are not held up by whom nobody asks for any more', async () => {
    const [first, second, third] = await queueThree();
    await db.query(
      `UPDATE bot_attempts SET slot_seen_at = now() - interval '1 minute' WHERE meeting_id = $1`,
      [second.meetingId],
    );
    await end(first);
    await expect(askAll([third], total(1))).resolves.toEqual(['granted']);
  });
});

describe('a bot that waits in line', () => {
  async function queueOne(): Promise<Bot & { userId: number }> {
    const running = await makeBot();
    await askForSlot(db, running, total(1));
    const userId = await insertUser(db);
    const bot = await makeBot(userId);
    await askForSlot(db, bot, total(1));
    return { ...bot, userId };
  }

  test('shows its place on the meeting and to readers, each place once', async () => {
    const { meetingId, attempt } = await queueOne();
    await askForSlot(db, { meetingId, attempt }, total(1));
    const { botQueuePlace } = await db.prisma.meeting.findUniqueOrThrow({
      where: { id: meetingId },
    });
    expect(botQueuePlace).toBe(1);
    const events = await db.query<{ data: object }>(
      `SELECT data FROM meeting_events WHERE meeting_id = $1 AND type = 'bot.pickup_delayed'`,
      [meetingId],
    );
    expect(events.rows).toEqual([
      {
        data: {
          ...{ attempt: 1, reason: null, queuePlace: 1 },
          message: 'The bot waits for others to end: it is number 1 in line.',
        },
      },
    ]);
  });

  test('uses no minutes, and is not silent while it waits', async () => {
    const { userId, ...bot } = await queueOne();
    await db.query(
      `UPDATE bot_attempts SET created_at = now() - interval '1 hour' WHERE meeting_id = $1`,
      [bot.meetingId],
    );
    await expect(readBotMinutesOfMonth(db, userId)).resolves.toBe(0);
    await askForSlot(db, bot, total(9));
    const watch = await readBotWatch(db, bot);
    expect(watch?.silentMs).toBeLessThan(60_000);
    await expect(readBotMinutesOfMonth(db, userId)).resolves.toBeLessThan(1);
  });
});
