import pg from 'pg';

const SENTENCES = [
  'We looked at the numbers of the last quarter again this morning.',
  'The new page is faster, and support hears fewer questions about signing in.',
  'I would rather wait a week than release on a Friday.',
  'Can somebody write down who tells the customers, and by when?',
];

/**
 * Lays `count` segments of two speakers into a meeting that has ended, after what is there already;
 * each is a sentence of 3 s. The meeting must have at least one chunk.
 */
export async function lengthenMeeting(
  databaseUrl: string,
  { meetingId, count }: { meetingId: number; count: number },
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `WITH place AS (
         UPDATE meeting_cursors SET seq = seq + $2 WHERE meeting_id = $1 RETURNING seq - $2 AS seq
       ), chunk AS (
         SELECT id FROM audio_chunks WHERE meeting_id = $1 ORDER BY id LIMIT 1
       ), people AS (
         SELECT array_agg(id ORDER BY id) AS ids FROM participants WHERE meeting_id = $1 AND role <> 'bot'
       )
       INSERT INTO transcriptions
         (meeting_id, participant_id, chunk_id, version, "index", seq, text, timestamp_ms, end_ms, language, words)
       SELECT $1, people.ids[1 + (n / 5) % array_length(people.ids, 1)], chunk.id, 1, 1000 + n,
         place.seq + n, n || ': ' || ($3::text[])[1 + n % array_length($3::text[], 1)],
         60000 + n * 3000, 62500 + n * 3000, 'en', '[]'
       FROM generate_series(1, $2) AS n, place, chunk, people`,
      [meetingId, count, SENTENCES],
    );
  } finally {
    await client.end();
  }
}
