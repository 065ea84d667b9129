import type { MeetingEvent } from '../../../domain/events';
import type { ServerFrame } from '../../../domain/ws';
import { take, type Api } from '@/api/client';
import { ApiProblem } from '@/api/problems';
import { goToSignIn, type Session } from '@/api/session';
import { FIRST_EVENTS } from '../keys';

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
  /** All that had happened before is there. */
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
/** As many as the API gives at once. */
const LONGEST_PAGE = 1_000;
const LONGEST_WAIT_SECONDS = 25;

const UNAUTHORISED = 4401;

/**
 * Follows a meeting from a place on its cursor: what is there by requests, a page of events each,
 * what comes over `/ws`, and where no socket gets through by long polls. Each goes on from the last
 * seq, so that nothing is missed or comes twice.
 */
export function followMeeting(options: FollowOptions): () => void {
  const abort = new AbortController();
  void run(options, abort.signal);
  return () => abort.abort();
}

async function run(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let sockets = 0;
  while (!signal.aborted) {
    const end = await followOnce(options, signal);
    if (signal.aborted) return;
    if (end === 'deleted') return options.onDeleted();
    if (end === 'unauthorised') {
      options.session.forgetToken();
      if (failures > 0) return goToSignIn();
    }
    failures = end === 'ended' ? 0 : failures + 1;
    sockets = end === 'failed' ? sockets + 1 : 0;
    if (sockets >= SOCKETS_BEFORE_POLLING) {
      await followByRequests(options, AbortSignal.any([signal, AbortSignal.timeout(POLLING_MS)]));
      continue;
    }
    options.onState(failures === 0 ? 'connecting' : 'lost');
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS), signal);
  }
}

type End = SocketEnd | 'unreachable' | 'deleted';

async function followOnce(options: FollowOptions, signal: AbortSignal): Promise<End> {
  try {
    let limit = options.readAfter() === 0 ? FIRST_EVENTS : LONGEST_PAGE;
    while (await readPage(options, { limit, wait: 0, signal })) limit = LONGEST_PAGE;
  } catch (error) {
    return isGone(error) ? 'deleted' : 'unreachable';
  }
  return followBySocket(options, signal);
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
      resolve(code === UNAUTHORISED ? 'unauthorised' : end);
    };
    watch();
  });
}

async function followByRequests(options: FollowOptions, signal: AbortSignal): Promise<void> {
  let wait = 0;
  while (!signal.aborted) {
    try {
      const hasMore = await readPage(options, { limit: LONGEST_PAGE, wait, signal });
      options.onState('polling');
      wait = hasMore ? 0 : LONGEST_WAIT_SECONDS;
    } catch (error) {
      // what is read before the next socket finds out that it is gone
      if (signal.aborted || isGone(error)) return;
      options.onState('lost');
      await pause(LONGEST_PAUSE_MS, signal);
    }
  }
}

interface PageQuery {
  limit: number;
  /** Seconds to wait for an event where there is none. */
  wait: number;
  signal: AbortSignal;
}

/** The next events; says whether there are more. */
async function readPage(options: FollowOptions, { signal, ...query }: PageQuery): Promise<boolean> {
  const { api, meetingId, readAfter } = options;
  const params = { path: { id: meetingId }, query: { ...query, after: readAfter() } };
  const page = take(await api.client.GET('/api/meetings/{id}/events', { params, signal }));
  options.onEvents(page.events as MeetingEvent[]);
  if (!page.hasMore) options.onCaughtUp();
  return page.hasMore;
}

function isGone(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 404;
}

/** Events of one moment together, so that the page is drawn once for them. */
class Batch {
  private events: MeetingEvent[] = [];
  private frame: number | null = null;

  constructor(private readonly options: FollowOptions) {}

  add(event: MeetingEvent): void {
    this.events.push(event);
    this.frame ??= requestAnimationFrame(() => this.flush());
  }

  flush(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    const { events } = this;
    this.events = [];
    if (events.length > 0) this.options.onEvents(events);
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
