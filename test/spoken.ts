import { randomUUID } from 'node:crypto';
import { insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { insertAttempt, makeChunk } from './records';

/** Something said: by whom, if that is known, and when; by default 5 s each, one after another. */
export interface Spoken {
  text: string;
  speaker?: string | null;
  startMs?: number;
  version?: number;
}

/** Writes segments as transcription leaves them; returns their ids. */
export async function insertSpoken(
  db: Database,
  meetingId: number,
  spoken: readonly Spoken[],
): Promise<number[]> {
  const attempt = await insertAttempt(db, meetingId);
  const names = [...new Set(spoken.flatMap(({ speaker }) => speaker ?? []))];
  const people = new Map<string, number>();
  for (const name of names) {
    const { id } = await db.prisma.participant.upsert({
      where: { meetingId_participantKey: { meetingId, participantKey: name } },
      create: { meetingId, participantKey: name, name },
      update: {},
    });
    people.set(name, id);
  }
  const chunk = makeChunk(attempt, { participantKey: null, objectKey: randomUUID() });
  const inserted = await insertChunk(db, chunk);
  if (inserted.kind !== 'accepted') throw new Error(`Expected a chunk, got ${inserted.kind}`);
  await db.query("UPDATE audio_chunks SET status = 'done', done_at = now() WHERE id = $1", [
    inserted.chunkId,
  ]);
  const { rows } = await db.query<{ id: number }>(
    `WITH next AS (UPDATE meeting_cursors SET seq = seq + $3 WHERE meeting_id = $1 RETURNING seq)
     INSERT INTO transcriptions (meeting_id, participant_id, chunk_id, version, index, seq, text,
       timestamp_ms, end_ms, words)
     SELECT $1, s.person, $2, s.version, s.place - 1, next.seq - $3 + s.place, s.text, s.start_ms,
       s.start_ms + 4000, '[]'
     FROM next, unnest($4::int[], $5::int[], $6::text[], $7::int[])
       WITH ORDINALITY AS s(person, version, text, start_ms, place)
     ORDER BY s.place RETURNING id`,
    [
      meetingId,
      inserted.chunkId,
      spoken.length,
      spoken.map(({ speaker }) => (speaker == null ? null : people.get(speaker))),
      spoken.map(({ version }) => version ?? 1),
      spoken.map(({ text }) => text),
      spoken.map(({ startMs }, index) => startMs ?? index * 5_000),
    ],
  );
  return rows.map(({ id }) => id);
}
