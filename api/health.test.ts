import { startTestApi, type TestApi } from '../test/api-server';

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
});

test('a route that does not exist answers 404 in the shape of every error', async () => {
  const { status, body } = await api.http.get('/nothing-here');
  expect([status, body.error.code]).toEqual([404, 'route_not_found']);
});
