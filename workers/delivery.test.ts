import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { createDeliveryActivities } from '../activities/delivery';
import { TASK_QUEUES } from '../domain/temporal';
import type { Database } from '../infra/database/client';
import { appendEvent } from '../infra/database/events';
import { insertEndpoint } from '../infra/database/webhook-endpoints';
import { createEncryption } from '../infra/encryption';
import { createMeetingClient, type MeetingClient } from '../infra/meeting-client';
import { createTemporalClient } from '../infra/temporal';
import { ROOT } from '../temporal-dev/folders';
import { findFreePorts } from '../temporal-dev/ports';
import { createMemoryDoorbell } from '../test/factories';
import { insertMeeting, openTestDatabase } from '../test/records';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';
import { startConsumer, type WebhookConsumer } from '../test/webhook-consumer';

const HOUR_MS = 3_600_000;
const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
const encryption = createEncryption([ENCRYPTION_KEY]);

let db: Database;
let databaseUrl: string;
let namespace: string;
let connection: NativeConnection;
let commands: MeetingClient;
let consumer: WebhookConsumer;
const releases: (() => Promise<void>)[] = [];

/** The real workflow; who serves the deliveries themselves is each test's matter. */
beforeAll(async () => {
  const opened = await openTestDatabase();
  db = opened.db;
  databaseUrl = opened.url;
  const address = getTemporalAddress();
  namespace = await createTestNamespace();
  connection = await NativeConnection.connect({ address });
  const temporal = createTemporalClient({ address, namespace });
  commands = createMeetingClient(temporal.client);
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: TASK_QUEUES.meetings,
    workflowBundle,
  });
  const ended = worker.run();
  releases.push(
    opened.close,
    () => connection.close(),
    temporal.close,
    async () => {
      worker.shutdown();
      await ended;
    },
  );
}, 180_000);
afterAll(async () => {
  for (const release of releases.reverse()) await release();
});
beforeEach(async () => {
  consumer = await startConsumer();
});
afterEach(() => consumer.close());

const say = (meetingId: number, text: string) =>
  appendEvent(db, meetingId, { body: { type: 'chat.message', from: null, text } });

async function makeEndpoint(): Promise<{ endpointId: number; meetingId: number }> {
  const { meetingId, userId } = await insertMeeting(db);
  const endpoint = await insertEndpoint(db, {
    userId,
    meetingId: null,
    url: `${consumer.url}/hook`,
    description: null,
    eventTypes: null,
    secretEncrypted: encryption.encrypt(`whsec_${Buffer.alloc(32, 1).toString('base64')}`),
  });
  if (!endpoint) throw new Error('Expected an endpoint');
  return { endpointId: endpoint.id, meetingId };
}

const textsOf = () => consumer.received.map(({ body }) => body.data.text);

describe('deliveryWorkflow and its activity', () => {
  /** The clock that retries go by. */
  let now: Date;
  let stopWorker: () => Promise<void>;
  beforeEach(async () => {
    now = new Date();
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: TASK_QUEUES.delivery,
      activities: createDeliveryActivities({
        db,
        doorbell: createMemoryDoorbell(),
        encryption,
        outgoing: { allowedHosts: [consumer.host] },
        now: () => now,
        random: () => 0.5,
        pace: { idleMs: 0, ringPauseMs: 1 },
      }),
    });
    const ended = worker.run();
    stopWorker = async () => {
      worker.shutdown();
      await ended;
    };
  });
  afterEach(() => stopWorker());

  /** When the endpoint's failed message is due again; null while it is being tried, or none failed. */
  async function readNextAttempt(endpointId: number): Promise<Date | null> {
    const { rows } = await db.query<{ at: Date | null }>(
      `SELECT max(next_attempt_at) AS at FROM webhook_positions
       WHERE endpoint_id = $1 AND attempts >= $2`,
      [endpointId, consumer.received.length],
    );
    return rows[0]?.at ?? null;
  }

  test('bring a consumer that was down for two and a half days every event in order', async () => {
    const { endpointId, meetingId } = await makeEndpoint();
    consumer.answer = (_message, response) => void response.writeHead(503).end();
    const begun = now.getTime();
    const expected: string[] = [];
    await say(meetingId, 'hour 0');
    expected.push('hour 0');
    await commands.wakeDelivery(endpointId);
    for (let hour = 1; hour <= 60; hour += 1) {
      expected.push(`hour ${hour}`);
      await say(meetingId, `hour ${hour}`);
      for (;;) {
        let due = await readNextAttempt(endpointId);
        while (due === null) due = await readNextAttempt(endpointId);
        if (due.getTime() > begun + hour * HOUR_MS) break;
        // the workflow sleeps until then; its timer is woken, since the clock is ours
        now = due;
        const attempts = consumer.received.length;
        await commands.wakeDelivery(endpointId);
        await consumer.until(() => consumer.received.length > attempts);
      }
    }
    expect(consumer.received.length).toBeGreaterThan(50);
    expect(new Set(consumer.received.map(({ body }) => body.id)).size).toBe(1);

    consumer.received.length = 0;
    consumer.answer = (_message, response) => void response.end();
    now = new Date(begun + 62 * HOUR_MS);
    await commands.wakeDelivery(endpointId);
    await consumer.until(() => consumer.received.length === expected.length);
    expect(textsOf()).toEqual(expected);
  }, 180_000);
});

describe('a delivery worker that is killed', () => {
  let child: ChildProcess | null = null;
  afterEach(() => void child?.kill('SIGKILL'));

  /** A process of its own, as in production. */
  async function startProcess(): Promise<ChildProcess> {
    const { workerMetrics } = await findFreePorts();
    const { PATH, HOME, REDIS_URL } = process.env;
    const words = ['--import', 'tsx', path.join(ROOT, 'workers/delivery.ts')];
    const started = spawn(process.execPath, words, {
      cwd: ROOT,
      stdio: 'ignore',
      env: {
        ...{ PATH, HOME, REDIS_URL, NODE_ENV: 'development', DATABASE_URL: databaseUrl },
        ...{ TEMPORAL_ADDRESS: getTemporalAddress(), TEMPORAL_NAMESPACE: namespace },
        ...{ ENCRYPTION_KEY, BOT_TOKEN_SECRET: 'x'.repeat(32), AUDIO_DIR: '/nowhere' },
        ...{ WHISPER_URL: 'http://127.0.0.1:1', BOT_DIR: '/nowhere' },
        ...{ OUTGOING_ALLOWED_HOSTS: consumer.host, WORKER_METRICS_PORT: String(workerMetrics) },
      },
    });
    return started;
  }

  test('with a message under way has it sent again by the next one, and all others once', async () => {
    const { endpointId, meetingId } = await makeEndpoint();
    consumer.answer = (message, response) => {
      if (message.body.data.text !== 'two') response.end();
    };
    for (const text of ['one', 'two', 'three']) await say(meetingId, text);
    child = await startProcess();
    await commands.wakeDelivery(endpointId);
    await consumer.until(() => textsOf().includes('two'));
    child.kill('SIGKILL');
    await once(child, 'exit');

    await say(meetingId, 'four');
    consumer.answer = (_message, response) => void response.end();
    child = await startProcess();
    await consumer.until(() => textsOf().includes('four'));
    expect(textsOf()).toEqual(['one', 'two', 'two', 'three', 'four']);
    const ids = consumer.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[2]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(4);
  }, 180_000);
});
