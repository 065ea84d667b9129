import type { MeetingEvent } from '../../../domain/events';
import type { ServerFrame } from '../../../domain/ws';
import { take, type Api } from '@/api/client';
import { goToSignIn, type Session } from '@/api/session';

/** How the events reach the page right now. */
export type FollowState = 'connecting' | 'live' | 'polling' | 'lost';

export interface FollowOptions {
  api: Api;
  session: Session;
  meetingId: number;
  /** The last seq that is known already. */
  readAfter: () => number;
  onEvents: (events: MeetingEvent[]) => void;
  onState: (state: FollowState) => void;
  /** Everything that had happened before the page was opened is there. */
  onCaughtUp: () => void;
  onDeleted: () => void;
}

/** After so many sockets in a row that never got ready, requests take over. */
const SOCKETS_BEFORE_POLLING = 3;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5_000;
/** While requests do the work, a socket is tried again after this time. */
const POLLING_MS = 30_000;
/** The server gives a sign of life more often than this. */
const SILENCE_MS = 70_000;
/** During a replay the page is drawn this often after the first words. */
const REPLAY_DRAW_MS = 200;
/** A replay that pauses this long has brought all there was. */
const QUIET_MS = 250;
const LONGEST_WAIT_SECONDS = 25;

const UNAUTHORISED = 4401;

/**
 * Follows a meeting from a place on its cursor: over `/ws`, and where no socket gets through by
 * long polls. Each connection goes on from the last seq, so that nothing is missed or comes twice.
 */
export function followMeeting(options: FollowOptions): () => void {
  const abort = new AbortController();
  void run(options, abort.signal);
  return () => abort.abort();
}

async function run(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const end = await followBySocket(options, signal);
    if (signal.aborted || end === 'deleted') return;
    if (end === 'unauthorised') {
      options.session.forgetToken();
      if (failures > 0) return goToSignIn();
    }
    failures = end === 'ended' ? 0 : failures + 1;
    if (failures >= SOCKETS_BEFORE_POLLING) {
      await followByRequests(options, AbortSignal.any([signal, AbortSignal.timeout(POLLING_MS)]));
      continue;
    }
    options.onState(failures === 0 ? 'connecting' : 'lost');
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS), signal);
  }
}

type SocketEnd = 'ended' | 'failed' | 'unauthorised' | 'deleted';

async function followBySocket(options: FollowOptions, signal: AbortSignal): Promise<SocketEnd> {
  const token = await options.session.getToken().catch(() => null);
  if (token === null || signal.aborted) return 'failed';
  return new Promise((resolve) => {
    const socket = new WebSocket(options.api.socketUrl());
    const batch = new Batch(options);
    const timers = new Timers();
    let end: SocketEnd = 'failed';
    const send = (frame: object): void => socket.send(JSON.stringify(frame));
    const stop = (): void => socket.close();
    const watch = (): void => timers.set('silence', SILENCE_MS, stop);
    const renew = (expiresAt: string | null): void => {
      if (expiresAt === null) return;
      const leftMs = Date.parse(expiresAt) - Date.now();
      // far from the end for a long one, halfway for one of a minute
      timers.set('renew', Math.max(1_000, leftMs - Math.min(60_000, leftMs / 2)), () => {
        options.session.forgetToken();
        void options.session
          .getToken()
          .then(
            (next) => socket.readyState === WebSocket.OPEN && send({ type: 'auth', token: next }),
            stop,
          );
      });
    };
    signal.addEventListener('abort', stop);
    socket.onopen = () => send({ type: 'auth', token });
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      watch();
      const frame = JSON.parse(data) as ServerFrame;
      switch (frame.type) {
        case 'ready':
          if (end === 'failed') {
            const after = options.readAfter();
            send({ type: 'subscribe', meetingId: options.meetingId, after });
          }
          end = 'ended';
          renew(frame.expiresAt);
          break;
        case 'subscribed':
          options.onState('live');
          batch.wait();
          break;
        case 'event':
          batch.add(frame);
          break;
        case 'ping':
          send({ type: 'pong' });
          break;
        case 'unsubscribed':
          if (frame.reason === 'meeting_deleted') end = 'deleted';
          stop();
          break;
        case 'error':
          stop();
          break;
        case 'pong':
          break;
      }
    };
    socket.onclose = ({ code }) => {
      signal.removeEventListener('abort', stop);
      timers.clear();
      batch.flush();
      if (end === 'deleted') options.onDeleted();
      resolve(code === UNAUTHORISED ? 'unauthorised' : end);
    };
    watch();
  });
}

async function followByRequests(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { api, meetingId } = options;
  let wait = 0;
  while (!signal.aborted) {
    try {
      const params = {
        path: { id: meetingId },
        query: { after: options.readAfter(), wait, limit: 1_000 },
      };
      const page = take(await api.client.GET('/api/meetings/{id}/events', { params, signal }));
      options.onState('polling');
      options.onEvents(page.events as MeetingEvent[]);
      if (!page.hasMore) options.onCaughtUp();
      wait = page.hasMore ? 0 : LONGEST_WAIT_SECONDS;
    } catch {
      if (signal.aborted) return;
      options.onState('lost');
      await pause(LONGEST_PAUSE_MS, signal);
    }
  }
}

/** Events of one moment together, so that a replay of thousands draws the page a few times. */
class Batch {
  private events: MeetingEvent[] = [];
  private cancel: (() => void) | null = null;
  private quiet: ReturnType<typeof setTimeout> | null = null;
  private isCaughtUp = false;
  private drawnAtMs = 0;

  constructor(private readonly options: FollowOptions) {}

  add(event: MeetingEvent): void {
    this.events.push(event);
    this.cancel ??= this.plan();
    if (!this.isCaughtUp) this.wait();
  }

  /** Until nothing has come for a while. */
  wait(): void {
    if (this.quiet !== null) clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.isCaughtUp = true;
      this.flush();
      this.options.onCaughtUp();
    }, QUIET_MS);
  }

  flush(): void {
    this.cancel?.();
    this.cancel = null;
    const { events } = this;
    this.events = [];
    this.drawnAtMs = performance.now();
    if (events.length > 0) this.options.onEvents(events);
  }

  private plan(): () => void {
    const draw = (): void => this.flush();
    if (this.isCaughtUp || performance.now() - this.drawnAtMs > REPLAY_DRAW_MS) {
      const frame = requestAnimationFrame(draw);
      return () => cancelAnimationFrame(frame);
    }
    const timer = setTimeout(draw, REPLAY_DRAW_MS);
    return () => clearTimeout(timer);
  }
}

class Timers {
  private readonly running = new Map<string, ReturnType<typeof setTimeout>>();

  set(name: string, ms: number, action: () => void): void {
    clearTimeout(this.running.get(name));
    this.running.set(name, setTimeout(action, ms));
  }

  clear(): void {
    for (const timer of this.running.values()) clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
