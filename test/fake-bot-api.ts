import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  BOT_API_PREFIX,
  MAX_CHUNK_BYTES,
  MAX_EVIDENCE_BYTES,
  botChatSchema,
  botCommandAckSchema,
  botCommandsQuerySchema,
  botGapSchema,
  botHeartbeatSchema,
  botParticipantsSchema,
  botReportSchema,
  botSourcesSchema,
  chunkHeadersSchema,
  chunkPathSchema,
  recordingPartHeadersSchema,
  evidenceNameSchema,
  soundSpansSchema,
  type BotAssignment,
  type BotChatMessage,
  type BotCommand,
  type BotCommandAck,
  type BotGap,
  type BotHeartbeat,
  type BotReport,
  type ParticipantChange,
  type SoundSpan,
  type SourceBinding,
} from '../domain/bot-api';
import { leavePolicySchema } from '../domain/leave-policy';

export interface ReceivedChunk {
  track: string;
  seq: number;
  startMs: number;
  endMs: number;
  capturedAtMs: number;
  participant: string | null;
  spans: SoundSpan[] | null;
  sha256: string;
  wav: Buffer;
  receivedAtMs: number;
}

interface Answer {
  status: number;
  json: unknown;
  bytes?: Buffer;
}

interface Refusal {
  status: number;
  code: string;
}

/** The API's side of the bot contract, in memory: validates as the real one, remembers everything. */
export class FakeBotApi {
  readonly token = 'token-of-the-attempt';
  readonly reports: BotReport[] = [];
  readonly heartbeats: BotHeartbeat[] = [];
  readonly changes: ParticipantChange[] = [];
  readonly chat: BotChatMessage[] = [];
  readonly chunks: ReceivedChunk[] = [];
  readonly recordingParts: Buffer[] = [];
  readonly recordingSpans: { startAtMs: number; endAtMs: number }[] = [];
  readonly bindings: SourceBinding[] = [];
  readonly gaps: BotGap[] = [];
  readonly acknowledgements: ({ seq: number } & BotCommandAck)[] = [];
  /** The commands that the bot said it begins with. */
  readonly begun: number[] = [];
  readonly evidence = new Map<string, Buffer>();
  /** Sounds by the id that a `speak` command names. */
  readonly speeches = new Map<string, Buffer>();
  /** Playwright's storage state; null when the identity is gone. */
  storageState: unknown = null;
  joinToken: string | null = null;
  /** Routes that are not answered while they stand here, by their first word. */
  readonly silentRoutes = new Set<string>();
  readonly requestedRoutes: string[] = [];
  /** Requests that broke the contract; a test that ends with any has found a fault. */
  readonly violations: string[] = [];
  clockOriginMs: number | null = null;
  /** When set, every request is answered with it. */
  refusal: Refusal | null = null;
  readonly refusedPaths: string[] = [];
  /** Refuses chunks only. */
  chunkRefusal: ((chunk: ReceivedChunk) => Refusal | null) | null = null;
  private readonly commands: BotCommand[] = [];
  private readonly news = new EventEmitter().setMaxListeners(0);
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => {
    void this.answer(request, response);
  });
  private isDown = false;

  constructor(private readonly assignment: Partial<BotAssignment> & { joinUrl: string }) {
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      if (this.isDown) socket.destroy();
    });
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.news.emit('news');
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Breaks every connection, open and new, until `goUp`. */
  goDown(): void {
    this.isDown = true;
    for (const socket of this.sockets) socket.destroy();
  }

  goUp(): void {
    this.isDown = false;
  }

  command(command: BotCommand['command']): void {
    this.commands.push({ seq: this.commands.length + 1, command });
    this.news.emit('news');
  }

  get states(): string[] {
    return this.reports.map((report) => report.state);
  }

  get terminalReports(): BotReport[] {
    return this.reports.filter(({ state }) => state === 'ended' || state === 'failed');
  }

  /** Resolves when `isTrue` holds after some request; rejects after `timeoutMs`. */
  async waitUntil(isTrue: (api: this) => boolean, timeoutMs = 120_000): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!isTrue(this)) {
      await once(this.news, 'news', { signal }).catch(() => {
        throw new Error(`Expected ${isTrue.toString()} within ${timeoutMs} ms`);
      });
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readBody(request);
      const { status, json, bytes } = await this.route(request, body);
      const contentType = bytes ? 'audio/wav' : 'application/json';
      response.writeHead(status, { 'content-type': contentType });
      response.end(bytes ?? JSON.stringify(json));
    } catch (error) {
      this.violations.push(`${request.method} ${request.url}: ${String(error)}`);
      response.writeHead(422, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'invalid', message: 'invalid' } }));
    }
    this.news.emit('news');
  }

  private async route(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const url = new URL(request.url ?? '/', 'http://api');
    const path = url.pathname.replace(BOT_API_PREFIX, '');
    const refusal = this.refusal;
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return refuse(401, 'unauthorized');
    if (refusal) {
      this.refusedPaths.push(path);
      return refuse(refusal.status, refusal.code);
    }
    const ok = (json: unknown) => ({ status: 200, json });
    const [, name = '', id = '', what] = path.split('/');
    this.requestedRoutes.push(name);
    this.news.emit('news');
    if (this.silentRoutes.has(name)) await this.silence();
    switch (`${request.method} ${name}`) {
      case 'GET assignment':
        return ok(this.makeAssignment());
      case 'GET time':
        return ok({ serverTimeMs: Date.now() });
      case 'POST reports':
        return ok(this.takeReport(botReportSchema.parse(JSON.parse(body.toString()))));
      case 'POST heartbeat':
        this.heartbeats.push(botHeartbeatSchema.parse(JSON.parse(body.toString())));
        return ok({});
      case 'POST participants':
        this.changes.push(...botParticipantsSchema.parse(JSON.parse(body.toString())).changes);
        return ok({});
      case 'POST chat':
        this.chat.push(botChatSchema.parse(JSON.parse(body.toString())));
        return ok({});
      case 'POST sources':
        this.bindings.push(...botSourcesSchema.parse(JSON.parse(body.toString())).bindings);
        return ok({});
      case 'POST gaps':
        this.gaps.push(botGapSchema.parse(JSON.parse(body.toString())));
        return ok({});
      case 'GET commands':
        return ok({ commands: await this.listCommands(url) });
      case 'POST commands':
        if (what === 'begin') {
          this.begun.push(Number(id));
          return ok({});
        }
        if (what !== 'ack') throw new Error('no such route');
        this.acknowledgements.push({ seq: Number(id), ...parseAck(body) });
        return ok({});
      case 'GET identity':
        return this.storageState === null
          ? refuse(404, 'not_found')
          : ok({ storageState: this.storageState });
      case 'POST join-token':
        return this.joinToken === null
          ? refuse(422, 'join_token_failed')
          : ok({ token: this.joinToken });
      case 'GET speech':
        return this.giveSpeech(id);
      case 'PUT evidence':
        if (body.length > MAX_EVIDENCE_BYTES) throw new Error('evidence is too large');
        this.evidence.set(evidenceNameSchema.parse(id), body);
        return ok({});
      case 'PUT recording':
        this.takePart(request, body);
        return ok({});
      case 'PUT chunks':
        return this.takeChunk(path, request, body);
      default:
        throw new Error('no such route');
    }
  }

  private takePart(request: IncomingMessage, body: Buffer): void {
    const headers = recordingPartHeadersSchema.parse(request.headers);
    this.recordingParts.push(body);
    this.recordingSpans.push({
      startAtMs: headers['x-part-start-at'],
      endAtMs: headers['x-part-end-at'],
    });
  }

  private silence(): Promise<never> {
    return new Promise(() => undefined);
  }

  private giveSpeech(id: string): Answer {
    const bytes = this.speeches.get(id);
    return bytes ? { status: 200, json: null, bytes } : refuse(404, 'not_found');
  }

  private makeAssignment(): BotAssignment {
    return {
      meetingId: 1,
      attempt: 1,
      platform: 'custom',
      passcode: null,
      botName: 'Notes',
      language: null,
      leavePolicy: leavePolicySchema.parse({}),
      entryMessage: null,
      isRecorded: false,
      hasIdentity: false,
      needsJoinToken: false,
      isRejoin: false,
      clockOriginMs: this.clockOriginMs,
      serverTimeMs: Date.now(),
      ...this.assignment,
    };
  }

  private takeReport(report: BotReport) {
    if (!this.reports.some(({ reportSeq }) => reportSeq === report.reportSeq)) {
      if (this.terminalReports.length > 0) this.violations.push('a report after the terminal one');
      this.reports.push(report);
      if (report.state === 'in_meeting') this.clockOriginMs ??= report.atMs;
    }
    return { clockOriginMs: this.clockOriginMs };
  }

  private async listCommands(url: URL): Promise<BotCommand[]> {
    const query = botCommandsQuerySchema.parse(Object.fromEntries(url.searchParams));
    const signal = AbortSignal.timeout(query.wait * 1000);
    const list = () => this.commands.filter(({ seq }) => seq > query.after);
    while (list().length === 0 && !signal.aborted) {
      await once(this.news, 'news', { signal }).catch(() => undefined);
    }
    return list();
  }

  private takeChunk(path: string, request: IncomingMessage, wav: Buffer): Answer {
    const [, , track, seq] = path.split('/');
    const place = chunkPathSchema.parse({ track, seq });
    const headers = chunkHeadersSchema.parse(request.headers);
    const sha256 = createHash('sha256').update(wav).digest('hex');
    if (this.clockOriginMs === null) throw new Error('a chunk before the first in_meeting');
    if (wav.length > MAX_CHUNK_BYTES || wav.toString('ascii', 0, 4) !== 'RIFF')
      throw new Error('not a WAV');
    if (sha256 !== headers['x-chunk-sha256']) throw new Error('the hash is wrong');
    const chunk: ReceivedChunk = {
      ...place,
      startMs: headers['x-chunk-start-ms'],
      endMs: headers['x-chunk-end-ms'],
      capturedAtMs: headers['x-chunk-captured-at'],
      participant: headers['x-chunk-participant'] ?? null,
      spans: readSpans(headers['x-chunk-spans']),
      sha256,
      wav,
      receivedAtMs: Date.now(),
    };
    const refusal = this.chunkRefusal?.(chunk);
    if (refusal) return refuse(refusal.status, refusal.code);
    const known = this.chunks.find((one) => one.track === place.track && one.seq === place.seq);
    if (known && known.sha256 !== sha256) return refuse(409, 'chunk_conflict');
    if (!known) this.chunks.push(chunk);
    const status = known ? 'already_accepted' : 'accepted';
    return { status: 200, json: { chunkId: this.chunks.length, status } };
  }
}

function readSpans(header: string | undefined): SoundSpan[] | null {
  return header === undefined
    ? null
    : soundSpansSchema.parse(JSON.parse(decodeURIComponent(header)));
}

function parseAck(body: Buffer): BotCommandAck {
  return botCommandAckSchema.parse(body.length > 0 ? JSON.parse(body.toString()) : {});
}

function refuse(status: number, code: string): Answer {
  return { status, json: { error: { code, message: code } } };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
