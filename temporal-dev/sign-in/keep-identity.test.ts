import { makeSessionToken, startTestApi, type TestApi } from '../../test/api-server';
import { keepIdentity, openLocalSession } from './keep-identity';

const STATE = {
  cookies: [],
  origins: [{ origin: 'https://example.com', localStorage: [{ name: 'a', value: 'b' }] }],
};

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test('keeps an identity and renews it under the same name', async () => {
  const token = await makeSessionToken();
  const target = { apiUrl: api.url, token, name: 'notes', platform: 'custom' } as const;
  expect(await keepIdentity(target, STATE)).toBe('made');
  expect(await keepIdentity(target, STATE)).toBe('renewed');
  await expect(keepIdentity({ ...target, platform: 'zoom' }, STATE)).rejects.toThrow(
    'an identity for custom',
  );
});

test('says why the API refuses', async () => {
  const target = { apiUrl: api.url, token: 'wrong', name: 'notes', platform: 'custom' } as const;
  await expect(keepIdentity(target, STATE)).rejects.toThrow('The API refused (401)');
  // an API that is not in local mode has no such door
  await expect(openLocalSession(api.url, 'maya@example.com')).rejects.toThrow('(404)');
  const nowhere = { ...target, apiUrl: 'http://127.0.0.1:1' };
  await expect(keepIdentity(nowhere, STATE)).rejects.toThrow('got no answer');
});
