import { MockActivityEnvironment } from '@temporalio/testing';
import { createDeliveryActivities } from '../../activities/delivery';
import type { DeliveryPace, DeliveryRest } from '../../activities/endpoint-deliverer';
import type { DeliveryTiming } from '../../domain/webhook-retries';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import type { Database } from '../../infra/database/client';
import { appendEvent } from '../../infra/database/events';
import { listDeliveries, type WebhookDelivery } from '../../infra/database/webhook-deliveries';
import {
  findOwnEndpoint,
  insertEndpoint,
  type NewEndpoint,
  type WebhookEndpoint,
} from '../../infra/database/webhook-endpoints';
import { createEncryption } from '../../infra/encryption';
import { createMemoryDoorbell } from '../factories';
import { insertAttempt, makeChunk, openTestDatabase } from '../records';
import { startConsumer, type ReceivedMessage, type WebhookConsumer } from '../webhook-consumer';

export const encryption = createEncryption([Buffer.alloc(32, 7).toString('base64')]);
export const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
export const OLD_SECRET = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Ends as soon as nothing is due. */
const BRISK: Partial<DeliveryPace> = { idleMs: 0, leaseMs: 500, ringPauseMs: 1 };

interface RunOptions {
  pace?: Partial<DeliveryPace>;
  timing?: Partial<DeliveryTiming>;
}

/** The real activity with a database, a consumer, and a clock that the test sets. */
export class DeliveryRuns {
  db!: Database;
  consumer!: WebhookConsumer;
  /** The clock that retries go by. */
  now = new Date();
  readonly doorbell = createMemoryDoorbell();

  begin(endpointId: number, options: RunOptions = {}) {
    const environment = new MockActivityEnvironment();
    const { deliverWebhooks } = createDeliveryActivities({
      db: this.db,
      doorbell: this.doorbell,
      encryption,
      outgoing: { allowedHosts: [this.consumer.host], timeLimitMs: 5_000 },
      now: () => this.now,
      random: () => 0.5,
      timing: options.timing ?? {},
      pace: { ...BRISK, ...options.pace },
    });
    const result: Promise<DeliveryRest> = environment.run(deliverWebhooks, { endpointId });
    return { environment, result };
  }

  deliver(endpointId: number, options: RunOptions = {}): Promise<DeliveryRest> {
    return this.begin(endpointId, options).result;
  }

  /** Runs deliveries as their workflow does, with the clock going from one retry to the next. */
  async deliverUntil(endpointId: number, end: Date): Promise<void> {
    for (;;) {
      const { nextDueInMs } = await this.deliver(endpointId);
      if (nextDueInMs === null || this.now.getTime() + nextDueInMs > end.getTime()) break;
      this.now = new Date(this.now.getTime() + nextDueInMs);
    }
    this.now = end;
  }

  async makeEndpoint(
    userId: number,
    overrides: Partial<NewEndpoint> = {},
  ): Promise<WebhookEndpoint> {
    const endpoint = await insertEndpoint(this.db, {
      userId,
      meetingId: null,
      url: `${this.consumer.url}/hook`,
      description: null,
      eventTypes: null,
      secretEncrypted: encryption.encrypt(SECRET),
      ...overrides,
    });
    if (!endpoint) throw new Error('Expected an endpoint');
    return endpoint;
  }

  async say(meetingId: number, text: string): Promise<void> {
    await appendEvent(this.db, meetingId, { body: { type: 'chat.message', from: null, text } });
  }

  /** Somebody says these words, each a segment. */
  async speak(meetingId: number, words: string[]): Promise<void> {
    const chunk = await insertChunk(this.db, makeChunk(await insertAttempt(this.db, meetingId)));
    if (chunk.kind !== 'accepted') throw new Error(`Expected accepted, got ${chunk.kind}`);
    const rest = { startMs: 0, endMs: 1, language: null, confidence: null, words: [] };
    await completeChunk(this.db, {
      chunkId: chunk.chunkId,
      version: 1,
      segments: words.map((text) => ({ ...rest, text })),
      dropped: {},
    });
  }

  async reread({ id, userId }: WebhookEndpoint): Promise<WebhookEndpoint> {
    const found = await findOwnEndpoint(this.db, { endpointId: id, userId });
    if (!found) throw new Error('Expected the endpoint');
    return found;
  }

  readLog({ id }: WebhookEndpoint): Promise<WebhookDelivery[]> {
    const all = { meetingId: null, outcome: null, beforeId: null };
    return listDeliveries(this.db, { endpointId: id, ...all, limit: 200 });
  }
}

/** Each test has a consumer of its own, and each file a database. */
export function setUpDeliveries(): DeliveryRuns {
  const runs = new DeliveryRuns();
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db: runs.db, close } = await openTestDatabase());
  });
  afterAll(() => close());
  beforeEach(async () => {
    runs.consumer = await startConsumer();
    runs.now = new Date();
  });
  afterEach(() => runs.consumer.close());
  return runs;
}

export const textsOf = (messages: ReceivedMessage[]) => messages.map(({ body }) => body.data.text);
export const refuse: WebhookConsumer['answer'] = (_message, response) =>
  void response.writeHead(500, { 'content-type': 'text/plain' }).end('out of order');
export const accept: WebhookConsumer['answer'] = (_message, response) => void response.end();
