import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import WebSocket from 'ws';
import { makeSessionToken, startTestApi, type TestApi } from '../api-server';

const MANY = 10_000;
/** Both ends of a connection that is kept are of this process. */
const PER_ADDRESS = Math.min(2_000, Math.floor((readDescriptorLimit() - 2_000) / 2));
/** More at once would overflow the queue of connections that wait to be taken. */
const AT_ONCE = 400;

function readDescriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
}

let api: TestApi;
let session: Record<string, string>;
const sockets: net.Socket[] = [];
beforeEach(async () => {
  api = await startTestApi({
    settings: { MAX_CONNECTIONS_PER_ADDRESS: String(PER_ADDRESS) },
  });
  session = { authorization: `Bearer ${await makeSessionToken()}` };
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await api.close();
});

/** Connects from an address of this machine; says whether the server kept it. */
async function connect(localAddress: string): Promise<net.Socket> {
  const { hostname, port } = new URL(api.url);
  const socket = net.connect({ port: Number(port), host: hostname, localAddress });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

async function connectMany(count: number, localAddress: string): Promise<void> {
  for (let made = 0; made < count; made += AT_ONCE) {
    const batch = Math.min(AT_ONCE, count - made);
    await Promise.all(Array.from({ length: batch }, () => connect(localAddress)));
  }
}

/** An ordinary request from an address of this machine, on a connection of its own or `agent`'s. */
async function ask(localAddress: string, agent?: http.Agent): Promise<number | undefined> {
  const options = { localAddress, headers: session, ...(agent ? { agent } : { agent: false }) };
  const request = http.get(`${api.url}/api/meetings`, options);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

async function countOpen(): Promise<number> {
  return new Promise((resolve, reject) =>
    api.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

async function untilOpenAre(isWanted: (count: number) => boolean): Promise<number> {
  for (;;) {
    const count = await countOpen();
    if (isWanted(count)) return count;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test(`${MANY} connections that say nothing get ${PER_ADDRESS} places, and others are answered`, async () => {
  expect(PER_ADDRESS).toBeGreaterThan(500);
  await connectMany(MANY, '127.0.0.1');
  await untilOpenAre((count) => count <= PER_ADDRESS);
  expect(await countOpen()).toBe(PER_ADDRESS);
  expect(await ask('127.0.0.2')).toBe(200);
  // They are given up after 10 s in which no request came.
  await untilOpenAre((count) => count === 0);
  expect(await ask('127.0.0.1')).toBe(200);
});

test('connections that send a byte now and then are given up all the same', async () => {
  const slow = await Promise.all(Array.from({ length: 20 }, () => connect('127.0.0.1')));
  for (const socket of slow) socket.write('GET /api/me HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const dripping = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write('x');
  }, 500);
  await untilOpenAre((count) => count === 0);
  clearInterval(dripping);
  expect(await ask('127.0.0.1')).toBe(200);
});

test('a body that comes a byte at a time holds nobody up', async () => {
  const slow = await Promise.all(Array.from({ length: 200 }, () => connect('127.0.0.1')));
  const head = `POST /api/meetings HTTP/1.1\r\nHost: x\r\nAuthorization: ${session['authorization']}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
  for (const socket of slow) socket.write(head);
  expect(await ask('127.0.0.1')).toBe(200);
});

test('a process that is full answers those who are in', async () => {
  api.server.maxConnections = 50;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask('127.0.0.2', agent)).toBe(200);
  await connectMany(200, '127.0.0.1');
  await untilOpenAre((count) => count <= 50);
  const late = await connect('127.0.0.3');
  if (!late.destroyed) await once(late, 'close');
  expect(await ask('127.0.0.2', agent)).toBe(200);
  agent.destroy();
});

test('1,000 WebSockets that never sign in get 500 places for 5 s', async () => {
  const statuses: number[] = [];
  const closes: number[] = [];
  for (let made = 0; made < 1_000; made += 200) {
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`);
        socket.on('close', (code) => closes.push(code));
        await new Promise<void>((resolve) => {
          socket.once('open', () => {
            statuses.push(101);
            resolve();
          });
          socket.once('unexpected-response', (request, response) => {
            statuses.push(response.statusCode ?? 0);
            request.destroy();
            resolve();
          });
          socket.on('error', () => resolve());
        });
      }),
    );
  }
  expect(statuses.filter((status) => status === 101)).toHaveLength(500);
  expect(statuses.filter((status) => status === 429)).toHaveLength(500);
  expect(await ask('127.0.0.1')).toBe(200);
  await untilOpenAre((count) => count === 0);
  expect(closes.filter((code) => code === 4401)).toHaveLength(500);
});
