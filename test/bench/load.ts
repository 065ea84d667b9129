import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { leavePolicySchema } from '../../domain/leave-policy';
import { mintBotToken } from '../../infra/bot-token';
import { beginAttempt } from '../../infra/database/attempts';
import { openIntake } from '../../infra/database/intakes';
import type { Database } from '../../infra/database/client';
import { makeCursor } from '../../infra/database/meetings';
import { makeWav } from '../wav-file';

/** One chunk each five seconds per meeting: what steady speech makes. */
const CHUNK_INTERVAL_MS = 5_000;

const WARM_UP_TIMEOUT_MS = 120_000;

export interface LoadMeeting {
  meetingId: number;
  botToken: string;
}

export interface Delivery {
  meetingId: number;
  startMs: number;
  acknowledgedAtMs: number;
  deliveredAtMs: number | null;
  repeats: number;
}

/** Makes meetings with one attempt each, as if their bots had just joined. */
export async function makeLoadMeetings(
  db: Database,
  options: { userId: number; count: number; botTokenSecret: string },
): Promise<LoadMeeting[]> {
  const meetings: LoadMeeting[] = [];
  for (let index = 0; index < options.count; index += 1) {
    const { id } = await db.prisma.meeting.create({
      data: {
        userId: options.userId,
        platform: 'custom',
        botName: 'Notetaker',
        leavePolicy: leavePolicySchema.parse({}),
        status: 'live',
        clockOrigin: new Date(),
      },
    });
    await makeCursor(db, id);
    await openIntake(db, id);
    const launchId = randomUUID();
    const begun = await beginAttempt(db, id, launchId);
    if (!begun) throw new Error(`Expected meeting ${id} to take an attempt`);
    const claims = {
      meetingId: id,
      attempt: begun.attempt,
      launchId,
      lifetimeMs: 3_600_000,
    };
    meetings.push({
      meetingId: id,
      botToken: await mintBotToken(claims, options.botTokenSecret),
    });
  }
  return meetings;
}

/** Sends chunks as bots do and receives segments as web pages do, and remembers when. */
export class Load {
  private readonly deliveries = new Map<string, Delivery>();
  private readonly sockets: WebSocket[] = [];
  private readonly wav = makeWav(CHUNK_INTERVAL_MS);
  private readonly sha256 = createHash('sha256').update(this.wav).digest('hex');
  refused = 0;

  constructor(
    private readonly options: {
      apiUrl: string;
      userToken: string;
      meetings: LoadMeeting[];
    },
  ) {}

  /** One follower per meeting, each with a socket of its own. */
  async follow(): Promise<void> {
    for (const { meetingId } of this.options.meetings) {
      const socket = new WebSocket(`${this.options.apiUrl.replace(/^http/, 'ws')}/ws`);
      this.sockets.push(socket);
      socket.on('message', (data: Buffer) => this.receive(data));
      await new Promise((resolve, reject) => {
        socket.on('open', resolve);
        socket.on('error', reject);
      });
      socket.send(JSON.stringify({ type: 'auth', token: this.options.userToken }));
      socket.send(JSON.stringify({ type: 'subscribe', meetingId, after: 0 }));
    }
  }

  private receive(data: Buffer): void {
    const frame = JSON.parse(data.toString()) as {
      type: string;
      meetingId: number;
      event?: { type: string; segment?: { startMs: number } };
    };
    const segment = frame.event?.segment;
    if (frame.type !== 'event' || !segment) return;
    const key = `${frame.meetingId}:${segment.startMs}`;
    const delivery = this.deliveries.get(key) ?? this.remember(frame.meetingId, segment.startMs);
    if (delivery.deliveredAtMs === null) delivery.deliveredAtMs = Date.now();
    else delivery.repeats += 1;
  }

  private remember(meetingId: number, startMs: number): Delivery {
    const delivery = {
      meetingId,
      startMs,
      acknowledgedAtMs: 0,
      deliveredAtMs: null,
      repeats: 0,
    };
    this.deliveries.set(`${meetingId}:${startMs}`, delivery);
    return delivery;
  }

  /** One chunk per meeting that counts for nothing, until all have come back. */
  async warmUp(): Promise<void> {
    await this.sendChunks(1, 1);
    const deadline = Date.now() + WARM_UP_TIMEOUT_MS;
    while (this.results().some((each) => each.deliveredAtMs === null)) {
      if (Date.now() > deadline) throw new Error('Expected the first chunks to come back');
      await delay(100);
    }
    this.deliveries.clear();
  }

  /** Every meeting sends a chunk each interval, spread evenly over it, for `durationMs`. */
  async send(durationMs: number): Promise<void> {
    await this.sendChunks(2, 1 + Math.floor(durationMs / CHUNK_INTERVAL_MS));
  }

  private async sendChunks(first: number, last: number): Promise<void> {
    const beganAt = Date.now();
    await Promise.all(
      this.options.meetings.map(async (meeting, index) => {
        const offset = (index / this.options.meetings.length) * CHUNK_INTERVAL_MS;
        for (let seq = first; seq <= last; seq += 1) {
          const dueAt = beganAt + offset + (seq - first) * CHUNK_INTERVAL_MS;
          await delay(Math.max(0, dueAt - Date.now()));
          await this.sendChunk(meeting, seq);
        }
      }),
    );
  }

  private async sendChunk({ meetingId, botToken }: LoadMeeting, seq: number): Promise<void> {
    const startMs = (seq - 1) * CHUNK_INTERVAL_MS;
    const response = await fetch(`${this.options.apiUrl}/bot/v1/chunks/mixed/${seq}`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${botToken}`,
        'content-type': 'audio/wav',
        'x-chunk-start-ms': String(startMs),
        'x-chunk-end-ms': String(startMs + CHUNK_INTERVAL_MS),
        'x-chunk-captured-at': String(Date.now() - CHUNK_INTERVAL_MS),
        'x-chunk-sha256': this.sha256,
      },
      body: this.wav,
    });
    await response.arrayBuffer();
    if (!response.ok) {
      this.refused += 1;
      return;
    }
    const known = this.deliveries.get(`${meetingId}:${startMs}`);
    (known ?? this.remember(meetingId, startMs)).acknowledgedAtMs = Date.now();
  }

  results(): Delivery[] {
    return [...this.deliveries.values()].filter((delivery) => delivery.acknowledgedAtMs > 0);
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
  }
}
