import { randomUUID } from 'node:crypto';
import type { BotSettings } from '../domain/bot-defaults';
import { leavePolicySchema } from '../domain/leave-policy';
import { beginAttempt, findAttempt, type Attempt } from '../infra/database/attempts';
import type { NewChunk } from '../infra/database/chunks';
import { openIntake } from '../infra/database/intakes';
import { createDatabase, type Database } from '../infra/database/client';
import type { Limits } from '../infra/database/limits';
import { makeCursor } from '../infra/database/meetings';
import { createTestDatabase } from './database';

/** Of users who may have any number of bots. */
export const NO_LIMITS: Limits = { maxConcurrentBots: null, maxBotMinutesPerMonth: null };

/** What a bot does where nobody wished anything. */
export const BOT_SETTINGS: BotSettings = {
  botName: 'Notetaker',
  language: null,
  leavePolicy: leavePolicySchema.parse({}),
  entryMessage: null,
  recording: false,
};

/** A database of its own for one test file, and how to be rid of it. */
export async function openTestDatabase(): Promise<{
  db: Database;
  url: string;
  close(): Promise<void>;
}> {
  const { url, drop } = await createTestDatabase();
  const db = createDatabase({ url, maxConnections: 20 });
  return {
    db,
    url,
    async close() {
      await db.close();
      await drop();
    },
  };
}

/** A user with a name of their own. */
export async function insertUser(db: Database): Promise<number> {
  const user = await db.prisma.user.create({
    data: { clerkId: `user_${randomUUID()}` },
  });
  return user.id;
}

export interface InsertMeetingOptions {
  userId?: number;
  meetingUrl?: string;
  title?: string;
}

/** A meeting in the practice room with cursor and open intake, as `create` and `start-bot` leave it. */
export async function insertMeeting(
  db: Database,
  options: InsertMeetingOptions = {},
): Promise<{ meetingId: number; userId: number }> {
  const userId = options.userId ?? (await insertUser(db));
  const meeting = await db.prisma.meeting.create({
    data: {
      userId,
      platform: 'custom',
      meetingUrl: options.meetingUrl ?? 'http://127.0.0.1:8004/r/test',
      title: options.title ?? null,
      botName: 'Notetaker',
      leavePolicy: leavePolicySchema.parse({}),
    },
  });
  await makeCursor(db, meeting.id);
  await openIntake(db, meeting.id);
  return { meetingId: meeting.id, userId };
}

/** The meeting's next attempt. */
export async function insertAttempt(db: Database, meetingId: number): Promise<Attempt> {
  const begun = await beginAttempt(db, meetingId, randomUUID());
  const attempt = begun && (await findAttempt(db, meetingId, begun.attempt));
  if (!attempt) throw new Error(`Expected meeting ${meetingId} to take an attempt`);
  return attempt;
}

/** A chunk of one second, valid unless overridden. */
export function makeChunk(attempt: Attempt, overrides: Partial<NewChunk> = {}): NewChunk {
  const seq = overrides.seq ?? 1;
  return {
    meetingId: attempt.meetingId,
    attemptId: attempt.id,
    track: 'audio-1',
    seq,
    participantKey: 'maya',
    spans: null,
    startMs: seq * 1000,
    endMs: seq * 1000 + 1000,
    capturedAt: new Date(),
    sizeBytes: 32_044,
    sha256: 'a'.repeat(64),
    objectKey: `meetings/${attempt.meetingId}/${attempt.attempt}/audio-1/${seq}.wav`,
    ...overrides,
  };
}
