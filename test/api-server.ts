import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { importPKCS8, SignJWT } from 'jose';
import pino from 'pino';
import supertest from 'supertest';
import WebSocket from 'ws';
import { createServer, type ApiServer } from '../api/create-server';
import type { ApiDeps, ApiLimits } from '../api/deps';
import { serverFrameSchema, type ServerFrame } from '../domain/ws';
import { mintBotToken } from '../infra/bot-token';
import { readApiConfig } from '../infra/config';
import type { Attempt } from '../infra/database/attempts';
import { createDatabase, type Database } from '../infra/database/client';
import {
  createFakeCarriers,
  createFakeMeetingClient,
  createMemoryAudioStore,
  createMemoryDoorbell,
  type FakeMeetingClient,
  type MemoryAudioStore,
  type MemoryDoorbell,
} from './factories';
import { openTestDatabase } from './records';
import { openTcpProxy, type TcpProxy } from './tcp-proxy';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
/** Verifies the tokens of `makeSessionToken`; everybody may know it. */
export const SESSION_PUBLIC_KEY = keys.publicKey;
const BOT_TOKEN_SECRET = 'a secret of the tests that is long enough';
export const PRACTICE_ROOM = 'http://127.0.0.1:8004';
export const WEB_ORIGIN = 'http://web.example';
const CLERK_HOST = 'clerk.example.com';

const CLERK_SETTINGS = {
  AUTH_MODE: 'clerk',
  CLERK_PUBLISHABLE_KEY: `pk_live_${Buffer.from(`${CLERK_HOST}$`).toString('base64')}`,
  CLERK_AUTHORIZED_PARTIES: WEB_ORIGIN,
};
/** Whole test files are one user at one address within a minute. */
const NO_RATE_LIMITS = Object.fromEntries(
  ['ADDRESS', 'FAILED_SIGN_INS', 'USER', 'COSTLY', 'ADMIN', 'SHARE', 'BOT'].map((name) => [
    `RATE_LIMIT_${name}`,
    '1000000',
  ]),
);
const LOCAL_SETTINGS = { AUTH_MODE: 'local', LOCAL_AUTH_PRIVATE_KEY: keys.privateKey };

export interface TestApiOptions {
  authMode?: 'clerk' | 'local';
  limits?: Partial<ApiLimits>;
  /** A real doorbell instead of the one in memory. */
  doorbell?: ApiDeps['doorbell'];
  /** Settings besides the usual. */
  settings?: Record<string, string>;
  speech?: ApiDeps['speech'];
  /** Instead of one that says nothing. */
  logger?: ApiDeps['logger'];
  rateCounters?: ApiDeps['rateCounters'];
  /** Temporal's Schedules, instead of ones that are only counted. */
  carriers?: ApiDeps['carriers'];
  /** Another server's database, which that one keeps and drops. */
  databaseUrl?: string;
}

export interface TestApi {
  /** The test's own way to the database; the server has one that can be cut. */
  db: Database;
  databaseUrl: string;
  postgres: TcpProxy;
  server: ApiServer;
  url: string;
  audio: MemoryAudioStore;
  bell: MemoryDoorbell;
  temporal: FakeMeetingClient;
  http: ReturnType<typeof supertest>;
  close(): Promise<void>;
}

/** The real server on a free port with a database of its own; only the edges are fakes. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const { db, url: databaseUrl, close } = await openDatabase(options.databaseUrl);
  const postgres = await openTcpProxy(databaseUrl);
  const serverDatabase = createDatabase({ url: postgres.url, maxConnections: 20 });
  const audio = createMemoryAudioStore();
  const bell = createMemoryDoorbell();
  const temporal = createFakeMeetingClient(db);
  const server = createServer({
    config: readApiConfig({
      DATABASE_URL: databaseUrl,
      REDIS_URL: 'redis://127.0.0.1:1',
      BOT_TOKEN_SECRET,
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      PRACTICE_ROOM_URL: PRACTICE_ROOM,
      AUDIO_DIR: '/nowhere',
      CLERK_JWT_KEY: keys.publicKey,
      ...(options.authMode === 'local' ? LOCAL_SETTINGS : CLERK_SETTINGS),
      ...NO_RATE_LIMITS,
      ...options.settings,
    }),
    database: serverDatabase,
    doorbell: options.doorbell ?? bell,
    audioStore: audio,
    meetingClient: temporal,
    carriers: options.carriers ?? createFakeCarriers(temporal),
    speech: options.speech ?? null,
    rateCounters: options.rateCounters ?? null,
    logger: options.logger ?? pino({ level: 'silent' }),
    ...(options.limits ? { limits: options.limits } : {}),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    db,
    databaseUrl,
    postgres,
    server,
    url,
    audio,
    bell,
    temporal,
    http: supertest(server),
    async close() {
      await server.drain(1_000);
      await serverDatabase.close();
      await postgres.close();
      await close();
    },
  };
}

async function openDatabase(
  url: string | undefined,
): Promise<{ db: Database; url: string; close(): Promise<void> }> {
  if (url === undefined) return openTestDatabase();
  const db = createDatabase({ url });
  return { db, url, close: () => db.close() };
}

export interface TokenOptions {
  sub?: string;
  lifetimeSeconds?: number;
  azp?: string;
  issuer?: string;
  /** The header's type, `JWT` for sessions. */
  typ?: string;
  /** What the token says besides. */
  claims?: Record<string, unknown>;
}

/** A session token of Clerk's shape that the test server's key signed. */
export async function makeSessionToken(options: TokenOptions = {}): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ azp: options.azp ?? WEB_ORIGIN, sid: 'sess_test', ...options.claims })
    .setProtectedHeader({ alg: 'RS256', typ: options.typ ?? 'JWT', kid: 'test' })
    .setSubject(options.sub ?? `user_${randomUUID()}`)
    .setIssuer(options.issuer ?? `https://${CLERK_HOST}`)
    .setIssuedAt(nowSeconds - 120)
    .setNotBefore(nowSeconds - 120)
    .setExpirationTime(nowSeconds + (options.lifetimeSeconds ?? 600))
    .sign(await importPKCS8(keys.privateKey, 'RS256'));
}

/** The bearer token of an attempt's bot. */
export async function makeBotToken(attempt: Attempt, lifetimeMs = 600_000): Promise<string> {
  const { meetingId, launchId } = attempt;
  return mintBotToken(
    { meetingId, attempt: attempt.attempt, launchId, lifetimeMs },
    BOT_TOKEN_SECRET,
  );
}

/** The headers of a chunk of one second at `seq` seconds. */
export function makeChunkHeaders(
  body: Buffer,
  overrides: Record<string, string> = {},
): Record<string, string> {
  return {
    'content-type': 'audio/wav',
    'x-chunk-start-ms': '1000',
    'x-chunk-end-ms': '2000',
    'x-chunk-captured-at': String(Date.now() - 1_000),
    'x-chunk-sha256': createHash('sha256').update(body).digest('hex'),
    'x-chunk-participant': 'maya',
    ...overrides,
  };
}

/** A WebSocket client that keeps every frame and waits for what it is told to. */
export class TestSocket {
  readonly frames: ServerFrame[] = [];
  readonly socket: WebSocket;
  private wake = (): void => undefined;
  closed: { code: number; reason: string } | null = null;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, { headers });
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(serverFrameSchema.parse(JSON.parse(data.toString())));
      this.wake();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    this.socket.on('error', () => this.wake());
  }

  /** Opens a socket and signs in. */
  static async open(url: string, token: string): Promise<TestSocket> {
    const client = new TestSocket(url);
    await once(client.socket, 'open');
    client.send({ type: 'auth', token });
    await client.waitFor((frame) => frame.type === 'ready');
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  get events() {
    return this.frames.filter((frame) => frame.type === 'event');
  }

  async waitFor(isWanted: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    for (;;) {
      const found = this.frames.find(isWanted);
      if (found) return found;
      if (this.closed) throw new Error(`Expected a frame, got the end: ${this.closed.code}`);
      await this.nextChange();
    }
  }

  async waitForEvents(count: number): Promise<void> {
    while (this.events.length < count && !this.closed) await this.nextChange();
  }

  async waitForClose(): Promise<number> {
    while (!this.closed) await this.nextChange();
    return this.closed.code;
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
