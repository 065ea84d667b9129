import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { chromium } from 'playwright-core';
import { EMPTY_ANALYSIS } from '../domain/analysis';
import { createdShareSchema, shareListSchema } from '../domain/sharing';
import { appendEvent } from '../infra/database/events';
import { insertShare } from '../infra/database/shares';
import { markMeetingDeleted } from '../infra/database/meetings';
import { findOrMakeUser } from '../infra/database/users';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { TEST_BROWSER_ARGUMENTS } from '../test/browser-arguments';
import { findChromium } from '../test/chromium-path';
import { insertMeeting } from '../test/records';
import { hashShareToken, makeShareToken } from './share/share-token';
import { insertSpoken, type Spoken } from '../test/spoken';

const DAY_MS = 24 * 3_600_000;

let api: TestApi;
let userId: number;
let owner: Record<string, string>;
const logged: string[] = [];
beforeAll(async () => {
  const logger = pino({ level: 'debug' }, { write: (line) => void logged.push(line) });
  api = await startTestApi({ logger, settings: { RATE_LIMIT_SHARE: '1000' } });
  const sub = `user_${randomUUID()}`;
  userId = await findOrMakeUser(api.db, sub);
  owner = { authorization: `Bearer ${await makeSessionToken({ sub })}` };
});
afterAll(() => api.close());

const HOSTILE = '<script>alert(1)</script>"\'& <img src=x onerror=alert(2)>';

async function hold(spoken: readonly Spoken[] = [{ text: 'We ship on Friday.', speaker: 'Maya' }]) {
  const { meetingId } = await insertMeeting(api.db, { userId, title: 'Planning' });
  await insertSpoken(api.db, meetingId, spoken);
  return meetingId;
}

function post(meetingId: number, body: object = {}, headers = owner) {
  return api.http.post(`/api/meetings/${meetingId}/shares`).set(headers).send(body);
}

async function share(meetingId: number, body: object = {}) {
  const answer = await post(meetingId, body);
  expect(answer.status).toBe(201);
  return createdShareSchema.parse(answer.body);
}

const read = (token: string, headers: Record<string, string> = {}) =>
  api.http.get(`/s/${token}`).set(headers);

async function list(meetingId: number) {
  const { body } = await api.http.get(`/api/meetings/${meetingId}/shares`).set(owner);
  return shareListSchema.parse(body).shares;
}

describe('a share link', () => {
  test('is shown once, kept as a hash, and ends after seven days', async () => {
    const meetingId = await hold();
    const made = await share(meetingId);
    expect(made.token).toMatch(/^shr_[A-Za-z0-9_-]{43}$/);
    expect(new URL(made.url).pathname).toBe(`/s/${made.token}`);
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBeCloseTo(7 * DAY_MS, -5);
    expect(JSON.stringify(await list(meetingId))).not.toContain(made.token);
    const { rows } = await api.db.query('SELECT * FROM share_links WHERE id = $1', [made.id]);
    expect(JSON.stringify(rows)).not.toContain(made.token.slice(4));
  });

  test('stands in a list with pages, and is one of fifty that can be open', async () => {
    const meetingId = await hold();
    await Promise.all(Array.from({ length: 47 }, () => share(meetingId)));
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(meetingId)));
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused.map(({ body }) => body.error.code)).toEqual([
      'too_many_shares',
      'too_many_shares',
    ]);
    const path = `/api/meetings/${meetingId}/shares?limit=30`;
    const first = shareListSchema.parse((await api.http.get(path).set(owner)).body);
    const next = await api.http.get(`${path}&cursor=${first.nextCursor}`).set(owner);
    const second = shareListSchema.parse(next.body);
    expect(second.nextCursor).toBeNull();
    const ids = [...first.shares, ...second.shares].map(({ id }) => id);
    expect(ids).toHaveLength(50);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    const newest = `/api/meetings/${meetingId}/shares/${ids[0]}`;
    expect((await api.http.delete(newest).set(owner)).status).toBe(204);
    await share(meetingId);
  });

  test('gives a page and a text with what was said, the analysis and the gaps', async () => {
    const meetingId = await hold([
      { text: 'We ship on Friday.', speaker: 'Maya', startMs: 61_000 },
    ]);
    const { id: said } = await api.db.prisma.transcription.findFirstOrThrow({
      where: { meetingId },
    });
    await appendEvent(api.db, meetingId, {
      body: { type: 'gap', startMs: 70_000, endMs: 80_000, attempt: 1, reason: 'crashed' },
    });
    await api.db.prisma.analysisResult.create({
      data: {
        meetingId,
        run: 1,
        status: 'completed',
        transcriptVersion: 1,
        resultData: {
          ...EMPTY_ANALYSIS,
          // the second is of an earlier transcript
          decisions: [{ text: 'Friday it is', segmentIds: [said, 999_999] }],
        },
      },
    });
    const { token } = await share(meetingId);
    const page = await read(token);
    expect([page.status, page.type]).toEqual([200, 'text/html']);
    for (const part of ['Planning', 'Maya', '00:01:01', 'We ship on Friday.', 'Friday it is']) {
      expect(page.text).toContain(part);
    }
    expect(page.text).toContain('Not heard from 00:01:10 to 00:01:20');
    const cited = [...page.text.matchAll(/href="#s(\d+)"[^>]*>([^<]+)</g)];
    expect(cited.map(([, id, time]) => [Number(id), time])).toEqual([[said, '00:01:01']]);
    expect(page.text).toContain(`id="s${said}"`);
    const text = await read(`${token}.txt`);
    expect([text.status, text.type]).toEqual([200, 'text/plain']);
    expect(text.text).toContain('[00:01:01] Maya: We ship on Friday.\n');
  });

  test('gives pages that nobody indexes, frames or scripts, and that tell no one where they are', async () => {
    const { token } = await share(await hold());
    const { headers, text } = await read(token);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'private, no-store',
    });
    expect(text).not.toMatch(/<script|<link|<img|href=(?!"#)|src=/);
  });

  test('takes nothing that was said, nor a name or title, for marks', async () => {
    const meetingId = await hold([{ text: HOSTILE, speaker: HOSTILE }]);
    await api.db.prisma.meeting.update({ where: { id: meetingId }, data: { title: HOSTILE } });
    await api.db.query('UPDATE transcriptions SET language = $2 WHERE meeting_id = $1', [
      meetingId,
      'en" onclick="x',
    ]);
    const { text } = await read((await share(meetingId)).token);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp; &lt;img');
    expect(text).not.toMatch(/<script|<img|" onclick/);
  });

  test('leads nowhere, in the same words, once it is revoked, has ended, or its meeting is deleted', async () => {
    const [one, two, three] = [await hold(), await hold(), await hold()];
    const revoked = await share(one);
    const ended = await share(two);
    const deleted = await share(three);
    const path = `/api/meetings/${one}/shares/${revoked.id}`;
    expect((await api.http.delete(path).set(owner)).status).toBe(204);
    expect((await api.http.delete(path).set(owner)).status).toBe(204);
    await api.db.query(
      "UPDATE share_links SET created_at = now() - interval '2 days', expires_at = now() - interval '1 s' WHERE id = $1",
      [ended.id],
    );
    await markMeetingDeleted(api.db, { meetingId: three, userId });
    const unknown = `shr_${'A'.repeat(43)}`;
    const pages = [];
    for (const token of [
      revoked.token,
      ended.token,
      deleted.token,
      unknown,
      'shr_',
      '%00',
      'a'.repeat(500),
    ]) {
      const { status, text } = await read(token);
      expect(status).toBe(404);
      expect((await read(`${token}.txt`)).status).toBe(404);
      pages.push(text);
    }
    expect(new Set(pages).size).toBe(1);
  });

  test('has every segment of a long meeting', async () => {
    const meetingId = await hold(Array.from({ length: 5_000 }, (_, n) => ({ text: `w${n}` })));
    const { text } = await read((await share(meetingId)).token);
    expect(text.match(/w\d+/g)).toHaveLength(5_000);
    expect(text).toMatch(/<\/html>\n$/);
  });

  test('counts who reads and writes it into the audit log', async () => {
    const meetingId = await hold();
    const { token, id } = await share(meetingId);
    await read(token);
    await read(`${token}.txt`);
    await read('shr_wrong');
    const [shown] = await list(meetingId);
    expect(shown).toMatchObject({ id, views: 2, lastViewedAt: expect.any(String) });
    const entries = await api.db.prisma.auditEntry.findMany({ where: { meetingId } });
    const views = entries.filter(({ action }) => action === 'share.viewed');
    expect(views).toHaveLength(2);
    expect(views[0]).toMatchObject({ actorKind: 'share', actorId: String(id), userId });
    expect(entries.map(({ action }) => action)).toContain('share.created');
  });

  test('is never in the log', async () => {
    const { token } = await share(await hold());
    await read(token);
    await read(`${token}.txt`);
    await read(`${token}/more`);
    await api.http.get(`/S/${token}/`);
    expect(logged.join('')).toContain('/s/{token}');
    expect(logged.join('')).not.toContain(token.slice(4));
    expect((await api.http.get('/metrics')).text).not.toContain(token.slice(4));
  });
});

test('a share link leads nowhere while its owner is disabled', async () => {
  const { meetingId, userId: other } = await insertMeeting(api.db);
  const token = makeShareToken();
  await insertShare(api.db, {
    meetingId,
    tokenSha256: hashShareToken(token) ?? '',
    emails: [],
    expiresAt: new Date(Date.now() + DAY_MS),
  });
  expect((await read(token)).status).toBe(200);
  await api.db.prisma.user.update({ where: { id: other }, data: { disabledAt: new Date() } });
  expect((await read(token)).status).toBe(404);
});

describe('a share link with addresses', () => {
  async function signIn(email: string | null): Promise<Record<string, string>> {
    const sub = `user_${randomUUID()}`;
    const id = await findOrMakeUser(api.db, sub);
    await api.db.prisma.user.update({ where: { id }, data: { email } });
    return { authorization: `Bearer ${await makeSessionToken({ sub })}` };
  }

  test('lets in who is signed in with one of them', async () => {
    const email = `maya-${randomUUID()}@example.org`;
    const { token } = await share(await hold(), { emails: [email.toUpperCase()] });
    expect((await read(token)).status).toBe(401);
    expect((await read(token, { authorization: 'Bearer nonsense' })).status).toBe(401);
    expect((await read(token, await signIn(null))).status).toBe(403);
    expect((await read(token, await signIn(`x${email}`))).status).toBe(403);
    const maya = await signIn(email);
    expect((await read(token, maya)).text).toContain('We ship on Friday.');
    const cookie = `__session=${maya['authorization']?.slice('Bearer '.length)}`;
    expect((await read(token, { cookie })).status).toBe(200);
  });

  test('shows the others nothing and counts no view', async () => {
    const meetingId = await hold();
    const { token } = await share(meetingId, { emails: ['maya@example.org'] });
    for (const path of [token, `${token}.txt`]) {
      expect((await read(path)).text).not.toMatch(/Planning|Friday/);
    }
    expect((await list(meetingId))[0]?.views).toBe(0);
  });
});

describe('sharing', () => {
  test.each<object>([
    { expiresAt: '2020-01-01T00:00:00Z' },
    { expiresAt: new Date(Date.now() + 366 * DAY_MS).toISOString() },
    { expiresAt: 'soon' },
    { emails: [] },
    { emails: ['nobody'] },
    { colour: 'red' },
  ])('refuses %j', async (body) => {
    expect((await post(await hold(), body)).status).toBe(422);
  });

  test('is for the meeting’s owner only', async () => {
    const { meetingId } = await insertMeeting(api.db);
    const mine = await hold();
    const { id } = await share(mine);
    expect((await post(meetingId)).status).toBe(404);
    expect((await api.http.get(`/api/meetings/${meetingId}/shares`).set(owner)).status).toBe(404);
    const path = `/api/meetings/${await hold()}/shares/${id}`;
    expect((await api.http.delete(path).set(owner)).body.error.code).toBe('share_not_found');
    expect((await read((await share(mine)).token)).status).toBe(200);
  });
});

test('a shared page fits a phone in a browser that runs no script of it', async () => {
  const meetingId = await hold([
    { text: `${'word '.repeat(50)}${'x'.repeat(300)}`, speaker: 'Maya' },
    { text: HOSTILE, speaker: null },
  ]);
  const { token } = await share(meetingId);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [...TEST_BROWSER_ARGUMENTS],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('dialog')));
    await page.goto(`${api.url}/s/${token}`);
    expect(await page.locator('h1').textContent()).toBe('Planning');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await page.evaluate('getComputedStyle(document.querySelector("main")).maxWidth')).toBe(
      '720px',
    );
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
});
