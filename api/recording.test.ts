import { createHash } from 'node:crypto';
import type { Attempt } from '../infra/database/attempts';
import { markMeetingDeleted } from '../infra/database/meetings';
import { settleRecording } from '../infra/database/recordings';
import { makeBotToken, makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertAttempt, insertMeeting } from '../test/records';

let api: TestApi;
let attempt: Attempt;
let owner: { authorization: string };
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  const token = await makeSessionToken({ sub: 'user_owner' });
  owner = { authorization: `Bearer ${token}` };
  await api.http.get('/api/meetings').set(owner).expect(200);
  const user = await api.db.prisma.user.findUniqueOrThrow({ where: { clerkId: 'user_owner' } });
  const { meetingId } = await insertMeeting(api.db, { userId: user.id });
  attempt = await insertAttempt(api.db, meetingId);
});

/** More than is read from the store in one go. */
const BYTES = Buffer.from(Array.from({ length: 1_300_000 }, (_, index) => index % 251));

async function publish(): Promise<string> {
  const { meetingId } = attempt;
  const key = `meetings/${meetingId}/recording/one.webm`;
  await api.audio.put(key, BYTES);
  await settleRecording(api.db, meetingId, {
    status: 'ready',
    file: { key, bytes: BYTES.length, durationMs: 60_000 },
    url: `/api/meetings/${meetingId}/recording`,
  });
  return `/api/meetings/${meetingId}/recording`;
}

describe('PUT /bot/v1/recording', () => {
  const body = Buffer.from('a part of a WebM stream');
  const put = async (headers: Record<string, string> = {}) =>
    api.http
      .put('/bot/v1/recording/1')
      .set({
        authorization: `Bearer ${await makeBotToken(attempt)}`,
        'content-type': 'audio/webm',
        'x-part-start-at': String(Date.now() - 10_000),
        'x-part-end-at': String(Date.now()),
        'x-part-sha256': createHash('sha256').update(body).digest('hex'),
        ...headers,
      })
      .send(body);

  test('stores a part once, also when it is sent twice', async () => {
    expect((await put()).status).toBe(204);
    expect((await put()).status).toBe(204);
    const parts = await api.db.prisma.recordingPart.findMany({ where: { attemptId: attempt.id } });
    expect(parts).toHaveLength(1);
    const prefix = `meetings/${attempt.meetingId}/`;
    const keys = [...api.audio.objects.keys()].filter((key) => key.startsWith(prefix));
    expect(keys).toEqual([parts[0]?.objectKey]);
  });

  test('refuses bytes that are not those of the header, and a stranger', async () => {
    expect((await put({ 'x-part-sha256': '0'.repeat(64) })).body.error.code).toBe('hash_mismatch');
    expect((await put({ authorization: 'Bearer nonsense' })).status).toBe(401);
  });

  test('keeps nothing of a part whose meeting is deleted while it is stored', async () => {
    const { meetingId } = attempt;
    const { userId } = await api.db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    const store = api.audio.put.bind(api.audio);
    api.audio.put = async (key, bytes) => {
      await markMeetingDeleted(api.db, { meetingId, userId });
      await store(key, bytes);
    };
    const { status } = await put();
    api.audio.put = store;
    expect(status).toBe(410);
    expect([...api.audio.objects.keys()].filter((key) => key.includes(`/${meetingId}/`))).toEqual(
      [],
    );
    expect(await api.db.prisma.recordingPart.count({ where: { attemptId: attempt.id } })).toBe(0);
  });

  test('acknowledges nothing while the audio store is down', async () => {
    api.audio.isDown = true;
    expect((await put()).status).toBe(503);
    api.audio.isDown = false;
    expect(await api.db.prisma.recordingPart.count({ where: { attemptId: attempt.id } })).toBe(0);
  });
});

describe('GET /api/meetings/:id/recording', () => {
  test('gives the whole file', async () => {
    const { status, headers, body } = await api.http.get(await publish()).set(owner);
    expect([status, headers['content-type'], headers['accept-ranges']]).toEqual([
      ...[200, 'audio/webm', 'bytes'],
    ]);
    expect(BYTES.equals(body as Buffer)).toBe(true);
  });

  test('lets the page play it from its own port or name', async () => {
    const { headers } = await api.http.get(await publish()).set(owner);
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  });

  test.each([
    ['bytes=0-99', 0, 99],
    ['bytes=1299990-', 1_299_990, 1_299_999],
    ['bytes=-5', 1_299_995, 1_299_999],
    ['bytes=500000-1100000', 500_000, 1_100_000],
  ])('gives the stretch %s', async (range, start, end) => {
    const { status, headers, body } = await api.http.get(await publish()).set({ ...owner, range });
    expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${end}/1300000`]);
    expect(BYTES.subarray(start, end + 1).equals(body as Buffer)).toBe(true);
  });

  test('says that a stretch lies outside', async () => {
    const { status, headers } = await api.http
      .get(await publish())
      .set({ ...owner, range: 'bytes=1300000-' });
    expect([status, headers['content-range']]).toEqual([416, 'bytes */1300000']);
  });

  test('gives the whole again when the file was replaced since', async () => {
    const headers = { ...owner, range: 'bytes=0-9', 'if-range': '"older.webm"' };
    expect((await api.http.get(await publish()).set(headers)).status).toBe(200);
  });

  test('does not exist for others, and not before it is ready', async () => {
    const url = await publish();
    const other = { authorization: `Bearer ${await makeSessionToken()}` };
    expect((await api.http.get(url).set(other)).status).toBe(404);
    const { meetingId } = await insertMeeting(api.db, {});
    expect((await api.http.get(`/api/meetings/${meetingId}/recording`).set(owner)).status).toBe(
      404,
    );
    expect((await api.http.get(url)).status).toBe(401);
  });

  test('names what is missing while nothing is recorded', async () => {
    const { status, body } = await api.http
      .get(`/api/meetings/${attempt.meetingId}/recording`)
      .set(owner);
    expect([status, body.error.code]).toEqual([404, 'recording_not_ready']);
  });
});
