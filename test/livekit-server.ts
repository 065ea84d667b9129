import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { findStackDir } from '../temporal-dev/folders';
import { prepareLivekit } from '../temporal-dev/tools/livekit';

const KEY = 'test-key';
const SECRET = 'secret-of-the-test-server-on-loopback';
/** How long the first start may take, for hooks: the server is built then. */
export const LIVEKIT_BUILD_MS = 15 * 60_000;
const START_TIMEOUT_MS = 20_000;

export interface TokenWishes {
  room: string;
  identity: string;
  name?: string;
  expiresInSeconds?: number;
  /** Signs with another secret than the server's. */
  isForged?: boolean;
}

/** A real LiveKit server on ports of its own, reachable from this machine only. */
export interface LivekitServer {
  url: string;
  makeToken(wishes: TokenWishes): Promise<string>;
  removeParticipant(room: string, identity: string): Promise<void>;
  deleteRoom(room: string): Promise<void>;
  /** The identities of those in a room. */
  listParticipants(room: string): Promise<string[]>;
  /** Holds the process: to clients it is as if the network were gone. */
  pause(): void;
  resume(): void;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same ports, with no memory of its rooms. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the server the first time, which takes minutes; throws when that cannot be done. */
export async function startLivekitServer(): Promise<LivekitServer> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const executable = await prepareLivekit(tools, (text) => process.stderr.write(`${text}\n`));
  const config = await makeConfig();
  const origin = `http://127.0.0.1:${config.port}`;
  let child: ChildProcess | null = null;
  const kill = async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    child = null;
  };
  const start = async () => {
    await kill();
    child = spawn(executable, ['--config-body', JSON.stringify(config)], { stdio: 'ignore' });
    await untilReady(origin, child);
  };
  const call = async (method: string, body: { room: string; identity?: string }) => {
    const token = await sign({ video: { roomAdmin: true, roomCreate: true, room: body.room } });
    const response = await fetch(`${origin}/twirp/livekit.RoomService/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`Expected ${method} to be done: ${await response.text()}`);
    return response.json();
  };
  await start();
  return {
    url: `ws://127.0.0.1:${config.port}`,
    makeToken,
    removeParticipant: async (room, identity) =>
      void (await call('RemoveParticipant', { room, identity })),
    deleteRoom: async (room) => void (await call('DeleteRoom', { room })),
    async listParticipants(room) {
      const answer = (await call('ListParticipants', { room })) as {
        participants?: { identity: string }[];
      };
      return (answer.participants ?? []).map(({ identity }) => identity);
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    kill,
    start,
    close: kill,
  };
}

function makeToken({ room, identity, name = '', ...wishes }: TokenWishes): Promise<string> {
  const video = { room, roomJoin: true, canUpdateOwnMetadata: true };
  return sign({ sub: identity, name, video }, wishes);
}

function sign(claims: object, wishes: Pick<TokenWishes, 'expiresInSeconds' | 'isForged'> = {}) {
  const secret = wishes.isForged ? `not-${SECRET}` : SECRET;
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(KEY)
    .setExpirationTime(Math.floor(Date.now() / 1000) + (wishes.expiresInSeconds ?? 3600))
    .sign(new TextEncoder().encode(secret));
}

async function makeConfig() {
  return {
    port: await findFreeTcpPort(),
    bind_addresses: ['127.0.0.1'],
    keys: { [KEY]: SECRET },
    logging: { level: 'error' },
    rtc: {
      node_ip: '127.0.0.1',
      udp_port: await findFreeUdpPort(),
      tcp_port: 0,
      use_external_ip: false,
      enable_loopback_candidate: true,
      interfaces: { includes: ['lo'] },
      ips: { includes: ['127.0.0.1/32'] },
      stun_servers: ['127.0.0.1:3478'],
    },
  };
}

async function findFreeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function findFreeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

async function untilReady(origin: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await fetch(origin).catch(() => null))?.ok) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`Expected the LiveKit server to answer at ${origin}`);
    }
    await delay(50);
  }
}
