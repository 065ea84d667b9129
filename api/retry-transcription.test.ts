import { randomUUID } from 'node:crypto';
import { countChunkFailure, failChunk, insertChunk } from '../infra/database/chunks';
import { markMeetingDeleted } from '../infra/database/meetings';
import { findOrMakeUser } from '../infra/database/users';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertAttempt, insertMeeting, makeChunk } from '../test/records';

let api: TestApi;
let sub: string;
let headers: { authorization: string };
let userId: number;
let meetingId: number;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  sub = `user_${randomUUID()}`;
  headers = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
  userId = await findOrMakeUser(api.db, sub);
  meetingId = (await insertMeeting(api.db, { userId })).meetingId;
  api.temporal.mood = 'answers';
  api.temporal.transcripts = [];
});

/** Chunks of which the first `failed` could not be transcribed, an hour ago. */
async function insertChunks(count: number, failed: number): Promise<void> {
  const attempt = await insertAttempt(api.db, meetingId);
  for (let seq = 1; seq <= count; seq += 1) {
    const chunk = await insertChunk(api.db, makeChunk(attempt, { seq }));
    if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
    if (seq > failed) continue;
    await countChunkFailure(api.db, chunk.chunkId);
    await failChunk(api.db, chunk.chunkId, 'no_answer');
  }
  await api.db.query(
    `UPDATE audio_chunks SET acknowledged_at = now() - interval '1 hour' WHERE meeting_id = $1`,
    [meetingId],
  );
}

const retry = (id = meetingId) =>
  api.http.post(`/api/meetings/${id}/retry-transcription`).set(headers);

const readChunks = () =>
  api.db.prisma.audioChunk.findMany({ where: { meetingId }, orderBy: { seq: 'asc' } });

describe('retry-transcription', () => {
  test('makes what failed pending again, with all its tries, and starts the transcript', async () => {
    await insertChunks(3, 2);
    const { status, body } = await retry();
    expect([status, body.retried]).toEqual([202, 2]);
    expect(body.workflowUrl).toContain(`transcript-${meetingId}-1`);
    const chunks = await readChunks();
    const fresh = { status: 'pending', failedAttempts: 0, failureReason: null };
    expect(chunks).toMatchObject([fresh, fresh, { status: 'pending' }]);
    const ages = chunks.map(({ acknowledgedAt }) => Date.now() - acknowledgedAt.getTime());
    expect(ages.map((ms) => ms > 1_800_000)).toEqual([false, false, true]);
    expect(api.temporal.transcripts).toEqual([{ meetingId, version: 1 }]);
  });

  test('counts each chunk once when it is asked for twice at the same time', async () => {
    await insertChunks(5, 5);
    const answers = await Promise.all([retry(), retry()]);
    const counts = answers.map(({ body }) => body.retried as number).sort((a, b) => a - b);
    expect(counts).toEqual([0, 5]);
  });

  test('starts nothing where nothing failed', async () => {
    await insertChunks(1, 0);
    expect((await retry()).body.retried).toBe(0);
    expect(api.temporal.transcripts).toEqual([]);
  });

  test('is kept while Temporal is down, for reconciliation to start', async () => {
    await insertChunks(1, 1);
    api.temporal.mood = 'down';
    const { status, body } = await retry();
    expect([status, body.retried]).toEqual([202, 1]);
    expect(await readChunks()).toMatchObject([{ status: 'pending' }]);
  });

  test('does not touch a deleted meeting, nor somebody else’s', async () => {
    await insertChunks(1, 1);
    const mine = headers;
    headers = { authorization: `Bearer ${await makeSessionToken()}` };
    expect((await retry()).body.error.code).toBe('meeting_not_found');
    headers = mine;
    await markMeetingDeleted(api.db, { meetingId, userId });
    expect((await retry()).body.error.code).toBe('meeting_not_found');
    expect(await readChunks()).toMatchObject([{ status: 'failed' }]);
  });

  test('needs a key that may write meetings, and stands in the audit log', async () => {
    for (const [scope, status] of [
      ['transcripts:read', 403],
      ['meetings:write', 202],
    ] as const) {
      const made = { name: 'program', scopes: [scope] };
      const { body: key } = await api.http.post('/api/api-keys').set(headers).send(made);
      const answer = await api.http
        .post(`/api/meetings/${meetingId}/retry-transcription`)
        .set({ 'x-api-key': key.key });
      expect(answer.status).toBe(status);
    }
    const entries = await api.db.prisma.auditEntry.findMany({ where: { meetingId } });
    expect(entries.map(({ action }) => action)).toEqual(['transcription.retried']);
  });
});
