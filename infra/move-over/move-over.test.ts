import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import { createTestDatabase } from '../../test/database';
import { createDatabase, type Database } from '../database/client';
import { findCompletedAnalysis } from '../database/analyses';
import { findOwnMeeting } from '../database/meeting-records';
import { readableMeeting } from '../database/transcript-reading';
import { createEncryption } from '../encryption';
import { findMissing, formatReport } from './counts';
import { moveOver, type MoveOptions } from './move-over';

/** The tables that the old system had, with their columns. */
const OLD_TABLES = `
CREATE TABLE users (id serial PRIMARY KEY, clerk_id varchar(255) UNIQUE,
  email varchar(255) UNIQUE NOT NULL, full_name varchar(255), avatar_url text,
  created_at timestamp DEFAULT now(), updated_at timestamp DEFAULT now());
CREATE TABLE meetings (id serial PRIMARY KEY, user_id int REFERENCES users(id) ON DELETE CASCADE,
  title varchar(500) NOT NULL, platform varchar(50), meeting_url text, scheduled_start timestamp,
  actual_start timestamp, actual_end timestamp, status varchar(50) DEFAULT 'scheduled',
  bot_status varchar(50), recording_url text, created_at timestamp DEFAULT now(),
  updated_at timestamp DEFAULT now());
CREATE TABLE participants (id serial PRIMARY KEY,
  meeting_id int REFERENCES meetings(id) ON DELETE CASCADE, name varchar(255) NOT NULL,
  email varchar(255), role varchar(50), join_time timestamp, leave_time timestamp,
  created_at timestamp DEFAULT now());
CREATE TABLE transcriptions (id serial PRIMARY KEY,
  meeting_id int REFERENCES meetings(id) ON DELETE CASCADE,
  participant_id int REFERENCES participants(id), text text NOT NULL, timestamp_ms int NOT NULL,
  language varchar(10) DEFAULT 'en', confidence float, created_at timestamp DEFAULT now());
CREATE TABLE analysis_results (id serial PRIMARY KEY,
  meeting_id int REFERENCES meetings(id) ON DELETE CASCADE, analysis_type varchar(50) NOT NULL,
  result_data jsonb NOT NULL, created_at timestamp DEFAULT now());`;

const OLD_ROWS = `
INSERT INTO users (id, clerk_id, email, full_name, created_at) VALUES
  (3, 'user_maya', 'maya@example.com', 'Maya', '2025-11-20 09:00'),
  (7, NULL, 'never-signed-in@example.com', NULL, NULL);
INSERT INTO meetings (id, user_id, title, platform, meeting_url, actual_start, actual_end, status,
  bot_status, recording_url, created_at) VALUES
  (10, 3, 'Stand-up', 'meet', 'https://meet.google.com/abc-defg-hij?authuser=1',
    '2025-11-21 08:00', '2025-11-21 08:15', 'completed', 'left', 's3://old/10.wav', '2025-11-21 07:55'),
  (11, 3, 'Client', 'zoom', 'https://example.zoom.us/j/12345678901?pwd=hunter2', NULL, NULL,
    'scheduled', NULL, NULL, '2025-11-21 10:00'),
  (12, 3, 'Was live when it was switched off', 'teams', 'not a link', '2025-11-22 10:00', NULL,
    'in_progress', 'in_meeting', NULL, '2025-11-22 09:59'),
  (13, 3, 'Heard nothing', NULL, NULL, '2025-11-22 12:00', NULL, 'active', NULL, NULL, NULL),
  (14, NULL, 'Nobody''s', 'zoom', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (15, 3, 'Called off', 'zoom', NULL, NULL, NULL, 'canceled', NULL, NULL, NULL);
UPDATE meetings SET scheduled_start = '2025-12-01 09:00' WHERE id = 11;
INSERT INTO participants (id, meeting_id, name, role, join_time) VALUES
  (20, 10, 'Maya', 'organizer', '2025-11-21 08:00'), (21, 10, 'Jonas', NULL, NULL);
INSERT INTO transcriptions (id, meeting_id, participant_id, text, timestamp_ms, language, confidence)
VALUES (30, 10, 20, 'Good morning everybody', 1000, 'en', 0.9),
  (31, 10, 21, 'Morning', 1500, 'en', NULL),
  (32, 10, NULL, 'The deployment was postponed', 60000, 'en', 0.8),
  (33, 12, NULL, 'Half a sentence', -5, 'de', NULL),
  (34, 14, NULL, 'Lost', 0, 'en', NULL);
INSERT INTO analysis_results (id, meeting_id, analysis_type, result_data) VALUES
  (40, 10, 'summary', '{"overview": "They said good morning."}'),
  (41, 10, 'summary', '{"overview": "Again."}');`;

const KEY = randomBytes(32).toString('base64');
let old: { url: string; drop(): Promise<void> };
let target: { url: string; drop(): Promise<void> };
let db: Database;
let options: MoveOptions;

async function createOldDatabase(): Promise<typeof old> {
  const url = new URL(target.url);
  const name = `old_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: target.url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      const client = new pg.Client({ connectionString: target.url });
      await client.connect();
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.end();
    },
  };
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  target = await createTestDatabase();
  old = await createOldDatabase();
  await ask(old.url, OLD_TABLES);
  await ask(old.url, OLD_ROWS);
  db = createDatabase({ url: target.url });
  options = {
    oldUrl: old.url,
    newUrl: target.url,
    encryption: createEncryption([KEY]),
    timeZone: 'UTC',
  };
});

afterEach(async () => {
  await db.close();
  await old.drop();
  await target.drop();
});

describe('moveOver', () => {
  test.each([
    ['at once', undefined],
    ['in pages of 3 rows', 3],
    ['row by row', 1],
  ])('brings every row of every owner, and counts both sides %s', async (_, pageRows) => {
    const report = await moveOver({ ...options, pageRows });
    expect({ ...report.after, ownerless_meetings: 1 }).toEqual(report.before);
    expect(report.before).toEqual({
      users: 2,
      meetings: 5,
      participants: 2,
      transcriptions: 4,
      characters: 72,
      analysis_results: 2,
      ownerless_meetings: 1,
    });
    expect(findMissing(report)).toEqual([]);
    expect(formatReport(report)).toMatch(/transcriptions +4 +4\n/);
    expect(formatReport(report)).toContain('left behind: 1 meetings without an owner');
  });

  test('keeps ids, words, speakers and times, and makes the words searchable', async () => {
    await moveOver(options);
    const meeting = await findOwnMeeting(db, { meetingId: 10, userId: 3 });
    if (!meeting) throw new Error('Expected the meeting 10');
    expect(meeting).toMatchObject({
      title: 'Stand-up',
      platform: 'google_meet',
      meetingUrl: 'https://meet.google.com/abc-defg-hij',
      status: 'completed',
      actualStart: new Date('2025-11-21T08:00:00Z'),
      createdAt: new Date('2025-11-21T07:55:00Z'),
    });
    const entries = [];
    for await (const page of (await readableMeeting(db, meeting)).readPages())
      entries.push(...page);
    expect(entries).toEqual([
      expect.objectContaining({ id: 30, startMs: 1000, endMs: 1500, speaker: 'Maya' }),
      expect.objectContaining({ id: 31, startMs: 1500, endMs: 1900, speaker: 'Jonas' }),
      expect.objectContaining({ id: 32, startMs: 60000, endMs: 61600, speaker: null }),
    ]);
    const found = await ask(
      target.url,
      `SELECT id FROM transcriptions WHERE search @@ to_tsquery('spoken', 'postponed')`,
    );
    expect(found).toEqual([{ id: 32 }]);
  });

  test('reads times in the zone that the old columns were written in', async () => {
    await moveOver({ ...options, timeZone: 'Asia/Nicosia' });
    const meeting = await findOwnMeeting(db, { meetingId: 10, userId: 3 });
    expect(meeting?.actualStart).toEqual(new Date('2025-11-21T06:00:00Z'));
  });

  test('says in the new words what became of each meeting, and sends no bot to any', async () => {
    await moveOver(options);
    const rows = await ask(
      target.url,
      `SELECT id, platform, status, bot_status, reason, is_plan_open FROM meetings ORDER BY id`,
    );
    const of = (id: number, words: string): object => {
      const [platform, status, bot_status, reason] = words.split(' ');
      return { id, platform, status, bot_status, reason: reason ?? null, is_plan_open: false };
    };
    expect(rows).toEqual([
      of(10, 'google_meet completed ended'),
      of(11, 'zoom created none'),
      of(12, 'teams completed ended'),
      of(13, 'custom failed failed unknown'),
      of(15, 'zoom cancelled none'),
    ]);
  });

  test('takes passcodes out of links and keeps them encrypted', async () => {
    await moveOver(options);
    const meeting = await findOwnMeeting(db, { meetingId: 11, userId: 3 });
    expect(meeting?.meetingUrl).toBe('https://example.zoom.us/j/12345678901');
    expect(createEncryption([KEY]).decrypt(meeting?.passcodeEncrypted ?? '')).toBe('hunter2');
  });

  test('keeps old analyses apart from ours, whose every claim cites words', async () => {
    await moveOver(options);
    expect(await findCompletedAnalysis(db, 10)).toBeNull();
    const rows = await ask(
      target.url,
      'SELECT id, analysis_type, run, result_data FROM analysis_results ORDER BY id',
    );
    expect(rows).toEqual([
      {
        id: 40,
        analysis_type: 'old:summary',
        run: 1,
        result_data: { overview: 'They said good morning.' },
      },
      { id: 41, analysis_type: 'old:summary', run: 2, result_data: { overview: 'Again.' } },
    ]);
  });

  test('gives what is made afterwards ids of its own', async () => {
    await moveOver(options);
    const [user] = await ask(
      target.url,
      `INSERT INTO users (clerk_id) VALUES ('user_new') RETURNING id`,
    );
    expect(user).toEqual({ id: 8 });
  });

  test('goes on where it was interrupted, and changes nothing when all is there', async () => {
    let seen = 0;
    const stopped = moveOver({
      ...options,
      onProgress() {
        seen += 1;
        if (seen === 2) throw new Error('the machine was switched off');
      },
    });
    await expect(stopped).rejects.toThrow('switched off');
    expect(await ask(target.url, 'SELECT count(*)::int AS n FROM meetings')).toEqual([{ n: 2 }]);

    expect(findMissing(await moveOver(options))).toEqual([]);
    const before = await ask(target.url, 'SELECT * FROM transcriptions ORDER BY id');
    expect(findMissing(await moveOver(options))).toEqual([]);
    expect(await ask(target.url, 'SELECT * FROM transcriptions ORDER BY id')).toEqual(before);
  });

  test('refuses a database in which somebody else has such an id', async () => {
    await ask(target.url, `INSERT INTO users (id, clerk_id) VALUES (3, 'user_somebody_else')`);
    await expect(moveOver(options)).rejects.toThrow(/got 1 users and no meetings/);
    expect(await ask(target.url, 'SELECT id FROM users')).toEqual([{ id: 3 }]);
  });
});

describe('the program move-over', () => {
  test('prints both counts and ends with 0', () => {
    const root = path.resolve(__dirname, '../..');
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'workers/move-over.ts'],
      {
        cwd: root,
        encoding: 'utf8',
        env: {
          ...process.env,
          DATABASE_URL: target.url,
          OLD_DATABASE_URL: old.url,
          ENCRYPTION_KEY: KEY,
        },
      },
    );
    expect(stdout).toMatch(/meetings +5 +5\n/);
    expect(status).toBe(0);
  });
});
