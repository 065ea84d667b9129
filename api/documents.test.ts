import type { Browser } from 'playwright-core';
import { startTestApi, type TestApi } from '../test/api-server';
import { launchTestBrowser } from '../test/meeting-pages/test-browser';
import { OPERATIONS } from './operations/all';

let api: TestApi;
let browser: Browser;
beforeAll(async () => {
  api = await startTestApi();
  browser = await launchTestBrowser();
});
afterAll(async () => {
  await browser.close();
  await api.close();
});

describe('GET /openapi.json', () => {
  test('describes every route of the table', async () => {
    const { body } = await api.http.get('/openapi.json');
    const described = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
  });

  test('takes the schemas that validate', async () => {
    const { body } = await api.http.get('/openapi.json');
    const create = body.paths['/api/meetings'].post.requestBody.content['application/json'].schema;
    expect(create.additionalProperties).toBe(false);
    expect(create.required).toEqual(['meetingUrl']);
  });
});

describe('GET /docs', () => {
  test('shows every route, and asks nobody but this server', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${api.url}/docs`);
    await page
      .locator('.opblock')
      .nth(Object.keys(OPERATIONS).length - 1)
      .waitFor();
    const origins = new Set(asked.filter((origin) => origin !== 'null'));
    expect(origins).toEqual(new Set([api.url]));
    expect(complaints).toEqual([]);
  });

  test('lets nobody frame it, and no script in but its own', async () => {
    const { headers } = await api.http.get('/docs');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  test('knows no other files than its own', async () => {
    expect((await api.http.get('/docs/package.json')).status).toBe(422);
    expect((await api.http.get('/docs/..%2Fpackage.json')).status).toBe(422);
  });
});

test('GET /llms.txt is text that points at the document', async () => {
  const { headers, text } = await api.http.get('/llms.txt');
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(text).toContain('/openapi.json');
});
