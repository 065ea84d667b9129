import { setTimeout as delay } from 'node:timers/promises';
import { createMeetingsClient, type Schemas } from 'meetings-client';
import WebSocket from 'ws';
import { z } from 'zod';
import { meetingEventSchema, type MeetingEvent } from '../../domain/events';

export type DemoMeeting = Schemas['Meeting'];

const frameSchema = z.discriminatedUnion('type', [
  meetingEventSchema.extend({ type: z.literal('event'), meetingId: z.int() }),
  z.object({ type: z.enum(['ready', 'ping', 'subscribed', 'unsubscribed']) }),
  z.object({
    type: z.literal('error'),
    error: z.object({ message: z.string() }),
  }),
]);

/** Longer than any read waits. */
const REQUEST_TIMEOUT_MS = 40_000;

/** A program that uses the public API as any user's program would. */
export class DemoApiClient {
  private token = '';
  private readonly client;

  constructor(readonly apiUrl: string) {
    this.client = createMeetingsClient({
      baseUrl: apiUrl,
      token: () => this.token,
      fetch: (request) => fetch(request, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }),
    });
  }

  /** Goes on as whoever this session's token belongs to. */
  use(token: string): void {
    this.token = token;
  }

  /** Signs in by the local form, as a person of this e-mail address; returns the session's token. */
  async signIn(email: string): Promise<string> {
    const session = take(await this.client.POST('/api/local/sign-in', { body: { email } }));
    this.token = session.token;
    return this.token;
  }

  async createMeeting(meeting: {
    title: string;
    meetingUrl: string;
    recording: boolean;
  }): Promise<DemoMeeting> {
    return take(await this.client.POST('/api/meetings', { body: meeting }));
  }

  async startBot(meetingId: number): Promise<Schemas['CommandAnswer']> {
    const params = { path: { id: meetingId } };
    return take(await this.client.POST('/api/meetings/{id}/start-bot', { params }));
  }

  async stopBot(meetingId: number): Promise<void> {
    const params = { path: { id: meetingId } };
    take(await this.client.POST('/api/meetings/{id}/stop-bot', { params }));
  }

  async readMeeting(meetingId: number): Promise<DemoMeeting> {
    const params = { path: { id: meetingId } };
    return take(await this.client.GET('/api/meetings/{id}', { params }));
  }

  async readAnalysis(meetingId: number): Promise<Schemas['Analysis']> {
    const params = { path: { id: meetingId } };
    return take(await this.client.GET('/api/meetings/{id}/analysis', { params }));
  }

  /** The assembled file, once the meeting says that it is ready. */
  async readRecording(meetingId: number): Promise<Buffer> {
    const options = { params: { path: { id: meetingId } }, parseAs: 'arrayBuffer' } as const;
    return Buffer.from(take(await this.client.GET('/api/meetings/{id}/recording', options)));
  }

  /**
   * Follows a meeting over the WebSocket from its first event on, and again from the last seq after
   * a lost connection, until `signal` ends it.
   */
  async *follow(meetingId: number, signal: AbortSignal): AsyncGenerator<MeetingEvent> {
    let after = 0;
    while (!signal.aborted) {
      for await (const event of this.followOnce({ meetingId, after }, signal)) {
        after = event.seq;
        yield event;
      }
      await delay(200, undefined, { signal }).catch(() => undefined);
    }
  }

  private async *followOnce(
    position: { meetingId: number; after: number },
    signal: AbortSignal,
  ): AsyncGenerator<MeetingEvent> {
    const socket = new WebSocket(`${this.apiUrl.replace(/^http/, 'ws')}/ws`);
    const arrived: MeetingEvent[] = [];
    let wake = (): void => undefined;
    let open = true;
    const end = (): void => {
      open = false;
      wake();
    };
    const abort = (): void => socket.terminate();
    signal.addEventListener('abort', abort);
    socket.on('close', end);
    socket.on('error', end);
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'auth', token: this.token }));
      socket.send(JSON.stringify({ type: 'subscribe', ...position }));
    });
    socket.on('message', (data: Buffer) => {
      const frame = frameSchema.parse(JSON.parse(data.toString()));
      if (frame.type === 'event') arrived.push(frame);
      wake();
    });
    try {
      while (open || arrived.length > 0) {
        const event = arrived.shift();
        if (event) yield event;
        else if (open) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', abort);
      socket.terminate();
    }
  }
}

/** What came, or the refusal as an error. */
function take<Data>({
  data,
  error,
  response,
}: {
  data?: Data;
  error?: Schemas['Error'];
  response: Response;
}): Data {
  if (data !== undefined) return data;
  const { pathname } = new URL(response.url);
  throw new Error(
    `Expected ${pathname} to answer, got ${response.status}: ${error?.error.message ?? 'no body'}`,
  );
}
