import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';
import { completeChunk, insertChunk } from '../infra/database/chunks';
import { projectMeeting } from '../infra/database/meetings';
import { recordParticipants } from '../infra/database/participants';
import { insertAttempt, insertMeeting, makeChunk } from '../test/records';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

interface Person {
  headers: { authorization: string };
  userId: number;
}

async function signIn(claims: Record<string, object> = {}): Promise<Person> {
  const token = await makeSessionToken({ claims });
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await api.http.get('/api/me').set(headers);
  return { headers, userId: body.id };
}

/** A meeting in which Maya spoke for two seconds and somebody unknown for one. */
async function makeTalk(userId: number) {
  const { meetingId } = await insertMeeting(api.db, { userId });
  const attempt = await insertAttempt(api.db, meetingId);
  const tell = (name: string) =>
    recordParticipants(api.db, attempt, [
      { key: 'maya', change: 'joined', name, isBot: false, isHost: true, atMs: Date.now() },
    ]);
  await tell('Guest 7');
  const say = async (seq: number, participantKey: string | null, durationMs: number) => {
    const chunk = await insertChunk(api.db, makeChunk(attempt, { seq, participantKey }));
    if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
    const segment = {
      startMs: seq * 1_000,
      endMs: seq * 1_000 + durationMs,
      text: `words ${seq}`,
      language: 'en',
      confidence: 0.9,
      words: [],
    };
    const result = { chunkId: chunk.chunkId, version: 1, segments: [segment], dropped: {} };
    await completeChunk(api.db, result);
  };
  await say(1, 'maya', 2_000);
  await say(2, null, 1_000);
  return { meetingId, tell, say, path: `/api/meetings/${meetingId}` };
}

describe('GET /api/meetings/:id/participants', () => {
  test('says who spoke for how long, and how long nobody could tell', async () => {
    const { headers, userId } = await signIn();
    const talk = await makeTalk(userId);
    const { body } = await api.http.get(`${talk.path}/participants`).set(headers);
    expect(body).toEqual({
      participants: [
        {
          id: expect.any(Number),
          name: 'Guest 7',
          platformName: 'Guest 7',
          isNameGiven: false,
          role: 'host',
          joinedAt: expect.any(String),
          leftAt: null,
          talkMs: 2_000,
          segments: 1,
        },
      ],
      unknown: { talkMs: 1_000, segments: 1 },
    });
  });
});

describe('PATCH /api/meetings/:id/participants/:participantId', () => {
  async function makeNamedTalk() {
    const person = await signIn();
    const talk = await makeTalk(person.userId);
    const { body } = await api.http.get(`${talk.path}/participants`).set(person.headers);
    const speaker = `${talk.path}/participants/${body.participants[0].id}`;
    const rename = (name: string | null) =>
      api.http.patch(speaker).set(person.headers).send({ name });
    const read = async (after: number) =>
      (await api.http.get(`${talk.path}/events?after=${after}`).set(person.headers)).body;
    return { ...person, talk, rename, read };
  }

  test('puts what they said on the cursor again, each segment with a new seq', async () => {
    const { rename, read } = await makeNamedTalk();
    const { nextAfter } = await read(0);
    const { status, body } = await rename('Maya Chen');
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'Maya Chen', platformName: 'Guest 7', isNameGiven: true });
    const { events } = await read(nextAfter);
    const speaker = { id: body.id, name: 'Maya Chen' };
    expect(events.map(({ event }: { event: object }) => event)).toEqual([
      { type: 'participant.renamed', participant: speaker },
      expect.objectContaining({
        type: 'segment.updated',
        segment: expect.objectContaining({ text: 'words 1', speaker, seq: nextAfter + 2 }),
      }),
    ]);
    expect(events[0].seq).toBe(nextAfter + 1);
  });

  test('stays when the platform calls them something else, and for what they say later', async () => {
    const { talk, rename, headers, read } = await makeNamedTalk();
    const { body } = await rename('Maya Chen');
    await talk.tell('Maya (phone)');
    await talk.say(3, 'maya', 500);
    const { events } = await read(0);
    expect(events.at(-1).event.segment).toMatchObject({
      text: 'words 3',
      speaker: { id: body.id, name: 'Maya Chen' },
    });
    const list = await api.http.get(`${talk.path}/participants`).set(headers);
    expect(list.body.participants[0]).toMatchObject({
      name: 'Maya Chen',
      platformName: 'Maya (phone)',
    });
  });

  test('gives way to the platform’s newest name when it is taken back', async () => {
    const { talk, rename } = await makeNamedTalk();
    await rename('Maya Chen');
    await talk.tell('Maya (phone)');
    const { body } = await rename(null);
    expect(body).toMatchObject({
      name: 'Maya (phone)',
      platformName: 'Maya (phone)',
      isNameGiven: false,
    });
  });

  test('says nothing on the cursor when the name is the same', async () => {
    const { rename, read } = await makeNamedTalk();
    const { nextAfter } = await read(0);
    await rename('Guest 7');
    expect((await read(nextAfter)).events).toEqual([]);
  });

  test('knows no participant of another meeting', async () => {
    const { headers, userId, talk, rename } = await makeNamedTalk();
    const other = await makeTalk(userId);
    const { body } = await rename('Maya');
    const { status, body: refusal } = await api.http
      .patch(`${other.path}/participants/${body.id}`)
      .set(headers)
      .send({ name: 'Tom' });
    expect([status, refusal.error.code]).toEqual([404, 'participant_not_found']);
    const stranger = await signIn();
    const asked = await api.http
      .patch(`${talk.path}/participants/${body.id}`)
      .set(stranger.headers)
      .send({ name: 'Tom' });
    expect([asked.status, asked.body.error.code]).toEqual([404, 'meeting_not_found']);
  });
});

describe('notes of one’s own', () => {
  async function openNotes() {
    const { headers, userId } = await signIn();
    const { meetingId } = await insertMeeting(api.db, { userId });
    const path = `/api/meetings/${meetingId}/notes`;
    return {
      read: () => api.http.get(path).set(headers),
      write: (text: string, version: number) =>
        api.http.put(path).set(headers).send({ text, version }),
    };
  }

  test('are empty before anything was written', async () => {
    const { read } = await openNotes();
    expect((await read()).body).toEqual({ text: '', version: 0, updatedAt: null });
  });

  test('are kept as they were written, version by version', async () => {
    const { read, write } = await openNotes();
    const text = '  - ask Tom\n\n\tabout the “budget” 👩‍💻\n';
    expect((await write(text, 0)).body).toMatchObject({ text, version: 1 });
    expect((await write('', 1)).body).toMatchObject({ text: '', version: 2 });
    expect((await read()).body).toMatchObject({ text: '', version: 2 });
  });

  test('are not overwritten by who had read an older version: the answer has the newer one', async () => {
    const { read, write } = await openNotes();
    await write('one', 0);
    for (const version of [0, 7]) {
      const { status, body } = await write('two', version);
      expect([status, body.error.code]).toEqual([409, 'notes_conflict']);
      expect(body.error.details).toMatchObject({ text: 'one', version: 1 });
    }
    expect((await read()).body.text).toBe('one');
  });

  test('that were never written are made from no version but 0', async () => {
    const { write } = await openNotes();
    expect((await write('one', 3)).status).toBe(409);
  });

  test('of two writers at the same moment take one', async () => {
    const { write } = await openNotes();
    const answers = await Promise.all([write('a', 0), write('b', 0), write('c', 0)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });
});

describe('POST /api/links/recognise', () => {
  test('tells the platform without the passcode', async () => {
    const { headers } = await signIn();
    const { body } = await api.http
      .post('/api/links/recognise')
      .set(headers)
      .send({ meetingUrl: 'https://acme.zoom.us/j/1234567890?pwd=s3cret' });
    expect(body).toEqual({
      link: {
        platform: 'zoom',
        meetingUrl: 'https://acme.zoom.us/j/1234567890',
        hasPasscode: true,
      },
      problem: null,
    });
  });

  test('says of anything else what a link would have to be', async () => {
    const { headers } = await signIn();
    const { status, body } = await api.http
      .post('/api/links/recognise')
      .set(headers)
      .send({ meetingUrl: 'https://example.com/hello' });
    expect([status, body.link]).toEqual([200, null]);
    expect(body.problem).toContain('meet.google.com');
  });
});

describe('GET /api/meetings by stage and time', () => {
  let person: Person;
  const ids: Record<string, number> = {};
  const list = async (query: string): Promise<(string | undefined)[]> => {
    const { body } = await api.http.get(`/api/meetings?${query}`).set(person.headers);
    return body.meetings.map(({ id }: { id: number }) =>
      Object.keys(ids).find((name) => ids[name] === id),
    );
  };

  beforeAll(async () => {
    person = await signIn();
    for (const status of ['live', 'processing', 'completed', 'failed'] as const) {
      const { meetingId } = await insertMeeting(api.db, { userId: person.userId, title: status });
      await projectMeeting(api.db, { meetingId, decidedAtMs: Date.now(), status });
      ids[status] = meetingId;
    }
    for (const [name, minutes] of [
      ['later', 120],
      ['soon', 60],
    ] as const) {
      const scheduledStart = new Date(Date.now() + minutes * 60_000).toISOString();
      const { body } = await api.http
        .post('/api/meetings')
        .set(person.headers)
        .send({ meetingUrl: `${PRACTICE_ROOM}/r/${name}`, scheduledStart });
      ids[name] = body.id;
    }
    const old = await insertMeeting(api.db, { userId: person.userId, title: 'old' });
    ids['old'] = old.meetingId;
    await api.db.query(
      `UPDATE meetings SET actual_start = $2, source = $3, platform = 'none', status = 'completed'
       WHERE id = $1`,
      [old.meetingId, new Date('2026-01-05T10:00:00Z'), 'upload'],
    );
    // a file that still comes, and a bot that nobody started
    for (const title of ['coming', 'unstarted']) {
      const { meetingId } = await insertMeeting(api.db, { userId: person.userId, title });
      ids[title] = meetingId;
    }
    await api.db.query("UPDATE meetings SET source = 'upload', platform = 'none' WHERE id = $1", [
      ids['coming'],
    ]);
  });

  test.each([
    ['when=live', ['coming', 'processing', 'live']],
    ['when=upcoming', ['soon', 'later']],
    ['when=past', ['unstarted', 'old', 'failed', 'completed']],
    ['when=past&status=failed', ['failed']],
    ['source=upload', ['coming', 'old']],
    ['from=2026-01-05&to=2026-01-06', ['old']],
    ['to=2026-01-05T10:00:00Z', []],
  ])('%s', async (query, expected) => {
    expect(await list(query)).toEqual(expected);
  });

  test('takes a planned meeting’s start for its time', async () => {
    const from = encodeURIComponent(new Date(Date.now() + 90 * 60_000).toISOString());
    expect(await list(`from=${from}`)).toEqual(['later']);
  });
});

describe('GET /api/me', () => {
  test('tells administrators that they are', async () => {
    const admin = await signIn({ metadata: { role: 'admin' } });
    const both = await Promise.all(
      [admin, await signIn()].map(({ headers }) => api.http.get('/api/me').set(headers)),
    );
    expect(both.map(({ body }) => body.isAdmin)).toEqual([true, false]);
  });
});
