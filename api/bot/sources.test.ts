import { makeBotToken, makeChunkHeaders, startTestApi, type TestApi } from '../../test/api-server';
import { insertAttempt, insertMeeting } from '../../test/records';
import { makeWav } from '../../test/wav-file';
import { recordReport, type Attempt } from '../../infra/database/attempts';
import { completeChunk, listPendingChunks } from '../../infra/database/chunks';
import { readEvents } from '../../infra/database/events';
import { markMeetingDeleted } from '../../infra/database/meetings';

let api: TestApi;
let attempt: Attempt;
let userId: number;
let auth: { authorization: string };

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  const made = await insertMeeting(api.db);
  userId = made.userId;
  attempt = await insertAttempt(api.db, made.meetingId);
  auth = { authorization: `Bearer ${await makeBotToken(attempt)}` };
});

const WAV = makeWav(1_000);
const SPANS = [{ source: 'csrc-7', startMs: 0, endMs: 1_000 }];

const put = (spans: string) => {
  const { 'x-chunk-participant': _participant, ...headers } = makeChunkHeaders(WAV);
  return api.http
    .put('/bot/v1/chunks/mix/1')
    .set({ ...headers, ...auth, 'x-chunk-spans': spans })
    .send(WAV);
};
const post = (path: string, body: object) => api.http.post(`/bot/v1/${path}`).set(auth).send(body);
const readAll = async () =>
  (await readEvents(api.db, [{ meetingId: attempt.meetingId, after: 0 }], 100)).map(
    (each) => each.event,
  );

describe('the spans of a chunk', () => {
  test('are kept for transcription', async () => {
    const spans = [...SPANS, { source: 'Zoë \u0000 ☕', startMs: 5, endMs: 9 }];
    expect((await put(encodeURIComponent(JSON.stringify(spans)))).status).toBe(201);
    const [chunk] = await listPendingChunks(api.db, [attempt.meetingId], 1);
    expect(chunk?.spans).toEqual([...SPANS, { source: 'Zoë \uFFFD ☕', startMs: 5, endMs: 9 }]);
  });

  test.each([
    ['no JSON', '[{'],
    ['badly encoded', '%E0%A4%A'],
    ['no list', '{}'],
    ['of another shape', encodeURIComponent('[{"source":"a","startMs":-1,"endMs":2}]')],
  ])('that are %s are refused as a wrong header', async (_what, spans) => {
    const { status, body } = await put(spans);
    expect([status, body.error.code]).toEqual([422, 'invalid_request']);
    expect(body.error.details[0]).toMatchObject({
      in: 'headers',
      field: expect.stringMatching(/^x-chunk-spans/) as string,
    });
    expect(await api.db.prisma.audioChunk.count({ where: { meetingId: attempt.meetingId } })).toBe(
      0,
    );
  });
});

describe('POST sources', () => {
  const bindings = [{ source: 'csrc-7', participantKey: 'maya' }];

  test('corrects what the source had said, and rings for its readers', async () => {
    const { body } = await put(encodeURIComponent(JSON.stringify(SPANS)));
    const segment = { startMs: 1_000, endMs: 2_000, text: 'Hello.', language: 'en' };
    const segments = [{ ...segment, confidence: null, words: [], source: 'csrc-7' }];
    await completeChunk(api.db, { chunkId: body.chunkId, version: 1, segments, dropped: {} });
    const rings: number[] = [];
    const stop = api.bell.listen('meeting', (meetingId) => rings.push(meetingId));
    expect((await post('sources', { bindings })).status).toBe(204);
    expect((await post('sources', { bindings })).status).toBe(204);
    stop();
    expect(await readAll()).toMatchObject([
      { type: 'segment.updated', segment: { seq: 2, text: 'Hello.', speaker: { name: null } } },
    ]);
    expect(rings).toEqual([attempt.meetingId, attempt.meetingId]);
  });

  test('refuses a body of another shape', async () => {
    expect((await post('sources', { bindings: [] })).status).toBe(422);
  });

  test('is refused from a superseded attempt and for a deleted meeting', async () => {
    const next = await insertAttempt(api.db, attempt.meetingId);
    const superseded = await post('sources', { bindings });
    expect([superseded.status, superseded.body.error.code]).toEqual([409, 'superseded']);
    auth = { authorization: `Bearer ${await makeBotToken(next)}` };
    await markMeetingDeleted(api.db, { meetingId: attempt.meetingId, userId });
    const deleted = await post('sources', { bindings });
    expect(deleted.body.error.code).toBe('meeting_deleted');
  });
});

describe('POST gaps', () => {
  const originMs = Date.now() - 60_000;
  const gap = {
    key: 'silent-1',
    startAtMs: originMs + 5_000,
    endAtMs: originMs + 25_000,
    reason: 'silent_capture',
  };
  const join = () =>
    recordReport(api.db, attempt, { reportSeq: 1, state: 'in_meeting', atMs: originMs });

  test('records a gap once', async () => {
    await join();
    expect((await post('gaps', gap)).status).toBe(204);
    expect((await post('gaps', gap)).status).toBe(204);
    expect((await readAll()).filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', startMs: 5_000, endMs: 25_000, attempt: 1, reason: 'silent_capture' },
    ]);
  });

  test('before the meeting’s clock has begun is nothing', async () => {
    expect((await post('gaps', gap)).status).toBe(204);
    expect(await readAll()).toEqual([]);
  });

  test('refuses a gap that ends before it starts', async () => {
    const { status, body } = await post('gaps', { ...gap, endAtMs: originMs });
    expect([status, body.error.code]).toEqual([422, 'invalid_request']);
  });
});
