import { randomInt } from 'node:crypto';
import net from 'node:net';
import { UserError } from './user-error';

/** Every port of the stack: who listens, which setting changes it, and its default. */
export const PORTS = {
  web: { owner: 'the web page', setting: 'WEB_PORT', default: 3000 },
  api: { owner: 'the API', setting: 'API_PORT', default: 8000 },
  workerMetrics: { owner: 'the workers', setting: 'WORKER_METRICS_PORT', default: 8001 },
  practiceRoom: { owner: 'the practice room', setting: 'PRACTICE_ROOM_PORT', default: 8004 },
  whisper: { owner: 'Whisper', setting: 'WHISPER_PORT', default: 8005 },
  postgres: { owner: 'PostgreSQL', setting: 'POSTGRES_PORT', default: 5433 },
  redis: { owner: 'Redis', setting: 'REDIS_PORT', default: 6380 },
  temporal: { owner: 'Temporal', setting: 'TEMPORAL_PORT', default: 7233 },
  temporalUi: { owner: 'the Temporal Web UI', setting: 'TEMPORAL_UI_PORT', default: 8233 },
} as const;
export type PortName = keyof typeof PORTS;
export type Ports = Record<PortName, number>;

const PORT_NAMES = Object.keys(PORTS) as PortName[];

/** Reads the ports from settings. */
export function readPorts(env: Record<string, string | undefined>): Ports {
  const ports = {} as Ports;
  for (const name of PORT_NAMES) {
    const text = env[PORTS[name].setting]?.trim() || String(PORTS[name].default);
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new UserError(
        `Expected ${PORTS[name].setting} to be a port from 1 to 65535, got ${text}.`,
      );
    }
    ports[name] = port;
  }
  return ports;
}

/** Takes the port for a moment; resolves to the number, or undefined when it is taken. */
function tryPort(
  port: number,
): Promise<{ port: number; release: () => Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      resolve({
        port: (server.address() as net.AddressInfo).port,
        release: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}

/**
 * From here to there no operating system takes a port of its own accord, for a connection or for a
 * listener without a wish (Linux begins at 32768, others at 49152): a port found free stays free.
 */
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;
const MAX_TRIES = 200;

/** Holds a free one; several processes that look at once look in different places. */
async function holdFreePort(): Promise<{ port: number; release: () => Promise<void> }> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const hold = await tryPort(randomInt(FIRST_PORT, LAST_PORT));
    if (hold) return hold;
  }
  throw new UserError(
    `No port from ${FIRST_PORT} to ${LAST_PORT} of this machine is free: stop programs that hold them.`,
  );
}

/** A port that is free now. */
export async function findFreePort(): Promise<number> {
  const { port, release } = await holdFreePort();
  await release();
  return port;
}

/** Ports that are free now, all different. */
export async function findFreePorts(): Promise<Ports> {
  const held = await Promise.all(PORT_NAMES.map(holdFreePort));
  await Promise.all(held.map(({ release }) => release()));
  return Object.fromEntries(PORT_NAMES.map((name, i) => [name, held[i]?.port])) as Ports;
}

/** Throws one sentence that names the port and its setting when it is taken. */
export async function assertPortFree(name: PortName, port: number): Promise<void> {
  const hold = await tryPort(port);
  if (hold) return hold.release();
  throw new UserError(
    `Port ${port} of ${PORTS[name].owner} is taken by another program: stop that one, or choose another port with ${PORTS[name].setting}=… in .env.`,
  );
}
