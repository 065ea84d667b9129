import { startTestApi, type TestApi } from '../test/api-server';

const TOKEN = 'a token of the metrics that is long enough';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
afterEach(() => {
  api.bell.isDown = false;
  api.audio.isDown = false;
  api.temporal.mood = 'answers';
});

describe('GET /ready', () => {
  test('names each dependency with its state', async () => {
    const { status, body } = await api.http.get('/ready');
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ready',
      dependencies: {
        postgresql: { state: 'up' },
        audioStore: { state: 'up' },
        redis: { state: 'up' },
        temporal: { state: 'up' },
      },
    });
  });

  test('stays 200 while only Redis and Temporal are down: audio is still taken safely', async () => {
    api.bell.isDown = true;
    api.temporal.mood = 'down';
    const { status, body } = await api.http.get('/ready');
    expect([status, body.status]).toEqual([200, 'degraded']);
    expect(body.dependencies.redis.state).toBe('down');
    expect(body.dependencies.temporal.state).toBe('down');
  });

  test('answers 503 while the audio store is down', async () => {
    api.audio.isDown = true;
    const { status, body } = await api.http.get('/ready');
    expect([status, body.status]).toEqual([503, 'unavailable']);
  });
});

describe('GET /metrics', () => {
  test('counts requests by pattern, never by id', async () => {
    await api.http.get('/api/meetings/123456');
    const { text } = await api.http.get('/metrics');
    expect(text).toContain('api_request_duration_seconds_count');
    expect(text).not.toContain('123456');
  });

  test('counts refused requests under the whole pattern of their route', async () => {
    await api.http.get('/api/meetings/1/transcription');
    await api.http.put('/bot/v1/chunks/maya/1');
    await api.http.get('/bot/v1/nothing');
    const { text } = await api.http.get('/metrics');
    for (const labels of [
      'method="GET",route="/api/meetings/{id}/transcription",status="401"',
      'method="PUT",route="/bot/v1/chunks/{track}/{seq}",status="401"',
      'method="GET",route="none",status="40',
    ]) {
      expect(text).toContain(labels);
    }
  });

  test.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['nobody says otherwise', {}, {}, 200],
    ['it came through a proxy', {}, { 'x-forwarded-for': '203.0.113.1' }, 401],
    ['it came through a proxy that says so otherwise', {}, { forwarded: 'for=203.0.113.1' }, 401],
    ['in production no proxy is in front', { NODE_ENV: 'production' }, {}, 401],
    ['in production it came past the proxy', { NODE_ENV: 'production', TRUST_PROXY: '1' }, {}, 200],
    [
      'a token is set and shown',
      { METRICS_TOKEN: TOKEN },
      { authorization: `Bearer ${TOKEN}` },
      200,
    ],
    [
      'a token is set and another shown',
      { METRICS_TOKEN: TOKEN },
      { authorization: 'Bearer x' },
      401,
    ],
    ['a token is set and none shown', { METRICS_TOKEN: TOKEN }, {}, 401],
  ])('when %s answers so', async (...[, settings, headers, status]) => {
    const guarded = await startTestApi({ settings });
    const answer = await guarded.http.get('/metrics').set(headers);
    await guarded.close();
    expect(answer.status).toBe(status);
  });
});

test('a route that does not exist answers 404 in the shape of every error', async () => {
  const { status, body } = await api.http.get('/nothing-here');
  expect([status, body.error.code]).toEqual([404, 'route_not_found']);
});
