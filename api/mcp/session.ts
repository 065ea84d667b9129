import type { UserPrincipal } from '../auth/principals';
import type { ApiLimits } from '../deps';
import { ApiError } from '../errors';

/** Where a session's notices go: one open stream. */
export interface McpStream {
  /** Tells the client that a resource has changed. */
  notify(uri: string): void;
  end(): void;
}

/** Changes that come within this time are one notice. */
const GATHER_MS = 100;

/** One client's subscriptions, and the stream on which it hears of them. */
export class McpSession {
  readonly userId: number;
  /** The API key it belongs to; null for a person's session. */
  readonly keyId: number | null;
  private usedAtMs = Date.now();
  private stream: McpStream | null = null;
  private streamTimer: NodeJS.Timeout | null = null;
  private readonly subscriptions = new Map<string, () => void>();
  /** What changed since the stream was opened: the next one tells it again, it may be lost. */
  private readonly changed = new Set<string>();
  private readonly untold = new Set<string>();
  private tellTimer: NodeJS.Timeout | null = null;
  private isEnded = false;

  constructor(
    readonly id: string,
    private readonly principal: UserPrincipal,
    private readonly limits: ApiLimits,
  ) {
    this.userId = principal.userId;
    this.keyId = principal.via === 'api_key' ? Number(principal.actorId) : null;
  }

  /** Never another's: not another user's, nor another key's of the same user. */
  isOf({ via, actorId, userId }: UserPrincipal): boolean {
    const own = this.principal;
    return own.via === via && own.actorId === actorId && own.userId === userId;
  }

  touch(): void {
    this.usedAtMs = Date.now();
  }

  /** How long nobody has used it; an open stream is use. */
  get idleMs(): number {
    return this.stream ? 0 : Date.now() - this.usedAtMs;
  }

  /** Takes a new stream; one that was open is replaced, for its client may not know it is dead. */
  attach(stream: McpStream): void {
    this.detach(this.stream);
    this.stream = stream;
    this.streamTimer = setTimeout(() => this.detach(stream), this.limits.mcpStreamMs);
    for (const uri of this.changed) this.untold.add(uri);
    this.changed.clear();
    this.tell();
  }

  /** Ends a stream, unless another has taken its place. */
  detach(stream: McpStream | null): void {
    if (stream === null || this.stream !== stream) return;
    if (this.streamTimer) clearTimeout(this.streamTimer);
    this.stream = null;
    this.touch();
    stream.end();
  }

  /** Notes that the resource is followed; `follow` returns how to stop. */
  subscribe(uri: string, follow: () => () => void): void {
    if (this.isEnded || this.subscriptions.has(uri)) return;
    const { subscriptionsPerSocket } = this.limits;
    if (this.subscriptions.size >= subscriptionsPerSocket) {
      const message = `Expected at most ${subscriptionsPerSocket} subscriptions per session`;
      throw new ApiError('invalid_request', message);
    }
    this.subscriptions.set(uri, follow());
  }

  unsubscribe(uri: string): void {
    this.subscriptions.get(uri)?.();
    this.subscriptions.delete(uri);
    this.changed.delete(uri);
    this.untold.delete(uri);
  }

  /** A followed resource has changed. */
  notice(uri: string): void {
    this.untold.add(uri);
    this.tellTimer ??= setTimeout(() => this.tell(), GATHER_MS);
  }

  end(): void {
    this.isEnded = true;
    if (this.tellTimer) clearTimeout(this.tellTimer);
    for (const uri of [...this.subscriptions.keys()]) this.unsubscribe(uri);
    this.detach(this.stream);
  }

  private tell(): void {
    if (this.tellTimer) clearTimeout(this.tellTimer);
    this.tellTimer = null;
    for (const uri of this.untold) {
      this.changed.add(uri);
      this.stream?.notify(uri);
    }
    this.untold.clear();
  }
}
