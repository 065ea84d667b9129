import { randomUUID } from 'node:crypto';
import { leavePolicySchema } from '../../domain/leave-policy';
import type { Database } from '../../infra/database/client';

const VOCABULARY = 30_000;
const SEGMENTS_PER_MEETING = 400;
const MEETINGS_AT_A_TIME = 20;
const OTHER_USERS = 100;

/** An invented word: the more frequent, the shorter. */
export function wordOfRank(rank: number): string {
  let rest = rank * 7_919 + 13;
  let word = '';
  for (let syllable = 0; syllable < 2 + Math.log(rank + 1) / 2.2; syllable += 1) {
    word += 'bcdfglmnprst'.charAt(rest % 12) + 'aeiou'.charAt(Math.floor(rest / 12) % 5);
    rest = Math.floor(rest / 60) + rank * 31;
  }
  return word;
}

/** Fills the database; returns the user to whom half of it belongs. */
export async function seedSpeech(db: Database, segments: number): Promise<number> {
  const words = Array.from({ length: VOCABULARY }, (_, index) => wordOfRank(index + 1));
  const sentence = (length: number): string =>
    Array.from({ length }, () => words[Math.floor(VOCABULARY ** Math.random()) - 1]).join(' ');
  const userIds: number[] = [];
  for (let user = 0; user <= OTHER_USERS; user += 1) {
    userIds.push((await db.prisma.user.create({ data: { clerkId: randomUUID() } })).id);
  }
  const [asker = 0, ...others] = userIds;
  const meetings = segments / SEGMENTS_PER_MEETING;
  for (let done = 0; done < meetings; done += MEETINGS_AT_A_TIME) {
    const owners = Array.from({ length: MEETINGS_AT_A_TIME }, (_, index) =>
      index % 2 === 0 ? asker : (others[(done + index) % others.length] ?? asker),
    );
    const texts = Array.from({ length: MEETINGS_AT_A_TIME * SEGMENTS_PER_MEETING }, (_, index) =>
      sentence(8 + (index % 15)),
    );
    await insertMeetings(db, owners, texts);
  }
  return asker;
}

/** Meetings of one chunk each, with words and their times as transcription writes them. */
async function insertMeetings(db: Database, owners: number[], texts: string[]): Promise<void> {
  await db.query(
    `WITH made AS (
       INSERT INTO meetings (user_id, platform, bot_name, leave_policy, status)
       SELECT owner, 'custom', 'Notetaker', $2::jsonb, 'completed' FROM unnest($1::int[]) AS owner
       RETURNING id),
     attempts AS (
       INSERT INTO bot_attempts (meeting_id, attempt, launch_id)
       SELECT id, 1, gen_random_uuid() FROM made RETURNING id, meeting_id),
     chunks AS (
       INSERT INTO audio_chunks (meeting_id, attempt_id, track, seq, start_ms, end_ms, captured_at,
         size_bytes, sha256, object_key, status, done_at)
       SELECT meeting_id, id, 'a', 1, 0, 1000, now(), 1, '', '', 'done', now()
       FROM attempts
       RETURNING id, meeting_id),
     numbered AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS number FROM chunks)
     INSERT INTO transcriptions (meeting_id, chunk_id, version, index, seq, text, timestamp_ms,
       end_ms, words)
     SELECT n.meeting_id, n.id, 1, said.place, said.place, said.text, said.place * 5000,
       said.place * 5000 + 4000,
       (SELECT jsonb_agg(jsonb_build_object('text', word, 'startMs', said.place * 5000,
          'endMs', said.place * 5000 + 200, 'confidence', 0.987))
        FROM unnest(string_to_array(said.text, ' ')) AS word)
     FROM unnest($3::text[]) WITH ORDINALITY AS said(text, place)
     JOIN numbered n ON n.number = (said.place - 1) / $4`,
    [owners, JSON.stringify(leavePolicySchema.parse({})), texts, SEGMENTS_PER_MEETING],
  );
}
