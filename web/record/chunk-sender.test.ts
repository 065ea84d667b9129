import type { Session } from '@/api/session';
import { ChunkSender, type Refusal } from './chunk-sender';
import type { WaitingChunk } from './chunk-store';

const session: Session = {
  getToken: async () => 'token',
  forgetToken: () => undefined,
  signOut: async () => undefined,
};

function makeChunk(seq: number): WaitingChunk {
  const rest = { startMs: 0, endMs: 1_000, capturedAtMs: 0, sha256: '', wav: new ArrayBuffer(0) };
  return { meetingId: 7, seq, track: 'microphone', ...rest };
}

/** A sender of three chunks, and what it does with these answers; at last all is taken. */
function makeStage(answers: (Response | Error)[]) {
  const waiting = [makeChunk(1), makeChunk(2), makeChunk(3)];
  const sent: number[] = [];
  const refusals: Refusal[] = [];
  const offline: boolean[] = [];
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    sent.push(Number(String(url).split('/').pop()));
    const answer = answers.shift() ?? new Response(null, { status: 201 });
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const store = {
    firstChunk: async () => waiting[0],
    countChunks: async () => waiting.length,
    dropChunk: async (chunk: WaitingChunk) => void waiting.splice(waiting.indexOf(chunk), 1),
  };
  const api = { url: (path: string) => `http://api.test${path}` };
  const sender = new ChunkSender(
    7,
    { api, session, store },
    {
      onWaiting: () => undefined,
      onOffline: (isOffline) => offline.push(isOffline),
      onRefused: (refusal) => refusals.push(refusal),
    },
  );
  return { sender, sent, refusals, offline, waiting };
}

const refuse = (status: number, code: string): Response =>
  Response.json({ error: { code, message: code } }, { status });

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('sends one chunk after another, and drops each once it is acknowledged', async () => {
  const { sender, sent, waiting } = makeStage([]);
  await sender.send();
  expect(sent).toEqual([1, 2, 3]);
  expect(waiting).toEqual([]);
});

test.each([
  [refuse(409, 'intake_closed'), 'over'],
  [refuse(409, 'recorder_over'), 'over'],
  [refuse(410, 'meeting_deleted'), 'over'],
  [refuse(404, 'meeting_not_found'), 'refused'],
  [refuse(409, 'chunk_conflict'), 'refused'],
  [refuse(422, 'invalid_audio'), 'refused'],
])('keeps what was refused, and all behind it: %#', async (answer, refusal) => {
  const taken = new Response(null, { status: 201 });
  const { sender, sent, refusals, waiting } = makeStage([taken, answer]);
  await sender.send();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(refusals).toEqual([refusal]);
  expect(sent).toEqual([1, 2]);
  expect(waiting.map(({ seq }) => seq)).toEqual([2, 3]);
});

test('sends again what was refused when it is asked to', async () => {
  const { sender, waiting } = makeStage([refuse(404, 'meeting_not_found')]);
  await sender.send();
  await sender.send();
  expect(waiting).toEqual([]);
});

test.each([
  ['the API is down', refuse(503, 'unavailable')],
  ['there were too many requests', refuse(429, 'rate_limited')],
  ['the token has ended', refuse(401, 'unauthenticated')],
  ['a proxy has lost the API', new Response('<h1>404</h1>', { status: 404 })],
  ['there is no network', new TypeError('Failed to fetch')],
])('tries again by itself when %s', async (_case, answer) => {
  const { sender, sent, refusals, offline, waiting } = makeStage([answer]);
  const sending = sender.send();
  await jest.advanceTimersByTimeAsync(2_000);
  await sending;
  expect(sent).toEqual([1, 1, 2, 3]);
  expect(offline).toEqual([true, false, false, false]);
  expect([refusals, waiting]).toEqual([[], []]);
});

test('stops in the middle of a pause', async () => {
  const { sender, sent } = makeStage([refuse(503, 'unavailable')]);
  const sending = sender.send();
  await jest.advanceTimersByTimeAsync(0);
  sender.stop();
  await sending;
  expect(sent).toEqual([1]);
});
