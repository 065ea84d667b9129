import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';

const EVENT_TIMEOUT_MS = 45_000;
const MEDIA_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export interface MeetingPageOptions<State extends object> {
  /** The folder beside this file that holds the page: its index.html answers every other path. */
  platform: string;
  state: State;
  /** What the platform's own server would do about an event of the page. */
  onEvent?(name: string, detail: unknown): void;
}

/** One thing said in the call, on the wall clock of this machine. */
export interface Turn {
  person: string;
  /** Which of the cast's tracks carries it. */
  track: string;
  /** The number by which the mix names this person as a contributing source. */
  source: number;
  startMs: number;
  endMs: number;
}

type FromBrowser =
  | { type: 'event'; name: string; detail: unknown }
  | { type: 'hear' }
  | { type: 'signal'; to?: string; data: unknown }
  | { type: 'timeline'; turns: Turn[] };

/** A stand-in for a platform's meeting page: a local server, driven by the test. */
export class MeetingPage<State extends object> {
  readonly #options: MeetingPageOptions<State>;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #pages = new Map<string, { socket: WebSocket; isHearing: boolean }>();
  readonly #arrivals = new EventEmitter();
  #cast: WebSocket | null = null;
  #events: { name: string; detail: unknown }[] = [];
  #turns: Turn[] = [];
  #state: State;
  #pageCount = 0;

  constructor(options: MeetingPageOptions<State>) {
    this.#options = options;
    this.#state = options.state;
    this.#arrivals.setMaxListeners(0);
  }

  async listen(): Promise<void> {
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => {
        if (request.url === '/cast-socket') this.#greetCast(accepted);
        else this.#greetPage(accepted);
      });
    });
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  /** The origin; every path below it shows the page. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get state(): Readonly<State> {
    return this.#state;
  }

  /** Changes part of the state; every open page sees it at once. */
  update(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    this.#tellPages({ type: 'state', state: this.#state });
  }

  /** A new meeting: forgets what the pages told and what was said, and silences the cast. */
  reset(state: State): void {
    this.#state = state;
    this.#events = [];
    this.#turns = [];
    this.#tellPages({ type: 'state', state });
    this.#tellPages({ type: 'timeline', turns: [] });
    this.#send(this.#cast, { type: 'reset' });
  }

  /** The detail of the next event of this name, in their order; each event is handed out once. */
  async waitForEvent(name: string): Promise<unknown> {
    const deadline = AbortSignal.timeout(EVENT_TIMEOUT_MS);
    for (;;) {
      const index = this.#events.findIndex((event) => event.name === name);
      const [found] = index < 0 ? [] : this.#events.splice(index, 1);
      if (found) return found.detail;
      await once(this.#arrivals, 'event', { signal: deadline }).catch(() => {
        const seen = this.#events.map((event) => event.name).join(', ') || 'none';
        throw new Error(`Expected the page to tell "${name}"; untaken events: ${seen}`);
      });
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = normalize(new URL(request.url ?? '/', this.url).pathname);
    const own = join(__dirname, this.#options.platform);
    const candidates = [join(own, path), join(__dirname, path), join(own, 'index.html')];
    const isFile = extname(path) in MEDIA_TYPES;
    for (const file of isFile ? candidates : candidates.slice(-1)) {
      const content = await readFile(file).catch(() => null);
      if (!content) continue;
      response.setHeader('content-type', MEDIA_TYPES[extname(file)] ?? 'text/plain');
      response.setHeader('cache-control', 'no-store');
      response.end(content);
      return;
    }
    response.writeHead(404).end();
  }

  #greetPage(socket: WebSocket): void {
    this.#pageCount += 1;
    const id = `page-${this.#pageCount}`;
    const page = { socket, isHearing: false };
    this.#pages.set(id, page);
    this.#send(socket, { type: 'state', state: this.#state });
    this.#send(socket, { type: 'timeline', turns: this.#turns });
    socket.on('message', (text: Buffer) => {
      const message = JSON.parse(text.toString()) as FromBrowser;
      if (message.type === 'event') this.#takeEvent(message.name, message.detail);
      if (message.type === 'signal') this.#send(this.#cast, { ...message, from: id });
      if (message.type === 'hear') {
        page.isHearing = true;
        this.#send(this.#cast, { type: 'hear', from: id });
      }
    });
    socket.on('close', () => {
      this.#pages.delete(id);
      this.#send(this.#cast, { type: 'gone', from: id });
    });
  }

  #greetCast(socket: WebSocket): void {
    this.#cast = socket;
    for (const [id, { isHearing }] of this.#pages) {
      if (isHearing) this.#send(socket, { type: 'hear', from: id });
    }
    socket.on('message', (text: Buffer) => {
      const message = JSON.parse(text.toString()) as FromBrowser;
      if (message.type === 'signal') this.#send(this.#pages.get(message.to ?? '')?.socket, message);
      if (message.type !== 'timeline') return;
      this.#turns = message.turns;
      this.#tellPages(message);
    });
    socket.on('close', () => {
      if (this.#cast === socket) this.#cast = null;
    });
  }

  #takeEvent(name: string, detail: unknown): void {
    this.#events.push({ name, detail });
    this.#options.onEvent?.(name, detail);
    this.#arrivals.emit('event');
  }

  #tellPages(message: object): void {
    for (const { socket } of this.#pages.values()) this.#send(socket, message);
  }

  #send(socket: WebSocket | null | undefined, message: object): void {
    if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(message));
  }
}

/** Serves a platform's stand-in page on a free port of this machine. */
export async function startMeetingPage<State extends object>(
  options: MeetingPageOptions<State>,
): Promise<MeetingPage<State>> {
  const page = new MeetingPage(options);
  await page.listen();
  return page;
}
