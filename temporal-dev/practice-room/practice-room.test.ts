import { once } from 'node:events';
import net from 'node:net';
import WebSocket from 'ws';
import { startPracticeRoom, type PracticeRoom } from './practice-room';

let room: PracticeRoom;
let port: number;

beforeAll(async () => {
  const times = { forgetAfterMs: 60_000, absenceMs: 1_000 };
  room = await startPracticeRoom({ host: '127.0.0.1', port: 0, ...times });
  port = Number(new URL(room.url).port);
});
afterAll(() => room.close());

/** Whether the server took the socket, or dropped it. */
async function knock(headers: Record<string, string>): Promise<boolean> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/r/room-1/socket`, { headers });
  const isTaken = await new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.terminate();
  return isTaken;
}

describe('the practice room’s server', () => {
  test.each(['//', '/r/%/socket', 'http://', '*', '/r/../socket', '/?http://['])(
    'drops an upgrade of %s and goes on',
    async (path) => {
      const client = net.connect(port, '127.0.0.1');
      client.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      );
      await once(client.resume(), 'close');
      expect((await fetch(`${room.url}/health`)).status).toBe(200);
    },
  );

  test.each(['127.0.0.1', 'localhost'])('takes sockets of its own pages at %s', async (name) => {
    expect(await knock({ origin: `http://${name}:${port}` })).toBe(true);
  });

  test('takes sockets of programs, which have no origin', async () => {
    expect(await knock({})).toBe(true);
  });

  test('refuses a page of another site, also when that rebinds its name to this machine', async () => {
    const origin = `http://rebound.example:${port}`;
    expect(await knock({ origin })).toBe(false);
    expect(await knock({ origin, host: `rebound.example:${port}` })).toBe(false);
  });

  test('refuses pages of another port and pages without an origin of their own', async () => {
    expect(await knock({ origin: 'http://localhost:3000' })).toBe(false);
    expect(await knock({ origin: 'null' })).toBe(false);
  });
});
