import { randomUUID } from 'node:crypto';
import { beginAttempt, recordReport, type Attempt } from '../../infra/database/attempts';
import { findOrMakeUser } from '../../infra/database/users';
import { makeBotToken, makeSessionToken, startTestApi, type TestApi } from '../../test/api-server';
import { insertAttempt, insertMeeting } from '../../test/records';

let api: TestApi;
let sub: string;
let me: { authorization: string };
let stranger: { authorization: string };
beforeAll(async () => {
  api = await startTestApi();
  stranger = { authorization: `Bearer ${await makeSessionToken()}` };
});
beforeEach(async () => {
  api.audio.objects.clear();
  sub = `user_${randomUUID()}`;
  me = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
});
afterAll(() => api.close());

async function startAttempt(): Promise<Attempt> {
  const { meetingId } = await insertMeeting(api.db, { userId: await findOrMakeUser(api.db, sub) });
  return insertAttempt(api.db, meetingId);
}

const asBot = async (attempt: Attempt) => ({
  authorization: `Bearer ${await makeBotToken(attempt)}`,
});

describe('evidence', () => {
  const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
  const put = async (attempt: Attempt, name: string, body: Buffer | string) =>
    api.http
      .put(`/bot/v1/evidence/${name}`)
      .set({ ...(await asBot(attempt)), 'content-type': 'application/octet-stream' })
      .send(body);
  const read = (attempt: Attempt, name: string, as = me) =>
    api.http
      .get(`/api/meetings/${attempt.meetingId}/attempts/${attempt.attempt}/evidence/${name}`)
      .set(as);

  test('is linked from its attempt with what was seen and what can be done', async () => {
    const attempt = await startAttempt();
    expect((await put(attempt, 'screenshot.png', PNG)).status).toBe(204);
    const report = { reportSeq: 1, state: 'failed' as const, atMs: Date.now() };
    const seen = { confidence: 'certain' as const, signs: ['denied-text', 'denied-icon'] };
    await recordReport(api.db, attempt, { ...report, ...seen, reason: 'join_denied' });
    const url = `/api/meetings/${attempt.meetingId}/attempts`;
    const { body } = await api.http.get(url).set(me);
    expect(body.attempts).toMatchObject([
      {
        reason: 'join_denied',
        remedy: 'Ask the host to admit the bot by its name, then start it again.',
        ...seen,
        evidence: [
          {
            name: 'screenshot.png',
            contentType: 'image/png',
            sizeBytes: PNG.length,
            url: `${url}/1/evidence/screenshot.png`,
          },
        ],
      },
    ]);
    const [{ createdAt, evidence }] = body.attempts;
    const keptDays = (Date.parse(evidence[0].expiresAt) - Date.parse(createdAt)) / 86_400_000;
    expect(Math.round(keptDays)).toBe(14);
    const screenshot = await api.http.get(evidence[0].url).set(me);
    expect(Buffer.compare(screenshot.body, PNG)).toBe(0);
    // the page draws it, from an origin of its own
    expect(screenshot.headers).toMatchObject({
      'content-disposition': 'inline; filename="attempt-1-screenshot.png"',
      'cross-origin-resource-policy': 'cross-origin',
    });
  });

  test('gives a page to save and never to run', async () => {
    const attempt = await startAttempt();
    await put(attempt, 'page.html', '<script>steal()</script>');
    const { headers } = await read(attempt, 'page.html');
    expect(headers).toMatchObject({
      'content-disposition': 'attachment; filename="attempt-1-page.html"',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/^sandbox/),
      'x-content-type-options': 'nosniff',
    });
  });

  test('of the same name replaces the earlier and its object', async () => {
    const attempt = await startAttempt();
    await put(attempt, 'console.txt', 'one');
    await Promise.all(['two', 'three', 'four'].map((text) => put(attempt, 'console.txt', text)));
    expect(api.audio.objects.size).toBe(1);
    expect(['two', 'three', 'four']).toContain((await read(attempt, 'console.txt')).text);
    const keys = [...api.audio.objects.keys()];
    expect(keys[0]).toMatch(new RegExp(`^meetings/${attempt.meetingId}/1/evidence/`));
  });

  test('takes JSON as bytes, also from a superseded attempt', async () => {
    const attempt = await startAttempt();
    await beginAttempt(api.db, attempt.meetingId, randomUUID());
    const answer = await api.http
      .put('/bot/v1/evidence/seen.json')
      .set(await asBot(attempt))
      .send({ signs: [] });
    expect(answer.status).toBe(204);
    expect((await read(attempt, 'seen.json')).body).toEqual({ signs: [] });
  });

  test('is refused when it is too large, unknown, or the meeting is deleted', async () => {
    const attempt = await startAttempt();
    const large = await put(attempt, 'screenshot.png', Buffer.alloc(2 * 1024 * 1024 + 1));
    expect(large.body.error.code).toBe('payload_too_large');
    expect((await put(attempt, 'secrets.txt', 'x')).status).toBe(422);
    await api.http.delete(`/api/meetings/${attempt.meetingId}`).set(me);
    expect((await put(attempt, 'console.txt', 'x')).status).toBe(410);
    expect(api.audio.objects.size).toBe(0);
  });

  test('does not exist for others, when there is none, or when its object is gone', async () => {
    const attempt = await startAttempt();
    await put(attempt, 'console.txt', 'x');
    expect((await read(attempt, 'console.txt', stranger)).status).toBe(404);
    expect((await read(attempt, 'page.html')).body.error.code).toBe('evidence_not_found');
    api.audio.objects.clear();
    expect((await read(attempt, 'console.txt')).body.error.code).toBe('evidence_not_found');
  });
});
