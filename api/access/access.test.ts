import { randomUUID } from 'node:crypto';
import express, { Router } from 'express';
import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../../test/api-server';
import { OPERATIONS } from '../operations/all';
import { mountDeclared } from './mount';
import { createRouteTable } from './route-table';

let api: TestApi;
let sub: string;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  sub = `user_${randomUUID()}`;
  token = await makeSessionToken({ sub });
});
afterAll(() => api.close());

const authorization = () => ({ authorization: `Bearer ${token}` });

describe('the table of routes', () => {
  test('names in the audit log every route by which people change something', () => {
    // What is asked for under any key has an entry of its own.
    const unaudited = ['bot', 'public', 'any_key'];
    // a link may carry a passcode, and a rule is long: both are asked about in a body
    const reading = ['post /api/links/recognise', 'post /api/schedules/preview'];
    // one every few seconds; what begins and ends the recording or upload stands in the log
    const streaming = ['sendRecordedChunk', 'noteRecorder', 'sendUploadBytes'];
    const changing = Object.entries(OPERATIONS).filter(
      ([key, { id, access }]) =>
        !key.startsWith('get ') &&
        !unaudited.includes(access) &&
        !reading.includes(key) &&
        !streaming.includes(id),
    );
    expect(changing.length).toBeGreaterThan(0);
    expect(changing.filter(([, { audit }]) => audit === undefined)).toEqual([]);
  });

  test('keeps the server from starting when a route is not in it', () => {
    const router = Router();
    router.get('/meetings/:id/secrets', (_request, response) => void response.end());
    expect(() =>
      mountDeclared(express(), createRouteTable(OPERATIONS), { prefix: '/api', router }),
    ).toThrow('get /api/meetings/:id/secrets');
  });
});

describe('the gate', () => {
  test('says 404 of a path that nobody knows, whoever asks', async () => {
    expect((await api.http.get('/api/nothing')).status).toBe(404);
    const { status, body } = await api.http.get('/api/nothing').set(authorization());
    expect([status, body.error.code]).toEqual([404, 'route_not_found']);
  });

  test('says 405 and what is allowed of another method', async () => {
    const { status, headers, body } = await api.http.put('/api/meetings/1').send({});
    expect([status, body.error.code]).toEqual([405, 'method_not_allowed']);
    expect(headers['allow']).toBe('GET, HEAD, PATCH, DELETE');
  });

  test('takes a word that is a route of its own for no id', async () => {
    const { status, headers } = await api.http.patch('/api/admin/users/sync').send({});
    expect([status, headers['allow']]).toEqual([405, 'POST']);
  });

  test.each(['/api/MEETINGS', '/api/meetings/', '//api/meetings', '/api/%6deetings'])(
    'asks for a sign-in or knows nothing of %s',
    async (path) => {
      expect([401, 404]).toContain((await api.http.get(path)).status);
    },
  );
});

test.each(['/health', '/openapi.json', '/docs', '/api/meetings', '/api/nothing', '/s/nothing'])(
  '%s answers with what keeps browsers from harm',
  async (path) => {
    const { headers } = await api.http.get(path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
      'content-security-policy': expect.stringMatching(/default-src '(self|none)'/),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  },
);

describe('the audit log', () => {
  /** The newest such entry once it has its status, which is written after the answer went out. */
  async function read(action: string) {
    for (;;) {
      const entry = await api.db.prisma.auditEntry.findFirst({
        where: { action, actorId: sub, status: { not: null } },
        orderBy: { id: 'desc' },
      });
      if (entry) return entry;
    }
  }

  test('says who made which meeting, from where and with what answer', async () => {
    const { body } = await api.http
      .post('/api/meetings')
      .set(authorization())
      .send({ meetingUrl: `${PRACTICE_ROOM}/r/audited` });
    expect(await read('meeting.created')).toMatchObject({
      actorKind: 'session',
      meetingId: body.id,
      address: expect.stringContaining('127.0.0.1'),
      status: 201,
    });
  });

  test('keeps requests that were refused', async () => {
    await api.http.delete('/api/meetings/2000000000').set(authorization());
    expect(await read('meeting.deleted')).toMatchObject({ meetingId: 2_000_000_000, status: 404 });
  });

  test('keeps nothing that was sent', async () => {
    await api.http
      .post('/api/meetings')
      .set(authorization())
      .send({ title: 'Layoffs in May', meetingUrl: `${PRACTICE_ROOM}/r/secret-room` });
    const entries = JSON.stringify(await api.db.prisma.auditEntry.findMany());
    expect(entries).not.toMatch(/Layoffs|secret-room/);
    expect(entries).not.toContain(token);
  });
});
