import { encodeWav } from '../domain/wav';
import { beginAttempt, findAttempt, type Attempt } from '../infra/database/attempts';
import { projectMeeting } from '../infra/database/meetings';
import { SpeechFailedError, type SpeechSynthesiser } from '../infra/tts';
import { makeBotToken, makeSessionToken, PRACTICE_ROOM, startTestApi } from '../test/api-server';
import type { TestApi } from '../test/api-server';
import { randomUUID } from 'node:crypto';

const TONE = Buffer.from(encodeWav(new Int16Array(16_000).fill(1_000)));
const speech: SpeechSynthesiser & { texts: string[]; isBroken: boolean } = {
  takesVoice: true,
  texts: [],
  isBroken: false,
  async synthesise(text) {
    await Promise.resolve();
    if (speech.isBroken) throw new SpeechFailedError('broken');
    speech.texts.push(text);
    return TONE;
  },
};

let api: TestApi;
let headers: { authorization: string };
let stranger: { authorization: string };
beforeAll(async () => {
  api = await startTestApi({ speech });
  headers = { authorization: `Bearer ${await makeSessionToken()}` };
  stranger = { authorization: `Bearer ${await makeSessionToken()}` };
});
afterAll(() => api.close());
beforeEach(() => {
  api.audio.objects.clear();
  api.audio.isDown = false;
  speech.texts = [];
  speech.isBroken = false;
});

async function createMeeting(): Promise<number> {
  const meetingUrl = `${PRACTICE_ROOM}/r/standup`;
  const { body } = await api.http.post('/api/meetings').set(headers).send({ meetingUrl });
  return body.id;
}

async function startMeeting(): Promise<{ id: number; attempt: Attempt }> {
  const id = await createMeeting();
  await api.http.post(`/api/meetings/${id}/start-bot`).set(headers);
  return { id, attempt: await findAttemptOf(id, 1) };
}

async function findAttemptOf(meetingId: number, number: number): Promise<Attempt> {
  const attempt = await findAttempt(api.db, meetingId, number);
  if (!attempt) throw new Error('Expected an attempt');
  return attempt;
}

const postAs =
  (more: object) =>
  (id: number, what: string, body: object = {}) =>
    api.http
      .post(`/api/meetings/${id}/${what}`)
      .set({ ...headers, ...more })
      .send(body);
const post = (id: number, what: string, body?: object) => postAs({})(id, what, body);
const say = (id: number, text: string, more: object = {}) => postAs(more)(id, 'chat', { text });
const list = (id: number, query: object = {}) =>
  api.http.get(`/api/meetings/${id}/commands`).set(headers).query(query);
const asBot = async (attempt: Attempt) => ({
  authorization: `Bearer ${await makeBotToken(attempt)}`,
});
const poll = async (attempt: Attempt) =>
  (await api.http.get('/bot/v1/commands').set(await asBot(attempt))).body.commands;
const acknowledge = async (attempt: Attempt, seq: number, body?: object) =>
  api.http
    .post(`/bot/v1/commands/${seq}/ack`)
    .set(await asBot(attempt))
    .send(body);
const begin = async (attempt: Attempt, seq: number) =>
  api.http.post(`/bot/v1/commands/${seq}/begin`).set(await asBot(attempt));
const end = (meetingId: number) =>
  projectMeeting(api.db, { meetingId, decidedAtMs: Date.now() + 1_000, status: 'processing' });

async function readOutcomes(id: number) {
  const { body } = await api.http.get(`/api/meetings/${id}/events`).set(headers);
  return body.events
    .map((each: { event: { type: string } }) => each.event)
    .filter((event: { type: string }) => event.type === 'command.status');
}

describe('POST chat', () => {
  test('leaves the text for the bot, whose acknowledgement becomes an event once', async () => {
    const { id, attempt } = await startMeeting();
    const { status, body } = await say(id, 'Hello\nall');
    expect([status, body]).toEqual([
      202,
      expect.objectContaining({ kind: 'send_chat', status: 'pending', attempt: 1 }),
    ]);
    const commands = await poll(attempt);
    expect(commands).toEqual([{ seq: 1, command: { kind: 'send_chat', text: 'Hello\nall' } }]);
    for (let times = 0; times < 2; times += 1) {
      expect((await acknowledge(attempt, 1)).status).toBe(204);
    }
    expect(await readOutcomes(id)).toEqual([
      {
        type: 'command.status',
        commandId: body.id,
        kind: 'send_chat',
        status: 'done',
        detail: null,
      },
    ]);
    expect((await list(id)).body.commands).toMatchObject([{ id: body.id, status: 'done' }]);
  });

  test('keeps why the bot could not write it', async () => {
    const { id, attempt } = await startMeeting();
    await say(id, 'Hello');
    await acknowledge(attempt, 1, { status: 'failed', detail: 'The chat is switched off' });
    await acknowledge(attempt, 1, { status: 'done' });
    const expected = { status: 'failed', detail: 'The chat is switched off' };
    expect(await readOutcomes(id)).toMatchObject([expected]);
    expect((await list(id)).body.commands).toMatchObject([expected]);
  });

  test('is one command for simultaneous requests with one Idempotency-Key', async () => {
    const { id, attempt } = await startMeeting();
    const key = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => say(id, 'Once', key)));
    expect(new Set(answers.map((each) => JSON.stringify([each.status, each.body]))).size).toBe(1);
    expect(await poll(attempt)).toHaveLength(1);
    expect((await say(id, 'Twice', key)).body.error.code).toBe('idempotency_key_reused');
  });

  test('is refused while no bot was started, and again under the same key', async () => {
    const id = await createMeeting();
    const key = { 'idempotency-key': randomUUID() };
    const first = await say(id, 'Hello', key);
    expect([first.status, first.body.error.code]).toEqual([409, 'no_running_bot']);
    await post(id, 'start-bot');
    const again = await say(id, 'Hello', key);
    expect([again.status, again.body]).toEqual([409, first.body]);
  });

  test('does not exist in somebody else’s meeting', async () => {
    const { id } = await startMeeting();
    for (const what of ['chat', 'speak', 'stop-speaking']) {
      const answer = await api.http
        .post(`/api/meetings/${id}/${what}`)
        .set(stranger)
        .send(what === 'stop-speaking' ? {} : { text: 'Hello' });
      expect([what, answer.status]).toEqual([what, 404]);
    }
    const commands = await api.http.get(`/api/meetings/${id}/commands`).set(stranger);
    expect(commands.status).toBe(404);
  });

  test.each([
    ['empty', ''],
    ['longer than a platform takes', 'x'.repeat(501)],
    ['with control characters', 'a\u0007b'],
  ])('refuses text that is %s', async (_what, text) => {
    const { id } = await startMeeting();
    expect((await say(id, text)).status).toBe(422);
  });
});

describe('once the meeting is over', () => {
  test.each([
    ['chat', { text: 'Hello' }],
    ['speak', { text: 'Hello' }],
    ['stop-speaking', {}],
  ])('%s is refused, which says so, and leaves no command', async (what, request) => {
    const { id } = await startMeeting();
    await end(id);
    const { status, body } = await post(id, what, request);
    expect([status, body.error.code]).toEqual([409, 'meeting_over']);
    expect(body.error.message).toContain('is over');
    expect((await list(id)).body.commands).toEqual([]);
  });
});

describe('commands that nobody acknowledged', () => {
  test('go to the next attempt in the order they were asked for', async () => {
    const { id, attempt } = await startMeeting();
    for (const text of ['one', 'two', 'three']) await say(id, text);
    await acknowledge(attempt, 1);
    await beginAttempt(api.db, id, randomUUID());
    const next = await findAttemptOf(id, 2);
    await post(id, 'stop-speaking');
    expect(await poll(next)).toEqual([
      { seq: 1, command: { kind: 'send_chat', text: 'two' } },
      { seq: 2, command: { kind: 'send_chat', text: 'three' } },
      { seq: 3, command: { kind: 'stop_speaking' } },
    ]);
    expect((await acknowledge(attempt, 2)).status).toBe(409);
    await acknowledge(next, 1);
    expect((await list(id)).body.commands.map((each: { status: string }) => each.status)).toEqual([
      'pending',
      'pending',
      'done',
      'done',
    ]);
  });

  test('fail, and say so, where the lost bot had begun: the next attempt does not do them again', async () => {
    const { id, attempt } = await startMeeting();
    for (const text of ['one', 'two']) await say(id, text);
    for (let times = 0; times < 2; times += 1) {
      expect((await begin(attempt, 1)).status).toBe(204);
    }
    await beginAttempt(api.db, id, randomUUID());
    const next = await findAttemptOf(id, 2);
    expect(await poll(next)).toEqual([{ seq: 1, command: { kind: 'send_chat', text: 'two' } }]);
    expect(await readOutcomes(id)).toMatchObject([
      { status: 'failed', detail: expect.stringContaining('The bot was lost') as unknown },
    ]);
    expect((await begin(attempt, 1)).body.error.code).toBe('superseded');
    await begin(next, 1);
    await acknowledge(next, 1);
    const { body } = await list(id);
    expect(body.commands).toMatchObject([
      { text: 'two', status: 'done', attempt: 2 },
      { text: 'one', status: 'failed', attempt: 1 },
    ]);
  });

  test('fail with the meeting’s end, and say so', async () => {
    const { id, attempt } = await startMeeting();
    await say(id, 'done');
    await acknowledge(attempt, 1);
    await say(id, 'too late');
    await end(id);
    expect(await readOutcomes(id)).toMatchObject([
      { status: 'done' },
      { status: 'failed', detail: 'The meeting was over before a bot could do it.' },
    ]);
    expect((await list(id)).body.commands[0]).toMatchObject({ status: 'failed' });
  });

  test('are either left and failed, or refused, when the meeting ends at that moment', async () => {
    const { id } = await startMeeting();
    const [ended, ...answers] = await Promise.all([
      end(id),
      ...Array.from({ length: 8 }, (_, index) => say(id, `text ${index}`)),
    ]);
    expect(ended).toBeUndefined();
    const taken = answers.filter((each) => each.status === 202);
    expect(answers.filter((each) => each.status === 409)).toHaveLength(8 - taken.length);
    const { body } = await list(id);
    expect(body.commands).toHaveLength(taken.length);
    expect(body.commands.every((each: { status: string }) => each.status === 'failed')).toBe(true);
  });
});

test('the list of commands comes in pages, newest first', async () => {
  const { id } = await startMeeting();
  for (const text of ['one', 'two', 'three']) await say(id, text);
  const texts = (body: { commands: { text: string }[] }) => body.commands.map((each) => each.text);
  const first = (await list(id, { limit: 2 })).body;
  expect(texts(first)).toEqual(['three', 'two']);
  const second = (await list(id, { limit: 2, cursor: first.nextCursor })).body;
  expect([texts(second), second.nextCursor]).toEqual([['one'], null]);
});

describe('POST speak', () => {
  const sendWav = (id: number, wav: Buffer, more: object = {}) =>
    api.http
      .post(`/api/meetings/${id}/speak`)
      .set({ ...headers, 'content-type': 'audio/wav', ...more })
      .send(wav);
  const fetchSpeech = async (attempt: Attempt, speechId: string) =>
    api.http
      .get(`/bot/v1/speech/${speechId}`)
      .set(await asBot(attempt))
      .buffer(true)
      .parse((response, done) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => done(null, Buffer.concat(parts)));
      });

  test('hands the bot text as sound', async () => {
    const { id, attempt } = await startMeeting();
    const { status, body } = await post(id, 'speak', { text: 'Good morning', voice: 'en-gb' });
    expect([status, body.kind, body.text]).toEqual([202, 'speak', null]);
    expect(speech.texts).toEqual(['Good morning']);
    const [{ command }] = await poll(attempt);
    const sound = await fetchSpeech(attempt, command.speechId);
    expect([sound.status, sound.headers['content-type']]).toEqual([200, 'audio/wav']);
    expect(Buffer.compare(sound.body, TONE)).toBe(0);
  });

  test('hands the bot a WAV file as it came', async () => {
    const { id, attempt } = await startMeeting();
    expect((await sendWav(id, TONE)).status).toBe(202);
    const [{ command }] = await poll(attempt);
    expect(Buffer.compare((await fetchSpeech(attempt, command.speechId)).body, TONE)).toBe(0);
  });

  test('gives its sound to no other meeting’s bot', async () => {
    const { id, attempt } = await startMeeting();
    const other = await startMeeting();
    await sendWav(id, TONE);
    const [{ command }] = await poll(attempt);
    const answer = await fetchSpeech(other.attempt, command.speechId);
    expect(answer.status).toBe(404);
  });

  test('is one speech for simultaneous requests with one Idempotency-Key', async () => {
    const { id, attempt } = await startMeeting();
    const key = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 4 }, () => sendWav(id, TONE, key)));
    expect(new Set(answers.map((each) => each.body.id)).size).toBe(1);
    expect(await poll(attempt)).toHaveLength(1);
    expect(api.audio.objects.size).toBe(1);
    const other = Buffer.from(encodeWav(new Int16Array(8_000).fill(5)));
    expect((await sendWav(id, other, key)).body.error.code).toBe('idempotency_key_reused');
  });

  test('refuses what is no sound, and more than it takes', async () => {
    const { id } = await startMeeting();
    const wrong = await sendWav(id, Buffer.from('hello'));
    expect([wrong.status, wrong.body.error.code]).toEqual([422, 'invalid_audio']);
    const long = await sendWav(id, Buffer.alloc(5 * 1024 * 1024 + 1));
    expect([long.status, long.body.error.code]).toEqual([413, 'payload_too_large']);
    const other = await sendWav(id, TONE, { 'content-type': 'audio/mpeg' });
    expect(other.status).toBe(415);
  });

  test('synthesises nothing for a meeting that is over', async () => {
    const { id } = await startMeeting();
    await end(id);
    const { body } = await post(id, 'speak', { text: 'Good morning' });
    expect([body.error.code, speech.texts]).toEqual(['meeting_over', []]);
    expect(api.audio.objects.size).toBe(0);
  });

  test('leaves no command when the sound cannot be made or kept', async () => {
    const { id, attempt } = await startMeeting();
    speech.isBroken = true;
    const failed = await post(id, 'speak', { text: 'Good morning' });
    expect([failed.status, failed.body.error.code]).toEqual([502, 'tts_failed']);
    api.audio.isDown = true;
    expect((await sendWav(id, TONE)).status).toBe(503);
    expect(await poll(attempt)).toEqual([]);
  });
});

test('text is not spoken by an installation without speech synthesis, which says what is missing', async () => {
  const silent = await startTestApi();
  try {
    const { body } = await silent.http
      .post('/api/meetings')
      .set(headers)
      .send({ meetingUrl: `${PRACTICE_ROOM}/r/standup` });
    await silent.http.post(`/api/meetings/${body.id}/start-bot`).set(headers);
    const answer = await silent.http
      .post(`/api/meetings/${body.id}/speak`)
      .set(headers)
      .send({ text: 'Good morning' });
    expect([answer.status, answer.body.error.code]).toEqual([409, 'tts_not_configured']);
    expect(answer.body.error.message).toContain('TTS_COMMAND');
  } finally {
    await silent.close();
  }
});
