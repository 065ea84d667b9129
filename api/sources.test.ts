import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { Upload } from 'tus-js-client';
import { UPLOAD_PART_BYTES } from '../domain/uploads';
import { encodeWav } from '../domain/wav';
import { projectMeeting } from '../infra/database/meetings';
import { settleUpload } from '../infra/database/uploads';
import { insertMeeting } from '../test/records';
import { makeSessionToken, startTestApi, type TestApi } from '../test/api-server';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ settings: { MAX_UPLOAD_BYTES: String(64 * 1024 * 1024) } });
});
afterAll(() => api.close());

async function signIn() {
  const token = await makeSessionToken({ sub: `user_${randomUUID()}` });
  const headers = { authorization: `Bearer ${token}` };
  const { body } = await api.http.get('/api/me').set(headers);
  return { headers, userId: body.id as number };
}

describe('a recorder', () => {
  async function startRecorder(body: object = {}) {
    const { headers } = await signIn();
    const { status, body: started } = await api.http.post('/api/recorders').set(headers).send(body);
    const path = `/api/meetings/${started.meeting?.id}`;
    const send = (seq: number, wav = encodeWav(new Int16Array(16_000).fill(seq))) =>
      api.http
        .put(`${path}/chunks/microphone/${seq}`)
        .set({
          ...headers,
          'content-type': 'audio/wav',
          'x-chunk-start-ms': String((seq - 1) * 1_000),
          'x-chunk-end-ms': String(seq * 1_000),
          'x-chunk-captured-at': String(Date.now()),
          'x-chunk-sha256': createHash('sha256').update(wav).digest('hex'),
        })
        .send(Buffer.from(wav));
    const post = (route: string, payload: object = {}) =>
      api.http.post(`${path}/recorder/${route}`).set(headers).send(payload);
    return { status, started, headers, path, send, post, meetingId: started.meeting?.id };
  }

  test('begins a meeting without a bot, whose clock and intake need no worker', async () => {
    const { status, started, send } = await startRecorder({ title: 'Interview', language: 'en' });
    expect(status).toBe(201);
    expect(started.meeting).toMatchObject({
      title: 'Interview',
      language: 'en',
      source: 'recorder',
      platform: 'none',
      meetingUrl: null,
      botStatus: 'none',
    });
    expect(Math.abs(started.clockOriginMs - started.serverTimeMs)).toBeLessThan(5_000);
    expect(api.temporal.hearings).toContain(started.meeting.id);
    expect((await send(1)).body).toEqual({ chunkId: expect.any(Number), status: 'accepted' });
  });

  test('has each chunk taken once: the same again is known, other bytes are refused', async () => {
    const { send } = await startRecorder();
    await send(1);
    expect((await send(1)).body.status).toBe('already_accepted');
    const other = encodeWav(new Int16Array(16_000).fill(99));
    const { status, body } = await send(1, other);
    expect([status, body.error.code]).toEqual([409, 'chunk_conflict']);
  });

  test('records on while Temporal is down', async () => {
    api.temporal.mood = 'down';
    const { status, send } = await startRecorder();
    api.temporal.mood = 'answers';
    expect([status, (await send(1)).status]).toEqual([201, 201]);
  });

  test('is begun once under one Idempotency-Key', async () => {
    const { headers } = await signIn();
    const ask = () =>
      api.http
        .post('/api/recorders')
        .set({ ...headers, 'idempotency-key': 'one' })
        .send({});
    const [first, second] = [await ask(), await ask()];
    expect(second.body).toEqual(first.body);
  });

  test('is alive until it is finished', async () => {
    const { send, post, meetingId } = await startRecorder();
    await send(1);
    expect((await post('alive')).status).toBe(204);
    expect((await post('finish', { lastSeqs: { microphone: 1 } })).status).toBe(202);
    const { status, body } = await post('alive');
    expect([status, body.error.code]).toEqual([409, 'recorder_over']);
    const attempt = await api.db.prisma.botAttempt.findFirstOrThrow({ where: { meetingId } });
    expect(attempt).toMatchObject({
      status: 'ended',
      reason: 'recording_finished',
      lastSeqs: { microphone: 1 },
    });
  });

  test('counts as no bot, and takes none', async () => {
    const { headers, path } = await startRecorder();
    const usage = await api.http.get('/api/me/usage').set(headers);
    expect(usage.body).toMatchObject({ botsNow: 0, botMinutesThisMonth: 0 });
    const { status, body } = await api.http.post(`${path}/start-bot`).set(headers);
    expect([status, body.error.code]).toEqual([409, 'command_refused']);
  });

  test('is one of at most five of a user', async () => {
    const { headers } = await signIn();
    const ask = () => api.http.post('/api/recorders').set(headers).send({});
    for (let count = 0; count < 5; count += 1) expect((await ask()).status).toBe(201);
    const { status, body } = await ask();
    expect([status, body.error.code]).toEqual([409, 'too_many_recorders']);
  });

  test('is no route into the meetings of bots', async () => {
    const { headers, userId } = await signIn();
    const { meetingId } = await insertMeeting(api.db, { userId });
    const { status, body } = await api.http
      .post(`/api/meetings/${meetingId}/recorder/alive`)
      .set(headers);
    expect([status, body.error.code]).toEqual([409, 'recorder_over']);
  });
});

describe('an upload', () => {
  async function beginUpload(bytes: Buffer, fields: object = {}) {
    const { headers } = await signIn();
    const { status, body } = await api.http
      .post('/api/uploads')
      .set(headers)
      .send({ fileName: 'talk.mp3', sizeBytes: bytes.length, ...fields });
    const id: number = body.meeting?.id;
    const path = `/api/meetings/${id}/upload`;
    const tus = { 'tus-resumable': '1.0.0' };
    const patch = (offset: number, part: Buffer) =>
      api.http
        .patch(path)
        .set({
          ...headers,
          ...tus,
          'upload-offset': String(offset),
          'content-type': 'application/offset+octet-stream',
        })
        .send(part);
    const readOffset = async () => {
      const { headers: answer } = await api.http.head(path).set({ ...headers, ...tus });
      return Number(answer['upload-offset']);
    };
    const read = async () => (await api.http.get(path).set(headers)).body;
    const kept = async () => {
      const parts = await api.db.prisma.uploadPart.findMany({
        where: { meetingId: id },
        orderBy: { startByte: 'asc' },
      });
      const all = await Promise.all(parts.map(({ objectKey }) => api.audio.get(objectKey)));
      return Buffer.concat(all);
    };
    return { status, body, id, path, headers, patch, readOffset, read, kept };
  }

  test('is a meeting that is named after its file', async () => {
    const { status, body } = await beginUpload(Buffer.alloc(10));
    expect(status).toBe(201);
    expect(body.meeting).toMatchObject({ title: 'talk.mp3', source: 'upload', platform: 'none' });
    expect(body.upload).toMatchObject({ status: 'receiving', receivedBytes: 0, sizeBytes: 10 });
  });

  test('comes byte by byte through any tus client', async () => {
    const bytes = randomBytes(UPLOAD_PART_BYTES * 2 + 12_345);
    const { path, headers, kept, read, id } = await beginUpload(bytes);
    await new Promise<void>((resolve, reject) => {
      new Upload(bytes, {
        uploadUrl: api.url + path,
        uploadSize: bytes.length,
        headers,
        chunkSize: 5_000_000,
        onSuccess: () => resolve(),
        onError: reject,
      }).start();
    });
    expect((await kept()).equals(bytes)).toBe(true);
    expect(await read()).toMatchObject({ status: 'decoding', receivedBytes: bytes.length });
    expect(api.temporal.hearings).toContain(id);
  });

  test('goes on where the connection broke: what had come need not come again', async () => {
    const bytes = randomBytes(UPLOAD_PART_BYTES + 1_000_000);
    const { path, headers, readOffset, patch, kept } = await beginUpload(bytes);
    const { port, hostname } = new URL(api.url);
    const sent = UPLOAD_PART_BYTES + 500_000;
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          [
            `PATCH ${path} HTTP/1.1`,
            `Host: ${hostname}`,
            `Authorization: ${headers.authorization}`,
            'Tus-Resumable: 1.0.0',
            'Upload-Offset: 0',
            'Content-Type: application/offset+octet-stream',
            `Content-Length: ${bytes.length}`,
            '\r\n',
          ].join('\r\n'),
        );
        socket.write(bytes.subarray(0, sent), () => socket.destroy());
      });
      socket.once('close', () => resolve());
    });
    let offset = await readOffset();
    while (offset < UPLOAD_PART_BYTES) offset = await readOffset();
    expect(offset).toBeLessThanOrEqual(sent);
    // a part may still be on its way into the store
    for (;;) {
      const { status } = await patch(offset, bytes.subarray(offset));
      if (status === 204) break;
      expect(status).toBe(409);
      offset = await readOffset();
    }
    expect((await kept()).equals(bytes)).toBe(true);
  });

  test('takes bytes only where the last ones end, and never more than it has', async () => {
    const { patch, readOffset } = await beginUpload(Buffer.alloc(10));
    expect((await patch(0, Buffer.alloc(4))).status).toBe(204);
    const again = await patch(0, Buffer.alloc(4));
    expect([again.status, again.body.error.code]).toEqual([409, 'upload_conflict']);
    const tooMuch = await patch(4, Buffer.alloc(7));
    expect([tooMuch.status, tooMuch.body.error.code]).toEqual([413, 'payload_too_large']);
    expect(await readOffset()).toBeLessThanOrEqual(10);
  });

  test('of two that send the same bytes at the same moment keeps one', async () => {
    const { patch, kept } = await beginUpload(Buffer.alloc(1_000, 7));
    const answers = await Promise.all([
      patch(0, Buffer.alloc(1_000, 7)),
      patch(0, Buffer.alloc(1_000, 7)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect((await kept()).length).toBe(1_000);
  });

  test('larger than the installation takes is refused before a byte of it', async () => {
    const { status, body } = await beginUpload(Buffer.alloc(0), {
      sizeBytes: 64 * 1024 * 1024 + 1,
    });
    expect([status, body.error.code]).toEqual([422, 'invalid_request']);
  });

  test('is cancelled while its bytes come, and takes none after that', async () => {
    const { path, headers, patch, id } = await beginUpload(Buffer.alloc(10));
    await patch(0, Buffer.alloc(4));
    const { status, body } = await api.http.delete(path).set(headers);
    expect([status, body.status]).toEqual([202, 'cancelled']);
    const late = await patch(4, Buffer.alloc(6));
    expect([late.status, late.body.error.code]).toEqual([409, 'upload_over']);
    const meeting = await api.http.get(`/api/meetings/${id}`).set(headers);
    expect(meeting.body).toMatchObject({ status: 'cancelled', reason: 'upload_cancelled' });
  });

  test('has failed once its meeting says why, and not a moment earlier', async () => {
    const { patch, read, id: meetingId } = await beginUpload(Buffer.alloc(10));
    await patch(0, Buffer.alloc(10));
    await settleUpload(api.db, meetingId, 'failed');
    expect(await read()).toMatchObject({ status: 'decoding', problem: null });
    const end = { status: 'failed', reason: 'not_audio' } as const;
    await projectMeeting(api.db, { meetingId, decidedAtMs: Date.now(), ...end });
    expect(await read()).toMatchObject({
      status: 'failed',
      problem: 'The file holds no sound that could be decoded.',
    });
  });

  test('of a deleted meeting is gone with it', async () => {
    const { path, headers, patch, id } = await beginUpload(Buffer.alloc(10));
    await api.http.delete(`/api/meetings/${id}`).set(headers);
    expect((await patch(0, Buffer.alloc(4))).status).toBe(404);
    expect((await api.http.get(path).set(headers)).status).toBe(404);
  });

  test('is one of at most twenty on their way', async () => {
    const { headers } = await signIn();
    const ask = () => api.http.post('/api/uploads').set(headers).send({ sizeBytes: 10 });
    for (let count = 0; count < 20; count += 1) expect((await ask()).status).toBe(201);
    const { status, body } = await ask();
    expect([status, body.error.code]).toEqual([409, 'too_many_uploads']);
  });
});
