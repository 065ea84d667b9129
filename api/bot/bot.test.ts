import http from 'node:http';
import { makeBotToken, makeChunkHeaders, startTestApi, type TestApi } from '../../test/api-server';
import { insertAttempt, insertMeeting } from '../../test/records';
import { makeWav } from '../../test/wav-file';
import type { Attempt } from '../../infra/database/attempts';
import { closeIntake } from '../../infra/database/intakes';
import { leaveCommand } from '../../infra/database/commands';
import { readEvents } from '../../infra/database/events';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { createEncryption } from '../../infra/encryption';

let api: TestApi;
let attempt: Attempt;
let userId: number;
let auth: { authorization: string };

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  api.audio.objects.clear();
  api.audio.isDown = false;
  api.temporal.mood = 'answers';
  const made = await insertMeeting(api.db);
  userId = made.userId;
  attempt = await insertAttempt(api.db, made.meetingId);
  auth = { authorization: `Bearer ${await makeBotToken(attempt)}` };
});

const WAV = makeWav(1_000);
const countChunks = () =>
  api.db.prisma.audioChunk.count({ where: { meetingId: attempt.meetingId } });

const put = (
  seq: number,
  { body = WAV, headers = {} }: { body?: Buffer; headers?: Record<string, string> } = {},
) =>
  api.http
    .put(`/bot/v1/chunks/audio-1/${seq}`)
    .set({ ...makeChunkHeaders(body), ...auth, ...headers })
    .send(body);

const supersede = () => insertAttempt(api.db, attempt.meetingId);
const readAll = async () =>
  (await readEvents(api.db, [{ meetingId: attempt.meetingId, after: 0 }], 100)).map(
    (each) => each.event,
  );

describe('PUT chunks', () => {
  test('acknowledges a chunk once it is stored and in the inbox, and rings for it', async () => {
    const rings: number[] = [];
    const stop = api.bell.listen('chunks', (meetingId) => rings.push(meetingId));
    const { status, body } = await put(1);
    stop();
    expect([status, body.status]).toEqual([201, 'accepted']);
    const row = await api.db.prisma.audioChunk.findUniqueOrThrow({ where: { id: body.chunkId } });
    expect(row).toMatchObject({ status: 'pending', startMs: 1000, endMs: 2000 });
    expect(Buffer.from(await api.audio.get(row.objectKey))).toEqual(WAV);
    expect(rings).toEqual([attempt.meetingId]);
  });

  test('takes audio that claims to be JSON for the audio it is', async () => {
    const headers = { ...makeChunkHeaders(WAV), ...auth, 'content-type': 'application/json' };
    const url = `${api.url}/bot/v1/chunks/audio-1/1`;
    const { status } = await fetch(url, { method: 'PUT', headers, body: WAV });
    expect(status).toBe(201);
  });

  test('takes the same chunk twice as one and keeps one object', async () => {
    const first = await put(1);
    const second = await put(1);
    expect([second.status, second.body]).toEqual([
      200,
      { chunkId: first.body.chunkId, status: 'already_accepted' },
    ]);
    expect(api.audio.objects.size).toBe(1);
  });

  test('keeps exactly the acknowledged object of simultaneous repeats', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(1)));
    expect(answers.filter((each) => each.status === 201)).toHaveLength(1);
    expect(answers.filter((each) => each.status === 200)).toHaveLength(7);
    const rows = await api.db.prisma.audioChunk.findMany({
      where: { meetingId: attempt.meetingId },
    });
    expect([...api.audio.objects.keys()]).toEqual(rows.map((row) => row.objectKey));
  });

  test('takes chunks out of order', async () => {
    for (const seq of [3, 1, 2]) expect((await put(seq)).status).toBe(201);
    expect(await countChunks()).toBe(3);
  });

  test('refuses other bytes under the same seq and keeps the first', async () => {
    await put(1);
    const [kept] = [...api.audio.objects.keys()];
    const { status, body } = await put(1, { body: makeWav(1_100) });
    expect([status, body.error.code]).toEqual([409, 'chunk_conflict']);
    expect([...api.audio.objects.keys()]).toEqual([kept]);
  });

  test('refuses a body whose hash is another', async () => {
    const { status, body } = await put(1, { headers: { 'x-chunk-sha256': 'a'.repeat(64) } });
    expect([status, body.error.code]).toEqual([422, 'hash_mismatch']);
    expect(api.audio.objects.size).toBe(0);
  });

  test.each([
    ['text', Buffer.from('this is not audio, whatever its name says')],
    ['nothing', Buffer.alloc(0)],
    ['another sample rate', makeWav(1_000, { sampleRateHz: 48_000 })],
    ['a file cut off', WAV.subarray(0, 20_000)],
    ['three seconds in a span of one', makeWav(3_000)],
    ['a file without a sample', makeWav(0)],
  ])('refuses %s as audio', async (_what, body) => {
    const answer = await put(1, { body });
    expect([answer.status, answer.body.error.code]).toEqual([422, 'invalid_audio']);
    expect(await countChunks()).toBe(0);
  });

  test('takes audio that began before the clock’s origin and is placed at 0', async () => {
    const headers = { 'x-chunk-start-ms': '0', 'x-chunk-end-ms': '300' };
    expect((await put(1, { headers })).status).toBe(201);
  });

  test('lists every wrong header at once', async () => {
    const { status, body } = await put(1, {
      headers: { 'x-chunk-start-ms': '-1', 'x-chunk-end-ms': 'soon', 'x-chunk-sha256': 'zz' },
    });
    expect(status).toBe(422);
    expect(body.error.details).toHaveLength(3);
  });

  test('refuses 30 MB by its length before any of it is read', async () => {
    const { status, code, sent } = await announce(30 * 1024 * 1024, { sendBody: false });
    expect([status, code, sent]).toEqual([413, 'payload_too_large', 0]);
  });

  test('refuses 30 MB also when the length is not announced', async () => {
    const { status, code } = await announce(30 * 1024 * 1024, { sendBody: true });
    expect([status, code]).toEqual([413, 'payload_too_large']);
    expect(api.audio.objects.size).toBe(0);
  });

  test('from a superseded attempt is refused when captured later, and leaves no object', async () => {
    await supersede();
    const { status, body } = await put(1, {
      headers: { 'x-chunk-captured-at': String(Date.now() + 1_000) },
    });
    expect([status, body.error.code]).toEqual([409, 'superseded']);
    expect(api.audio.objects.size).toBe(0);
  });

  test('from a superseded attempt is taken when captured before', async () => {
    const capturedAt = String(Date.now() - 5_000);
    await supersede();
    expect((await put(1, { headers: { 'x-chunk-captured-at': capturedAt } })).status).toBe(201);
  });

  test('is refused after the intake closed, and leaves no object', async () => {
    await closeIntake(api.db, attempt.meetingId);
    const { status, body } = await put(1);
    expect([status, body.error.code]).toEqual([409, 'intake_closed']);
    expect(api.audio.objects.size).toBe(0);
  });

  test('is refused after the meeting was deleted', async () => {
    await markMeetingDeleted(api.db, { meetingId: attempt.meetingId, userId });
    const { status, body } = await put(1);
    expect([status, body.error.code]).toEqual([410, 'meeting_deleted']);
  });

  test('is not acknowledged while the audio store is down', async () => {
    api.audio.isDown = true;
    const { status, body, headers } = await put(1);
    expect([status, body.error.code, headers['retry-after']]).toEqual([503, 'unavailable', '1']);
    expect(await countChunks()).toBe(0);
  });

  function announce(
    size: number,
    { sendBody }: { sendBody: boolean },
  ): Promise<{ status: number; code: string; sent: number }> {
    return new Promise((resolve, reject) => {
      let sent = 0;
      const request = http.request(`${api.url}/bot/v1/chunks/audio-1/1`, {
        method: 'PUT',
        headers: {
          ...makeChunkHeaders(WAV),
          ...auth,
          ...(sendBody ? {} : { 'content-length': String(size) }),
        },
      });
      request.on('response', (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          resolve({ status, code: JSON.parse(text).error.code, sent });
          request.destroy();
        });
      });
      request.on('error', reject);
      if (!sendBody) {
        request.flushHeaders();
        return;
      }
      const part = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (sent < size && !request.destroyed) {
          sent += part.length;
          if (!request.write(part)) {
            request.once('drain', write);
            return;
          }
        }
        request.end();
      };
      write();
    });
  }
});

describe('the bot’s token', () => {
  test.each([
    ['none', () => Promise.resolve('')],
    ['an expired one', () => makeBotToken(attempt, -60_000)],
    ['one of another kind', () => Promise.resolve('abc.def.ghi')],
  ])('%s is answered with 401', async (_what, makeToken) => {
    const { status } = await api.http
      .get('/bot/v1/time')
      .set({ authorization: `Bearer ${await makeToken()}` });
    expect(status).toBe(401);
  });

  test('of a launch that is not this attempt’s counts as superseded', async () => {
    const other = await makeBotToken({
      ...attempt,
      launchId: '00000000-0000-4000-8000-000000000000',
    });
    const { status, body } = await api.http
      .get('/bot/v1/assignment')
      .set({ authorization: `Bearer ${other}` });
    expect([status, body.error.code]).toEqual([409, 'superseded']);
  });
});

describe('GET assignment', () => {
  test('tells the bot all it needs, the passcode in clear', async () => {
    const encryption = createEncryption([Buffer.alloc(32, 7).toString('base64')]);
    await api.db.prisma.meeting.update({
      where: { id: attempt.meetingId },
      data: { passcodeEncrypted: encryption.encrypt('s3cret') },
    });
    const { body } = await api.http.get('/bot/v1/assignment').set(auth);
    expect(body).toMatchObject({
      meetingId: attempt.meetingId,
      attempt: 1,
      platform: 'custom',
      passcode: 's3cret',
      clockOriginMs: null,
      leavePolicy: { aloneSeconds: 60 },
    });
  });

  test('is refused to a superseded attempt', async () => {
    await supersede();
    const { body } = await api.http.get('/bot/v1/assignment').set(auth);
    expect(body.error.code).toBe('superseded');
  });
});

describe('POST reports', () => {
  const report = (body: object) => api.http.post('/bot/v1/reports').set(auth).send(body);
  const inMeeting = { reportSeq: 1, state: 'in_meeting', atMs: 1_700_000_000_000 };

  test('sets the clock’s origin and tells the workflow', async () => {
    const { status, body } = await report(inMeeting);
    expect([status, body]).toEqual([200, { clockOriginMs: inMeeting.atMs }]);
    expect(api.temporal.reports).toContainEqual({ meetingId: attempt.meetingId, attempt: 1 });
  });

  test('twice is one event', async () => {
    await report(inMeeting);
    expect((await report(inMeeting)).status).toBe(200);
    expect(await readAll()).toHaveLength(1);
  });

  test('is acknowledged also while Temporal is down', async () => {
    api.temporal.mood = 'down';
    expect((await report(inMeeting)).status).toBe(200);
  });

  test('is refused from a superseded attempt', async () => {
    await supersede();
    const { status, body } = await report(inMeeting);
    expect([status, body.error.code]).toEqual([409, 'superseded']);
  });
});

describe('POST heartbeat', () => {
  const heartbeat = { atMs: Date.now(), spooledChunks: 0, acknowledgedChunks: 0 };

  test('notes that the bot is alive', async () => {
    const { status } = await api.http.post('/bot/v1/heartbeat').set(auth).send(heartbeat);
    expect(status).toBe(204);
    const row = await api.db.prisma.botAttempt.findUniqueOrThrow({ where: { id: attempt.id } });
    expect(row.lastHeartbeatAt).not.toBeNull();
  });

  test('tells a superseded bot that it is', async () => {
    await supersede();
    const { status } = await api.http.post('/bot/v1/heartbeat').set(auth).send(heartbeat);
    expect(status).toBe(409);
  });
});

describe('POST participants and chat', () => {
  const joined = { key: 'p1', name: 'Maya 👩‍🔬', change: 'joined', atMs: 1_700_000_000_000 };
  const left = { ...joined, change: 'left', atMs: 1_700_000_060_000 };
  const send = (changes: object[]) =>
    api.http.post('/bot/v1/participants').set(auth).send({ changes });

  test('records who came and left, and a repeat changes nothing', async () => {
    await send([joined, left]);
    await send([joined]);
    await Promise.all([send([joined, left]), send([joined, left])]);
    expect((await readAll()).map((each) => each.type)).toEqual([
      'participant.joined',
      'participant.left',
    ]);
    const row = await api.db.prisma.participant.findFirstOrThrow({
      where: { meetingId: attempt.meetingId },
    });
    expect(row).toMatchObject({ name: joined.name, role: 'guest' });
    expect(row.leaveTime?.getTime()).toBe(left.atMs);
  });

  test('keeps names that the database cannot store as well as can be', async () => {
    await send([{ ...joined, name: 'a\u0000b\ud800' }]);
    expect(await readAll()).toMatchObject([{ participant: { name: 'a\uFFFDb\uFFFD' } }]);
  });

  test('records a chat message once', async () => {
    const message = { key: 'm1', from: 'Maya', text: 'שלום\u0000', atMs: 1_700_000_000_000 };
    for (let times = 0; times < 2; times += 1) {
      expect((await api.http.post('/bot/v1/chat').set(auth).send(message)).status).toBe(204);
    }
    expect(await readAll()).toEqual([{ type: 'chat.message', from: 'Maya', text: 'שלום\uFFFD' }]);
  });
});

describe('GET commands', () => {
  const poll = (query: object) => api.http.get('/bot/v1/commands').query(query).set(auth);
  const leave = () => {
    const key = { meetingId: attempt.meetingId, attempt: 1 };
    return leaveCommand(api.db, key, { kind: 'leave', reason: 'stopped' });
  };
  const expected = { commands: [{ seq: 1, command: { kind: 'leave', reason: 'stopped' } }] };

  test('answers at once when nothing is to be waited for', async () => {
    expect((await poll({})).body).toEqual({ commands: [] });
  });

  test('waits for the doorbell', async () => {
    const waiting = poll({ wait: 20 }).then((answer) => answer.body);
    await leave();
    api.bell.ring('commands', attempt.meetingId);
    expect(await waiting).toEqual(expected);
  });

  test('finds a command whose ring was lost', async () => {
    const waiting = poll({ wait: 20 }).then((answer) => answer.body);
    await leave();
    expect(await waiting).toEqual(expected);
  });

  test('gives no command twice to who asks behind it, and notes the acknowledgement', async () => {
    await leave();
    expect((await api.http.post('/bot/v1/commands/1/ack').set(auth).send({})).status).toBe(204);
    expect((await poll({ after: 1 })).body).toEqual({ commands: [] });
    const row = await api.db.prisma.botCommand.findFirstOrThrow({
      where: { attemptId: attempt.id },
    });
    expect(row.acknowledgedAt).not.toBeNull();
  });
});
