import { randomUUID } from 'node:crypto';
import type WebSocket from 'ws';
import type { Logger } from 'pino';
import { WS_CLOSE, type ClientFrame, type ServerFrame, type WsClose } from '../../domain/ws';
import type { ReadEvent } from '../../infra/database/events';
import { findOwnMeeting } from '../../infra/database/meeting-records';
import type { AuditWriter } from '../access/audit-writer';
import type { ApiLimits } from '../deps';
import { ApiError, RateLimitedError } from '../errors';
import type { EventReader } from '../live/live-readers';
import type { FollowEnd } from '../live/live-reader';
import type { ApiMetrics } from '../metrics';
import { requireOperation } from '../operations/all';
import type { RateLimits } from '../rate-limits/rate-limits';
import { createFloodGuard, parseFrame } from './frames';
import { identifyCaller, type Caller, type IdentifyDeps } from './identify-caller';
import type { UserSockets } from './user-sockets';

export interface ConnectionDeps extends IdentifyDeps {
  userSockets: UserSockets;
  rateLimits: Pick<RateLimits, 'countFrame'>;
  events: EventReader;
  audit: AuditWriter;
  limits: ApiLimits;
  metrics: ApiMetrics;
  logger: Logger;
}

/** Frames a client may send before the first of them is dealt with. */
const WAITING_FRAMES = 200;
const FOLLOWING = requireOperation('get /api/meetings/{id}/events');
/** Node's timers take no longer delay (2^31 - 1 ms). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** One client's socket: who it is, what it follows, and how full it is. */
export class Connection {
  /** As the audit log and ours name it. */
  private readonly id = randomUUID();
  private caller: Caller | null = null;
  private leave = (): void => undefined;
  private readonly subscriptions = new Map<number, () => void>();
  private work: Promise<void> = Promise.resolve();
  private waitingFrames = 0;
  private readonly isFlooding = createFloodGuard();
  private deadline: NodeJS.Timeout;
  private slowTimer: NodeJS.Timeout | null = null;
  private heardSincePing = true;

  constructor(
    private readonly socket: WebSocket,
    private readonly address: string,
    private readonly deps: ConnectionDeps,
  ) {
    const { authTimeoutMs } = deps.limits;
    this.deadline = setTimeout(() => this.close(WS_CLOSE.unauthorised), authTimeoutMs);
    socket.on('message', (data, isBinary) => this.enqueue(data, isBinary));
    socket.on('pong', () => (this.heardSincePing = true));
    socket.on('error', (error) => deps.logger.debug({ err: error }, 'socket error'));
    socket.on('close', () => {
      this.release();
      this.leave();
    });
  }

  /** Whom it speaks for; null before it has shown anything. */
  get speaksFor(): Caller | null {
    return this.caller;
  }

  /** Drops a socket that has not answered since the last ping; pings the others. */
  ping(): void {
    if (!this.heardSincePing) {
      this.socket.terminate();
      return;
    }
    this.heardSincePing = false;
    this.socket.ping();
    if (this.caller) this.send({ type: 'ping' });
  }

  close({ code, reason }: WsClose): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.deps.metrics.socketCloses.inc({ code });
    this.socket.close(code, reason);
    this.release();
  }

  private release(): void {
    clearTimeout(this.deadline);
    if (this.slowTimer) clearTimeout(this.slowTimer);
    for (const stop of this.subscriptions.values()) stop();
    this.subscriptions.clear();
  }

  /** Frames are dealt with one after the other, in the order they came. */
  private enqueue(data: WebSocket.RawData, isBinary: boolean): void {
    this.heardSincePing = true;
    const frame = isBinary ? null : parseFrame(data);
    if (!frame || this.waitingFrames >= WAITING_FRAMES || this.isFlooding()) {
      this.close(WS_CLOSE.badFrame);
      return;
    }
    this.waitingFrames += 1;
    this.work = this.work
      .then(() => this.handle(frame))
      .catch((error: unknown) => this.complain(error, frame))
      .finally(() => (this.waitingFrames -= 1));
  }

  private async handle(frame: ClientFrame): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (frame.type === 'auth') return this.authenticate(frame.token);
    if (!this.caller) return this.close(WS_CLOSE.unauthorised);
    switch (frame.type) {
      case 'subscribe':
        return this.subscribe(this.caller, frame);
      case 'unsubscribe':
        this.unsubscribe(frame.meetingId, 'asked');
        return;
      case 'ping':
        this.send({ type: 'pong' });
        return;
      case 'pong':
        return;
    }
  }

  private async authenticate(token: string): Promise<void> {
    const caller = await identifyCaller(this.deps, { token, address: this.address });
    if ('code' in caller) return this.close(caller);
    if (this.caller && this.caller.userId !== caller.userId) {
      return this.close(WS_CLOSE.unauthorised);
    }
    if (!(await this.admit(caller))) return this.close(WS_CLOSE.tooMany);
    if (this.socket.readyState !== this.socket.OPEN) return this.leave();
    this.caller = caller;
    clearTimeout(this.deadline);
    const { expiresAtMs } = caller;
    const lifetimeMs = (expiresAtMs ?? Infinity) - Date.now();
    const expired = caller.keyId === null ? WS_CLOSE.unauthorised : WS_CLOSE.revoked;
    // A later end than timers know is looked for by the watch over keys.
    if (lifetimeMs <= LONGEST_TIMER_MS) {
      this.deadline = setTimeout(() => this.close(expired), Math.max(lifetimeMs, 0));
    }
    const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
    this.send({ type: 'ready', expiresAt });
  }

  /** Counts the sign-in as a request and, when it is the first, the socket as one of its user's. */
  private async admit({ userId }: Caller): Promise<boolean> {
    try {
      await this.deps.rateLimits.countFrame(userId);
    } catch (error) {
      if (error instanceof RateLimitedError) return false;
      throw error;
    }
    if (this.caller) return true;
    const leave = await this.deps.userSockets.enter(userId);
    if (leave) this.leave = leave;
    return leave !== null;
  }

  private async subscribe(
    caller: Caller,
    { meetingId, after }: { meetingId: number; after: number },
  ): Promise<void> {
    await this.deps.rateLimits.countFrame(caller.userId);
    const isNew = !this.subscriptions.has(meetingId);
    const { subscriptionsPerSocket } = this.deps.limits;
    if (isNew && this.subscriptions.size >= subscriptionsPerSocket) {
      const message = `Expected at most ${subscriptionsPerSocket} meetings per socket`;
      return this.send({
        type: 'error',
        error: { code: 'too_many_subscriptions', message },
        meetingId,
      });
    }
    if (!(await this.findMeeting(caller, meetingId))) {
      const message = `Expected a meeting of yours, got ${meetingId}`;
      return this.send({ type: 'error', error: { code: 'meeting_not_found', message }, meetingId });
    }
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.subscriptions.get(meetingId)?.();
    this.send({ type: 'subscribed', meetingId, after });
    const stop = this.deps.events.follow({
      key: meetingId,
      meetingId,
      after,
      isReady: () => !this.isFull(),
      take: (event) => this.sendEvent(event),
      end: (reason) => this.endFollowing(meetingId, reason),
    });
    this.subscriptions.set(meetingId, stop);
  }

  /** Whether it is the caller's own, which the audit log is told either way. */
  private async findMeeting({ userId, actor }: Caller, meetingId: number): Promise<boolean> {
    const { audit, database } = this.deps;
    const about = { userId, meetingId };
    const from = { address: this.address, requestId: this.id };
    const settle = await audit.begin(FOLLOWING, { actor, ...about, ...from });
    const isOwn = (await findOwnMeeting(database, about)) !== null;
    await settle({ status: isOwn ? 200 : 404, ...about });
    return isOwn;
  }

  private endFollowing(meetingId: number, reason: FollowEnd): void {
    if (reason === 'meeting_deleted') this.unsubscribe(meetingId, reason);
    else this.close(WS_CLOSE.shuttingDown);
  }

  private unsubscribe(meetingId: number, reason: 'asked' | 'meeting_deleted'): void {
    this.subscriptions.get(meetingId)?.();
    this.subscriptions.delete(meetingId);
    this.send({ type: 'unsubscribed', meetingId, reason });
  }

  private isFull(): boolean {
    return this.socket.bufferedAmount > this.deps.limits.socketBufferBytes;
  }

  private sendEvent({ meetingId, seq, at, event }: ReadEvent): boolean {
    if (this.isFull()) {
      this.slowTimer ??= setTimeout(
        () => this.close(WS_CLOSE.tooSlow),
        this.deps.limits.slowReaderMs,
      );
      return false;
    }
    const frame: ServerFrame = { type: 'event', meetingId, seq, at, event };
    this.socket.send(JSON.stringify(frame), () => this.resume());
    this.deps.metrics.eventsSent.inc();
    return true;
  }

  /** The client took something: once there is room again, it gets what waits for it. */
  private resume(): void {
    if (!this.slowTimer || this.isFull()) return;
    clearTimeout(this.slowTimer);
    this.slowTimer = null;
    for (const meetingId of this.subscriptions.keys()) this.deps.events.wake(meetingId);
  }

  private send(frame: ServerFrame): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  private complain(error: unknown, frame: ClientFrame): void {
    const known = error instanceof ApiError ? error : null;
    if (!known) {
      const { id: requestId } = this;
      this.deps.logger.warn({ requestId, err: error, frame: frame.type }, 'frame not carried out');
    }
    this.send({
      type: 'error',
      error: {
        code: known?.code ?? 'unavailable',
        message: known?.message ?? 'That did not work right now; try again',
      },
      ...('meetingId' in frame ? { meetingId: frame.meetingId } : {}),
    });
  }
}
