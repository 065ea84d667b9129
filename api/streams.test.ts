import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';
import { insertAttempt, insertMeeting, makeChunk } from '../test/records';
import { completeChunk, insertChunk } from '../infra/database/chunks';
import { appendEvent } from '../infra/database/events';
import { markMeetingDeleted } from '../infra/database/meetings';
import { findOrMakeUser } from '../infra/database/users';

let api: TestApi;
let headers: { authorization: string };
let userId: number;
let meetingId: number;

beforeAll(async () => {
  api = await startTestApi();
  headers = { authorization: `Bearer ${await makeSessionToken({ sub: 'user_streams' })}` };
  userId = await findOrMakeUser(api.db, 'user_streams');
});
afterAll(() => api.close());
beforeEach(async () => {
  meetingId = (await insertMeeting(api.db, { userId })).meetingId;
});

const read = (name: string, query: object = {}) =>
  api.http.get(`/api/meetings/${meetingId}/${name}`).query(query).set(headers);

/** Says that a text was heard; `null` is an event that is no segment. */
async function say(...texts: (string | null)[]): Promise<void> {
  const attempt = await insertAttempt(api.db, meetingId);
  for (const [index, text] of texts.entries()) {
    if (text === null) {
      await appendEvent(api.db, meetingId, {
        body: { type: 'chat.message', from: null, text: 'hi' },
      });
      continue;
    }
    const chunk = await insertChunk(api.db, makeChunk(attempt, { seq: index + 1 }));
    if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
    const segment = { startMs: 0, endMs: 10, text, language: 'en', confidence: 0.9, words: [] };
    await completeChunk(api.db, {
      chunkId: chunk.chunkId,
      version: 1,
      segments: [segment],
      dropped: {},
    });
  }
}

/** Resolves once somebody follows a meeting, as the server's own metric tells. */
async function waitForFollower(): Promise<void> {
  for (;;) {
    const { values } = await api.server.metrics.followers.get();
    if ((values[0]?.value ?? 0) > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const texts = (body: { segments: { text: string }[] }) => body.segments.map((each) => each.text);

describe('GET transcription', () => {
  test('pages through segments by seq, leaving out other events', async () => {
    await say('one', null, 'two', 'three');
    const first = await read('transcription', { limit: 2 });
    expect(texts(first.body)).toEqual(['one', 'two']);
    expect(first.body.hasMore).toBe(true);
    const second = await read('transcription', { after: first.body.nextAfter, limit: 2 });
    expect(texts(second.body)).toEqual(['three']);
    expect(second.body).toMatchObject({ hasMore: false, nextAfter: 4 });
  });

  test('an empty page keeps the reader’s place', async () => {
    const { body } = await read('transcription', { after: 7 });
    expect(body).toEqual({ segments: [], nextAfter: 7, hasMore: false });
  });

  test('waits for the next segment and passes over other events', async () => {
    const waiting = read('transcription', { wait: 25 }).then((answer) => answer.body);
    await waitForFollower();
    await say(null, 'at last');
    api.bell.ring('meeting', meetingId);
    expect(texts(await waiting)).toEqual(['at last']);
  });

  test('answers with an empty page when the wait is over', async () => {
    const { body } = await read('transcription', { wait: 1 });
    expect(body).toEqual({ segments: [], nextAfter: 0, hasMore: false });
  });

  test('lists every wrong parameter', async () => {
    const { status, body } = await read('transcription', {
      after: -1,
      wait: 26,
      limit: 'all',
      x: 1,
    });
    expect(status).toBe(422);
    expect(body.error.details).toHaveLength(4);
  });
});

describe('GET events', () => {
  test('waits for any event, also when its ring is lost', async () => {
    const waiting = read('events', { wait: 25 }).then((answer) => answer.body);
    await waitForFollower();
    await say(null);
    expect((await waiting).events).toMatchObject([{ seq: 1, event: { type: 'chat.message' } }]);
  });

  test('ends the wait with 404 when the meeting is deleted meanwhile', async () => {
    const waiting = read('events', { wait: 25 }).then((answer) => answer.status);
    await waitForFollower();
    await markMeetingDeleted(api.db, { meetingId, userId });
    expect(await waiting).toBe(404);
  });

  test('many readers waiting for one meeting all get the same', async () => {
    const waiting = Array.from({ length: 20 }, () =>
      read('events', { wait: 25 }).then((answer) => answer.body.events),
    );
    await waitForFollower();
    await say(null, 'hello');
    const all = await Promise.all(waiting);
    for (const events of all) expect(events[0].seq).toBe(1);
  });

  test('answers waiting readers when the server drains', async () => {
    const other = await startTestApi();
    const token = await makeSessionToken({ sub: 'user_drain' });
    const owner = await findOrMakeUser(other.db, 'user_drain');
    const { meetingId: id } = await insertMeeting(other.db, { userId: owner });
    const waiting = fetch(`${other.url}/api/meetings/${id}/events?wait=25`, {
      headers: { authorization: `Bearer ${token}` },
    });
    for (;;) {
      const { values } = await other.server.metrics.followers.get();
      if ((values[0]?.value ?? 0) > 0) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await other.close();
    expect((await waiting).status).toBe(200);
  });
});
