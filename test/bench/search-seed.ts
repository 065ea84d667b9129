import { leavePolicySchema } from '../../domain/leave-policy';
import type { Database } from '../../infra/database/client';

const VOCABULARY = 30_000;
const SEGMENTS_PER_MEETING = 400;
const MEETINGS_AT_A_TIME = 20;
const OTHER_USERS = 100;
/** Colleagues of whom each meeting has a few. */
const NAMES = 200;
const SPEAKERS_PER_MEETING = 4;
const PLATFORMS = ['custom', 'google_meet', 'teams'];

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

/** The name of a colleague, none of whom is part of another. */
export const nameOf = (number: number): string => `Colleague ${1_000 + (number % NAMES)}`;

/** When meeting `number` began: one an hour, and the last one yesterday. */
export function startOf(number: number, meetings: number): Date {
  return new Date(Date.now() - (meetings - number + 24) * 3_600_000);
}

/** Fills the database; every second meeting is `askerId`'s. */
export async function seedSpeech(
  db: Database,
  { segments, askerId }: { segments: number; askerId: number },
): Promise<void> {
  const words = Array.from({ length: VOCABULARY }, (_, index) => wordOfRank(index + 1));
  const sentence = (length: number): string =>
    Array.from({ length }, () => words[Math.floor(VOCABULARY ** Math.random()) - 1]).join(' ');
  const others: number[] = [];
  for (let user = 0; user < OTHER_USERS; user += 1) {
    others.push((await db.prisma.user.create({ data: { clerkId: `bench_${user}` } })).id);
  }
  const meetings = segments / SEGMENTS_PER_MEETING;
  for (let done = 0; done < meetings; done += MEETINGS_AT_A_TIME) {
    const made = Array.from({ length: MEETINGS_AT_A_TIME }, (_, index) => ({
      owner: index % 2 === 0 ? askerId : (others[(done + index) % others.length] ?? askerId),
      startedAt: startOf(done + index, meetings),
      platform: PLATFORMS[(done + index) % PLATFORMS.length] ?? 'custom',
      names: Array.from({ length: SPEAKERS_PER_MEETING }, (_each, place) =>
        nameOf((done + index) * 7 + place * 13),
      ),
    }));
    const texts = Array.from({ length: MEETINGS_AT_A_TIME * SEGMENTS_PER_MEETING }, (_, index) =>
      sentence(8 + (index % 15)),
    );
    await insertMeetings(db, made, texts);
  }
}

interface SeededMeeting {
  owner: number;
  startedAt: Date;
  platform: string;
  names: string[];
}

/** Meetings of one chunk each, with words and their times as transcription writes them. */
async function insertMeetings(
  db: Database,
  meetings: SeededMeeting[],
  texts: string[],
): Promise<void> {
  await db.query(
    `WITH given AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb)
         AS g("owner" int, "startedAt" timestamptz, "platform" text, "names" text[])),
     made AS (
       INSERT INTO meetings (user_id, platform, bot_name, leave_policy, status, actual_start)
       SELECT "owner", "platform", 'Notetaker', $2::jsonb, 'completed', "startedAt" FROM given
       ORDER BY "startedAt" RETURNING id, actual_start),
     attempts AS (
       INSERT INTO bot_attempts (meeting_id, attempt, launch_id)
       SELECT id, 1, gen_random_uuid() FROM made RETURNING id, meeting_id),
     chunks AS (
       INSERT INTO audio_chunks (meeting_id, attempt_id, track, seq, start_ms, end_ms, captured_at,
         size_bytes, sha256, object_key, status, done_at)
       SELECT meeting_id, id, 'a', 1, 0, 1000, now(), 1, '', '', 'done', now()
       FROM attempts
       RETURNING id, meeting_id),
     people AS (
       INSERT INTO participants (meeting_id, participant_key, name)
       SELECT made.id, name, name
       FROM made JOIN given ON given."startedAt" = made.actual_start, unnest(given."names") AS name
       RETURNING id, meeting_id),
     numbered AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS number FROM chunks),
     present AS (SELECT meeting_id, array_agg(id) AS ids FROM people GROUP BY meeting_id)
     INSERT INTO transcriptions (meeting_id, chunk_id, version, index, seq, text, timestamp_ms,
       end_ms, words, participant_id)
     SELECT n.meeting_id, n.id, 1, said.place, said.place, said.text, said.place * 5000,
       said.place * 5000 + 4000,
       (SELECT jsonb_agg(jsonb_build_object('text', word, 'startMs', said.place * 5000,
          'endMs', said.place * 5000 + 200, 'confidence', 0.987))
        FROM unnest(string_to_array(said.text, ' ')) AS word),
       p.ids[1 + said.place % cardinality(p.ids)]
     FROM unnest($3::text[]) WITH ORDINALITY AS said(text, place)
     JOIN numbered n ON n.number = (said.place - 1) / $4
     JOIN present p ON p.meeting_id = n.meeting_id`,
    [
      JSON.stringify(meetings),
      JSON.stringify(leavePolicySchema.parse({})),
      texts,
      SEGMENTS_PER_MEETING,
    ],
  );
}
