import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { z } from 'zod';
import { analysisSchema, type Analysis } from '../../domain/analysis';
import { meetingEventSchema, type MeetingEvent } from '../../domain/events';

const meetingSchema = z.object({
  id: z.int(),
  status: z.string(),
  botStatus: z.string(),
  reason: z.string().nullable(),
  actualStart: z.string().nullable(),
});
export type DemoMeeting = z.infer<typeof meetingSchema>;

const startedSchema = z.object({
  meeting: meetingSchema,
  workflowUrl: z.string(),
});
const frameSchema = z.discriminatedUnion('type', [
  meetingEventSchema.extend({ type: z.literal('event'), meetingId: z.int() }),
  z.object({ type: z.enum(['ready', 'ping', 'subscribed', 'unsubscribed']) }),
  z.object({
    type: z.literal('error'),
    error: z.object({ message: z.string() }),
  }),
]);

/** A program that uses the public API as any user's program would. */
export class DemoApiClient {
  private token = '';

  constructor(readonly apiUrl: string) {}

  /** Signs in by the local form, as a person of this e-mail address; returns the session's token. */
  async signIn(email: string): Promise<string> {
    const answer = await this.send('POST', '/api/local/sign-in', { email });
    this.token = z.object({ token: z.string() }).parse(answer).token;
    return this.token;
  }

  async createMeeting(meeting: {
    title: string;
    meetingUrl: string;
    recording: boolean;
  }): Promise<DemoMeeting> {
    return meetingSchema.parse(await this.send('POST', '/api/meetings', meeting));
  }

  async startBot(meetingId: number): Promise<{ meeting: DemoMeeting; workflowUrl: string }> {
    return startedSchema.parse(await this.send('POST', `/api/meetings/${meetingId}/start-bot`));
  }

  async stopBot(meetingId: number): Promise<void> {
    await this.send('POST', `/api/meetings/${meetingId}/stop-bot`);
  }

  async readMeeting(meetingId: number): Promise<DemoMeeting> {
    return meetingSchema.parse(await this.send('GET', `/api/meetings/${meetingId}`));
  }

  async readAnalysis(meetingId: number): Promise<Analysis> {
    return analysisSchema.parse(await this.send('GET', `/api/meetings/${meetingId}/analysis`));
  }

  /** The assembled file, once the meeting says that it is ready. */
  async readRecording(meetingId: number): Promise<Buffer> {
    const response = await fetch(`${this.apiUrl}/api/meetings/${meetingId}/recording`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    if (!response.ok) throw new Error(`Expected a recording, got ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async send(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.apiUrl + path, {
      method,
      headers: {
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(40_000),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`Expected ${method} ${path} to work, got ${response.status}: ${text}`);
    return JSON.parse(text);
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
