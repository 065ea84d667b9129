import { randomUUID } from 'node:crypto';
import { searchPageSchema } from '../domain/search';
import { markMeetingDeleted } from '../infra/database/meetings';
import { findOrMakeUser } from '../infra/database/users';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertMeeting } from '../test/records';
import { insertSpoken, type Spoken } from '../test/spoken';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

let userId: number;
let token: string;
beforeEach(async () => {
  const sub = `user_${randomUUID()}`;
  userId = await findOrMakeUser(api.db, sub);
  token = await makeSessionToken({ sub });
});

function ask(query: Record<string, string>) {
  return api.http.get('/api/search').query(query).set('authorization', `Bearer ${token}`);
}

async function search(q: string, query: Record<string, string> = {}) {
  const { status, body } = await ask({ q, ...query });
  expect(status).toBe(200);
  return searchPageSchema.parse(body);
}

/** The texts that were found, in order. */
async function find(q: string, query: Record<string, string> = {}): Promise<string[]> {
  const { results } = await search(q, query);
  return results.map(({ parts }) => parts.map(({ text }) => text).join(''));
}

async function hold(spoken: readonly (Spoken | string)[], owner = userId) {
  const { meetingId } = await insertMeeting(api.db, { userId: owner, title: 'Planning' });
  const segments = spoken.map((each) => (typeof each === 'string' ? { text: each } : each));
  return { meetingId, ids: await insertSpoken(api.db, meetingId, segments) };
}

describe('a search', () => {
  test('finds what was said, with meeting, time and speaker, and marks the words', async () => {
    const { meetingId, ids } = await hold([
      { text: 'We have decided on the budget.', speaker: 'Maya', startMs: 61_000 },
      'Nothing of that.',
    ]);
    const origin = new Date('2026-01-01T09:00:00Z');
    await api.db.prisma.meeting.update({
      where: { id: meetingId },
      data: { clockOrigin: origin },
    });
    expect(await search('budget')).toEqual({
      results: [
        {
          meeting: {
            id: meetingId,
            title: 'Planning',
            platform: 'custom',
            startedAt: '2026-01-01T09:00:00.000Z',
          },
          segmentId: ids[0],
          startMs: 61_000,
          endMs: 65_000,
          at: '2026-01-01T09:01:01.000Z',
          speaker: { id: expect.any(Number), name: 'Maya' },
          parts: [
            { text: 'We have decided on the ', isMatch: false },
            { text: 'budget', isMatch: true },
            { text: '.', isMatch: false },
          ],
        },
      ],
      nextCursor: null,
      hasOlder: false,
    });
  });

  test('asks for every word, and knows phrases, alternatives and exclusions', async () => {
    await hold(['red green blue', 'green red', 'blue only']);
    expect(await find('red green')).toEqual(['green red', 'red green blue']);
    expect(await find('"red green"')).toEqual(['red green blue']);
    expect(await find('"green red" or only')).toEqual(['green red', 'blue only']);
    expect(await find('green -blue')).toEqual(['green red']);
  });

  test.each([
    ['decisions', 'We have a decision here.'],
    ['who was it', 'Who was it then?'],
    ['größe', 'Die Größe stimmt.'],
    ['бюджет', 'Это наш бюджет.'],
    ['décidé', 'C’est DÉCIDÉ.'],
    ['התקציב', 'זה התקציב שלנו'],
  ])('for %s finds “%s”', async (q, text) => {
    await hold([text]);
    expect(await find(q)).toEqual([text]);
  });

  test('gives text back as it is, whatever it looks like', async () => {
    const text = `<script>alert("budget")</script> &amp; [b]budget[/b] <b>it's</b>\u0001 budget-plan`;
    await hold([text]);
    const { results } = await search('budget');
    const parts = results[0]?.parts ?? [];
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.filter(({ isMatch }) => isMatch).map((part) => part.text)).toContain('budget');
  });

  test('puts the better match first, and the newer one among equals', async () => {
    await hold([
      'one mango among a great many other words that were said here',
      'mango mango mango',
      'mango here',
      'mango there',
    ]);
    expect(await find('mango')).toEqual([
      'mango mango mango',
      'mango there',
      'mango here',
      'one mango among a great many other words that were said here',
    ]);
  });

  test('sees the meetings of nobody else, and none that is deleted', async () => {
    const { userId: other } = await insertMeeting(api.db);
    await hold(['a quince of theirs'], other);
    const { meetingId } = await hold(['a quince of mine']);
    expect(await find('quince')).toEqual(['a quince of mine']);
    await markMeetingDeleted(api.db, { meetingId, userId });
    expect(await find('quince')).toEqual([]);
  });

  test('sees the current version of a transcript only', async () => {
    const { meetingId } = await hold([
      { text: 'papaya once', version: 1 },
      { text: 'papaya again', version: 2 },
    ]);
    expect(await find('papaya')).toEqual(['papaya once']);
    await api.db.prisma.meeting.update({
      where: { id: meetingId },
      data: { transcriptVersion: 2 },
    });
    expect(await find('papaya')).toEqual(['papaya again']);
  });

  test('keeps to days, platform and part of a speaker’s name', async () => {
    const { meetingId: older } = await hold([
      { text: 'old fig', speaker: 'Maya Lindt' },
      { text: 'other fig', speaker: 'Tom 100%' },
      { text: 'nameless fig', speaker: null },
    ]);
    await hold(['new fig']);
    await api.db.prisma.meeting.update({
      where: { id: older },
      data: { actualStart: new Date('2026-01-01T09:00:00Z'), platform: 'teams' },
    });
    expect(await find('fig', { to: '2026-02-01' })).toHaveLength(3);
    expect(await find('fig', { from: '2026-01-02' })).toEqual(['new fig']);
    expect(await find('fig', { from: '2026-01-01T09:00:00Z' })).toHaveLength(4);
    expect(await find('fig', { platform: 'teams', speaker: 'lindt' })).toEqual(['old fig']);
    expect(await find('fig', { speaker: '%' })).toEqual(['other fig']);
    expect(await find('fig', { platform: 'meet' })).toEqual([]);
  });

  test('pages without repeating or skipping, also when more is said meanwhile', async () => {
    const { meetingId } = await hold(Array.from({ length: 7 }, (_, n) => `kiwi number ${n}`));
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page = await search('kiwi', { limit: '3', ...(cursor ? { cursor } : {}) });
      seen.push(...page.results.map(({ segmentId }) => segmentId));
      cursor = page.nextCursor;
      await insertSpoken(api.db, meetingId, [{ text: 'kiwi kiwi kiwi' }]);
    } while (cursor);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });

  test('ranks the newest 300 of more matches and says that there are older ones', async () => {
    await hold(Array.from({ length: 200 }, (_, n) => `plum ${n}`));
    for (let n = 0; n < 40; n += 1) await insertMeeting(api.db, { userId });
    await hold(Array.from({ length: 200 }, (_, n) => `plum ${n}`));
    const { results, hasOlder } = await search('plum', { limit: '100' });
    expect([results.length, hasOlder]).toEqual([100, true]);
    expect((await search('plum 199')).results).toHaveLength(2);
    expect((await search('plum 199')).hasOlder).toBe(false);
  });

  // PostgreSQL's count decides whether the index is asked in each meeting or once for all
  test.each([1, 1_000_000])(
    'finds the same in the newest and in the oldest of many meetings, of %i there are',
    async (meetings) => {
      await api.db.query(`UPDATE pg_class SET reltuples = $1 WHERE oid = 'meetings'::regclass`, [
        meetings,
      ]);
      const oldest = await hold(['the oldest quince', 'pear']);
      for (let n = 0; n < 20; n += 1) await insertMeeting(api.db, { userId });
      await hold(['somebody else’s quince'], await findOrMakeUser(api.db, `user_${randomUUID()}`));
      const middle = await hold(Array.from({ length: 5 }, (_, n) => `quince ${n}`));
      await api.db.query('UPDATE meetings SET transcript_version = 2 WHERE id = $1', [
        (await hold(['an earlier version’s quince'])).meetingId,
      ]);
      for (let n = 0; n < 40; n += 1) await insertMeeting(api.db, { userId });
      const newest = await hold(['the newest quince']);
      const { results } = await search('quince', { limit: '100' });
      const ids = [...oldest.ids.slice(0, 1), ...middle.ids, ...newest.ids];
      expect(results.map(({ segmentId }) => segmentId).toSorted()).toEqual(ids.toSorted());
    },
  );
});

describe('odd searches', () => {
  test.each([
    '???',
    '-budget',
    'budget or -budget',
    '"',
    '" or or "" -',
    "' | & ! <-> :* ()",
    '%',
    '\\',
    '(a+)+$',
    `${'('.repeat(199)}a`,
    `${'a'.repeat(199)}!`,
    Array.from({ length: 50 }, () => '"a b"')
      .join('')
      .slice(0, 200),
    Array.from({ length: 66 }, () => 'or').join(' '),
    '💥‮\u200B',
    "'; DROP TABLE meetings; --",
  ])('are answered with nothing: %s', async (q) => {
    await hold(['budget']);
    expect(await find(q)).toEqual([]);
  });

  test.each<Record<string, string>>([
    { q: '' },
    { q: ' ' },
    { q: 'a'.repeat(201) },
    { q: 'a\u0000b' },
    { q: 'a', from: 'yesterday' },
    { q: 'a', to: '2026-02-30' },
    { q: 'a', limit: '0' },
    { q: 'a', limit: '101' },
    { q: 'a', speaker: '' },
    { q: 'a', cursor: 'nonsense' },
    { q: 'a', cursor: Buffer.from('[1,"x",2]').toString('base64url') },
    { q: 'a', cursor: Buffer.from('[1,1,2147483648]').toString('base64url') },
    { q: 'a', platform: 'irc' },
    { q: 'a', colour: 'red' },
  ])('are refused as wrong fields: %j', async (query) => {
    const { status, body } = await ask(query);
    expect([status, body.error.code]).toEqual([422, 'invalid_request']);
  });

  test.each<Record<string, string>>([
    { from: '0000-01-01' },
    { to: '9999-12-31T23:59:59-23:59' },
    { cursor: Buffer.from('[1,-1e300,1]').toString('base64url') },
    { cursor: Buffer.from('[2147483647,1e300,1]').toString('base64url') },
  ])('take the furthest values: %j', async (query) => {
    expect((await ask({ q: 'budget', ...query })).status).toBe(200);
  });

  test('are refused without a sign-in', async () => {
    expect((await api.http.get('/api/search').query({ q: 'a' })).status).toBe(401);
  });
});
