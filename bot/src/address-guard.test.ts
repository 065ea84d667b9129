import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { TEST_BROWSER_ARGUMENTS } from '../../test/browser-arguments';
import { findChromium } from '../../test/chromium-path';
import { createAddressGuard } from './address-guard';

const names: Record<string, string[]> = {
  'meet.example.org': ['203.0.114.7', '2606:4700::1'],
  'inside.example.org': ['10.1.2.3'],
  'half.example.org': ['203.0.114.7', '192.168.0.1'],
};
const guard = createAddressGuard({
  allowedOrigins: ['http://127.0.0.1:8004'],
  resolve: (host) => Promise.resolve(names[host] ?? []),
});

describe('a link', () => {
  test.each([
    'https://meet.example.org/abc',
    'https://8.8.8.8/abc',
    'http://127.0.0.1:8004/r/room',
    'ws://127.0.0.1:8004',
    'https://name-without-address.example.org/',
    'about:blank',
  ])('%s may be opened', async (url) => {
    expect(await guard.mayOpen(url)).toBe(true);
  });

  test.each([
    'http://127.0.0.1:8000/',
    'http://0x7f.1/',
    'https://127.0.0.1:8004/r/room',
    'http://169.254.169.254/latest/meta-data',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://[::1]/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://0.0.0.0/',
    'https://inside.example.org/',
    'https://half.example.org/',
    'file:///etc/passwd',
    'chrome://settings',
  ])('%s is refused', async (url) => {
    expect(await guard.mayOpen(url)).toBe(false);
  });
});

describe('a name that leads elsewhere when the browser opens it', () => {
  let server: Server;
  let port: number;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/redirect') {
        response.writeHead(302, { location: `http://turned.example.org:${port}/` }).end();
      } else {
        response.setHeader('content-type', 'text/html');
        response.end('<h1>an inner page</h1>');
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    browser = await chromium.launch({
      executablePath: findChromium(),
      // the browser's second look at the name, after the guard's own
      args: [...TEST_BROWSER_ARGUMENTS, '--host-resolver-rules=MAP *.example.org 127.0.0.1'],
    });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await once(server, 'close');
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
  });
  afterEach(() => page.context().close());

  async function open(path: string, allowedOrigins: string[] = []): Promise<number> {
    let blocked = 0;
    const outside = createAddressGuard({
      allowedOrigins,
      resolve: () => Promise.resolve(['203.0.114.7']),
    });
    await outside.watch(page, () => (blocked += 1));
    await page.goto(`http://meet.example.org:${port}${path}`).catch(() => null);
    return blocked;
  }

  /** What the page holds once it has come to rest, be it the browser's own page about the refusal. */
  async function readPage(): Promise<string> {
    for (;;) {
      await page.waitForLoadState();
      const content = await page.content().catch(() => null);
      if (content !== null) return content;
    }
  }

  test.each(['/', '/redirect'])('shows nothing of what is there: %s', async (path) => {
    expect(await open(path)).toBe(1);
    expect(await readPage()).not.toContain('inner page');
  });

  test('is opened where its origin is allowed', async () => {
    expect(await open('/', [`http://meet.example.org:${port}`])).toBe(0);
    expect(await readPage()).toContain('inner page');
  });

  test('is not followed from an allowed page', async () => {
    expect(await open('/redirect', [`http://meet.example.org:${port}`])).toBe(1);
    expect(await readPage()).not.toContain('inner page');
  });
});
