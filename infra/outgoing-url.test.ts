import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postToUser } from './outgoing-url';

const NOBODY = { allowedHosts: [], signingSecret: undefined };
const post = (url: string, options = {}) =>
  postToUser({ url, id: 'test' }, {}, { ...NOBODY, ...options });

describe('postToUser', () => {
  let server: Server;
  let port: number;
  let connections = 0;
  beforeAll(async () => {
    server = createServer((request) => request.resume());
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each([
    ['loopback', '127.0.0.1'],
    ['a name that leads to loopback', 'localhost'],
    ['loopback written as a number', '2130706433'],
    ['IPv6 loopback', '[::1]'],
    ['IPv4 within IPv6', '[::ffff:127.0.0.1]'],
    ['a private network', '10.0.0.1'],
    ['a cloud’s metadata', '169.254.169.254'],
    ['the unspecified address', '0.0.0.0'],
  ])('connects to no %s', async (_what, host) => {
    await expect(post(`https://${host}:${port}/`)).rejects.toThrow('could not be reached');
    expect(connections).toBe(0);
  });

  test('takes https alone unless the host is allowed', async () => {
    await expect(post(`http://example.com/`)).rejects.toThrow('starts with https://');
  });

  test('waits no longer than its limit', async () => {
    const options = { allowedHosts: ['127.0.0.1'], timeLimitMs: 100 };
    await expect(post(`http://127.0.0.1:${port}/`, options)).rejects.toThrow('in time');
    expect(connections).toBe(1);
  });
});
