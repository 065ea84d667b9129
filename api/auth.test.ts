import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { makeSessionToken, startTestApi, WEB_ORIGIN, type TestApi } from '../test/api-server';

const as = (bearer: string) => ({ authorization: `Bearer ${bearer}` });

describe('sign-in with Clerk’s tokens', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.close());

  const list = (headers: Record<string, string>) => api.http.get('/api/meetings').set(headers);

  test('makes one user of simultaneous first requests', async () => {
    const token = await makeSessionToken({ sub: 'user_first' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => list(as(token))));
    expect(new Set(answers.map((each) => each.status))).toEqual(new Set([200]));
    expect(await api.db.prisma.user.count({ where: { clerkId: 'user_first' } })).toBe(1);
  });

  test.each([
    ['no token', async () => Promise.resolve({})],
    ['a token that is none', async () => Promise.resolve(as('abc'))],
    ['an expired token', async () => as(await makeSessionToken({ lifetimeSeconds: -60 }))],
    [
      'a token for another site',
      async () => as(await makeSessionToken({ azp: 'http://evil.example' })),
    ],
    [
      'a token of another issuer',
      async () => as(await makeSessionToken({ issuer: 'https://x.example' })),
    ],
    ['a token that another key signed', async () => as(await makeForgedToken())],
    ['a token without a signature', async () => as(await makeUnsignedToken())],
  ])('answers 401 to %s', async (_what, headers) => {
    const { status, body } = await list(await headers());
    expect([status, body.error.code]).toEqual([401, 'unauthenticated']);
  });

  test('bears with a clock that is as far off as the setting says, and no further', async () => {
    const patient = await startTestApi({ settings: { CLERK_CLOCK_SKEW_SECONDS: '120' } });
    const ask = async (lifetimeSeconds: number) => {
      const token = await makeSessionToken({ lifetimeSeconds });
      return (await patient.http.get('/api/meetings').set(as(token))).status;
    };
    const statuses = [await ask(-60), await ask(-180)];
    await patient.close();
    expect(statuses).toEqual([200, 401]);
  });

  test('takes the token from the session cookie', async () => {
    const token = await makeSessionToken();
    expect((await list({ cookie: `a=b; __session=${token}` })).status).toBe(200);
  });

  test('refuses a change by cookie from another page, or from nobody knows where', async () => {
    const cookie = `__session=${await makeSessionToken()}`;
    const post = (headers: Record<string, string>) =>
      api.http
        .post('/api/meetings')
        .set({ cookie, ...headers })
        .send({});
    expect((await post({ origin: 'http://evil.example' })).body.error.code).toBe(
      'origin_not_allowed',
    );
    expect((await post({})).body.error.code).toBe('origin_not_allowed');
    expect((await post({ origin: WEB_ORIGIN })).body.error.code).toBe('invalid_request');
  });

  test('lets only the allowed pages read answers', async () => {
    const token = await makeSessionToken();
    const own = await list({ ...as(token), origin: WEB_ORIGIN });
    expect(own.headers['access-control-allow-origin']).toBe(WEB_ORIGIN);
    const foreign = await list({ ...as(token), origin: 'http://evil.example' });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('lets scripts see what they need of an answer', async () => {
    const { headers } = await list({ origin: WEB_ORIGIN });
    const exposed = headers['access-control-expose-headers'];
    for (const name of ['Content-Disposition', 'RateLimit', 'Retry-After', 'X-Request-Id']) {
      expect(exposed).toContain(name);
    }
  });

  test('lets in the pages of CORS_ORIGINS instead, whose sessions it takes no more than before', async () => {
    const page = 'https://app.example.com';
    const settings = { CORS_ORIGINS: `${page}/, https://other.example.com` };
    const other = await startTestApi({ settings });
    const ask = async (origin: string, azp: string) => {
      const headers = { ...as(await makeSessionToken({ azp })), origin };
      const answer = await other.http.get('/api/meetings').set(headers);
      return [answer.headers['access-control-allow-origin'], answer.status];
    };
    expect(await ask(page, WEB_ORIGIN)).toEqual([page, 200]);
    expect(await ask(WEB_ORIGIN, WEB_ORIGIN)).toEqual([undefined, 200]);
    expect(await ask(page, page)).toEqual([page, 401]);
    await other.close();
  });

  test.each(['/health', '/api/health', '/ready', '/metrics', '/openapi.json'])(
    '%s needs no sign-in',
    async (path) => {
      expect((await api.http.get(path)).status).toBe(200);
    },
  );

  test('has no local sign-in', async () => {
    expect((await api.http.get('/sign-in')).status).toBe(404);
    const { status } = await api.http.post('/api/local/sign-in').send({ email: 'a@b.example' });
    expect(status).toBe(404);
  });
});

describe('sign-in in local mode', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi({ authMode: 'local' });
  });
  afterAll(() => api.close());

  const signIn = (body: object, headers: Record<string, string> = {}) =>
    api.http.post('/api/local/sign-in').set(headers).send(body);

  test('gives a token that the API takes, for the same user each time', async () => {
    const first = await signIn({ email: 'Maya@Example.com', name: 'Maya' });
    const second = await signIn({ email: 'maya@example.com' });
    for (const { body } of [first, second]) {
      expect((await api.http.get('/api/meetings').set(as(body.token))).status).toBe(200);
    }
    const users = await api.db.prisma.user.findMany({ where: { email: 'maya@example.com' } });
    expect(users).toMatchObject([{ fullName: 'Maya' }]);
  });

  test('gives the role of administrators to the addresses that are set, and to nobody else', async () => {
    const admins = await startTestApi({
      authMode: 'local',
      settings: { LOCAL_ADMINS: 'Admin@example.org' },
    });
    const ask = async (email: string): Promise<unknown[]> => {
      const { body } = await admins.http.post('/api/local/sign-in').send({ email });
      const me = await admins.http.get('/api/me').set(as(body.token));
      const users = await admins.http.get('/api/admin/users').set(as(body.token));
      return [me.body.isAdmin, users.status];
    };
    expect(await ask('admin@example.org')).toEqual([true, 200]);
    expect(await ask('maya@example.org')).toEqual([false, 403]);
    await admins.close();
  });

  test('takes nobody back who deleted themselves', async () => {
    const { body } = await signIn({ email: 'gone@example.com' });
    expect((await api.http.delete('/api/me').set(as(body.token))).status).toBe(202);
    const again = await signIn({ email: 'gone@example.com' });
    expect([again.status, again.body.error.code]).toEqual([410, 'user_deleted']);
  });

  test('sets the session cookie out of reach of scripts', async () => {
    const { headers } = await signIn({ email: 'a@example.com' });
    expect(headers['set-cookie']?.[0]).toMatch(/^__session=.*HttpOnly.*SameSite=Lax/);
  });

  test('serves a form', async () => {
    const { text, headers } = await api.http.get('/sign-in');
    expect(headers['content-type']).toContain('text/html');
    expect(text).toContain('<form>');
  });

  test('refuses another page’s request, also one that names this server as its host', async () => {
    const origin = 'http://rebound.example:8000';
    const { status } = await signIn(
      { email: 'a@example.com' },
      { origin, host: 'rebound.example:8000' },
    );
    expect(status).toBe(403);
  });

  test('refuses what is no e-mail address', async () => {
    expect((await signIn({ email: 'nobody', admin: true })).body.error.details).toHaveLength(2);
  });
});

async function makeForgedToken(): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new SignJWT({ azp: WEB_ORIGIN })
    .setProtectedHeader({ alg: 'RS256', kid: 'test' })
    .setSubject('user_x')
    .setIssuer('https://clerk.example.com')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}

async function makeUnsignedToken(): Promise<string> {
  const [, payload] = (await makeSessionToken()).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${payload}.`;
}
