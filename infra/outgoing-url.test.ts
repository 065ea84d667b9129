import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { postMessage, postToUser } from './outgoing-url';

const NOBODY = { allowedHosts: [], signingSecret: undefined };
const post = (url: string, options = {}) =>
  postToUser({ url, id: 'test' }, {}, { ...NOBODY, ...options });

/** Resolves every name to these addresses. */
const leadingTo =
  (...addresses: string[]): LookupFunction =>
  (_hostname, options, callback) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, found);
    else callback(null, addresses[0] ?? '', found[0]?.family);
  };

const ADDRESSES: [what: string, address: string][] = [
  ['loopback', '127.0.0.1'],
  ['another loopback', '127.1.2.3'],
  ['a private network', '10.0.0.1'],
  ['another private network', '172.16.0.1'],
  ['a network at home', '192.168.1.1'],
  ['a carrier’s network', '100.64.0.1'],
  ['a link-local address', '169.254.1.1'],
  ['the metadata of AWS, Google and Azure', '169.254.169.254'],
  ['the metadata of Alibaba', '100.100.100.200'],
  ['the metadata of Oracle', '192.0.0.192'],
  ['the host that Azure’s machines ask', '168.63.129.16'],
  ['the unspecified address', '0.0.0.0'],
  ['broadcast', '255.255.255.255'],
  ['multicast', '224.0.0.1'],
  ['a reserved address', '240.0.0.1'],
  ['IPv6 loopback', '::1'],
  ['IPv6 unspecified', '::'],
  ['IPv6 link-local', 'fe80::1'],
  ['IPv6 unique local', 'fd12:3456:789a::1'],
  ['the metadata of AWS by IPv6', 'fd00:ec2::254'],
  ['the metadata of Google by IPv6', 'fd20:ce::254'],
  ['the metadata of Oracle by IPv6', 'fd00:c1::a9fe:a9fe'],
  ['IPv6 multicast', 'ff02::1'],
  ['IPv4 within IPv6', '::ffff:127.0.0.1'],
  ['IPv4 within IPv6, in hex', '::ffff:a9fe:a9fe'],
  ['IPv4 translated to IPv6', '::ffff:0:7f00:1'],
  ['the metadata of Alibaba within IPv6', '::ffff:100.100.100.200'],
  ['the host that Azure’s machines ask within IPv6', '::ffff:168.63.129.16'],
  ['IPv4 behind NAT64', '64:ff9b::7f00:1'],
  ['metadata behind NAT64', '64:ff9b::a9fe:a9fe'],
  ['the host that Azure’s machines ask behind NAT64', '64:ff9b::a83f:8110'],
  ['IPv4 behind a NAT64 of one’s own', '64:ff9b:1::a00:1'],
  ['IPv4 by 6to4', '2002:7f00:1::'],
  ['metadata by 6to4', '2002:a9fe:a9fe::'],
  ['the host that Azure’s machines ask by 6to4', '2002:a83f:8110::'],
  ['IPv4 by Teredo', '2001::1'],
  ['IPv4-compatible IPv6', '::7f00:1'],
  ['site-local IPv6', 'fec0::1'],
  ['IPv6 that nobody was given', '4000::1'],
  ['benchmark networks', '198.18.0.1'],
  ['examples of documentation', '203.0.113.1'],
];

describe('a call to an address that a user gave', () => {
  let server: Server;
  let port: number;
  let connections = 0;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      const { url } = request;
      if (url === '/redirect') response.writeHead(307, { location: '/taken' }).end();
      else if (url !== '/silent') response.end('"'.padEnd(50_000, 'x'));
    });
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => (connections = 0));

  test.each(ADDRESSES)('connects to no %s: %s', async (_what, address) => {
    const host = address.includes(':') ? `[${address}]` : address;
    await expect(post(`https://${host}:${port}/`)).rejects.toThrow('could not be reached');
    expect(connections).toBe(0);
  });

  test.each(ADDRESSES)('connects to no name that leads to %s: %s', async (_what, address) => {
    const options = { lookup: leadingTo(address) };
    await expect(post(`https://hooks.example.com:${port}/`, options)).rejects.toMatchObject({
      message: 'The address could not be reached',
      cause: { message: expect.stringContaining('not allowed') },
    });
    expect(connections).toBe(0);
  });

  test.each([
    ['localhost', 'localhost'],
    ['loopback as one number', '2130706433'],
    ['loopback in hex', '0x7f000001'],
    ['loopback in octal', '0177.0.0.1'],
    ['loopback with parts left out', '127.1'],
    ['loopback in full-width digits', '１２７.０.０.１'],
    ['a private one between public ones', 'mixed.example.com'],
  ])('connects to no %s', async (_what, host) => {
    const options =
      host === 'mixed.example.com' ? { lookup: leadingTo('93.184.216.34', '10.0.0.1') } : {};
    await expect(post(`https://${host}:${port}/`, options)).rejects.toThrow('could not be reached');
    expect(connections).toBe(0);
  });

  test('goes where the name led when it was judged, whatever it leads to afterwards', async () => {
    const led = ['93.184.216.34', '127.0.0.1'];
    const lookups: string[] = [];
    const lookup: LookupFunction = (host, options, callback) => {
      lookups.push(host);
      leadingTo(led[lookups.length - 1] ?? '127.0.0.1')(host, options, callback);
    };
    const options = { lookup, timeLimitMs: 200 };
    await expect(post(`https://hooks.example.com:${port}/`, options)).rejects.toThrow();
    expect([lookups.length, connections]).toEqual([1, 0]);
    await expect(post(`https://hooks.example.com:${port}/`, options)).rejects.toThrow(
      'could not be reached',
    );
    expect([lookups.length, connections]).toEqual([2, 0]);
  });

  test.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'https://user:password@example.com/',
    'not an address',
  ])('is not made at all to %s', async (url) => {
    await expect(post(url)).rejects.toThrow(/Expected an address/);
  });

  test('goes to hosts that the installation allows, by http too', async () => {
    const message = { url: `http://127.0.0.1:${port}/`, id: 'a', text: '{}', secrets: [] };
    const options = { allowedHosts: ['127.0.0.1'], bodyLimit: 100 };
    const answer = await postMessage({ ...message, at: new Date() }, options);
    expect(answer).toMatchObject({ status: 200, isCut: true });
    expect(answer.body).toHaveLength(100);
  });

  test('follows no redirect', async () => {
    const options = { allowedHosts: ['127.0.0.1'] };
    await expect(post(`http://127.0.0.1:${port}/redirect`, options)).rejects.toThrow('status 307');
    expect(connections).toBe(1);
  });

  test('waits no longer than its limit', async () => {
    const options = { allowedHosts: ['127.0.0.1'], timeLimitMs: 100 };
    await expect(post(`http://127.0.0.1:${port}/silent`, options)).rejects.toThrow('in time');
    expect(connections).toBe(1);
  });
});
