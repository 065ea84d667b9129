import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { makeDeliveryWorkflowId } from '../../domain/temporal';
import { ROOT } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { createMemoryDoorbell } from '../factories';
import { insertMeeting } from '../records';
import { getRedisUrl } from '../redis-url';
import { getTemporalAddress } from '../temporal';
import { startConsumer, type ReceivedMessage, type WebhookConsumer } from '../webhook-consumer';
import {
  ENCRYPTION_KEY,
  live,
  makeEndpoint,
  openDeliveryStage,
  readPlaces,
  type DeliveryStage,
} from './delivery-stage';

const HOUR_MS = 3_600_000;

let stage: DeliveryStage;
let consumer: WebhookConsumer;
beforeEach(async () => {
  stage = await openDeliveryStage();
  consumer = await startConsumer();
}, 60_000);
afterEach(async () => {
  await stage.close();
  await consumer.close();
});

/** Three meetings of one user. */
async function makeMeetings(): Promise<{ userId: number; meetingIds: number[] }> {
  const { userId, meetingId } = await insertMeeting(stage.db);
  const meetingIds = [meetingId];
  while (meetingIds.length < 3) {
    meetingIds.push((await insertMeeting(stage.db, { userId })).meetingId);
  }
  return { userId, meetingIds };
}

/** Every place of these meetings, as PostgreSQL has them. */
async function listPlaces(meetingIds: number[]): Promise<Record<string, number[]>> {
  const { rows } = await stage.db.query<{ id: number; seqs: number[] }>(
    `SELECT m.id, array_agg(seq ORDER BY seq) AS seqs FROM meetings m JOIN (
       SELECT meeting_id, seq FROM meeting_events UNION ALL
       SELECT meeting_id, seq FROM transcriptions) each ON each.meeting_id = m.id
     WHERE m.id = ANY($1) GROUP BY m.id`,
    [meetingIds],
  );
  return Object.fromEntries(rows.map(({ id, seqs }) => [String(id), seqs]));
}

const idsOf = (messages: ReceivedMessage[]) => messages.map(({ body }) => body.id);

describe('a consumer that is down for days', () => {
  test('receives every event of every meeting in order with none missing', async () => {
    let now = new Date();
    const doorbell = createMemoryDoorbell();
    const pace = { idleMs: 0, ringPauseMs: 1 };
    const rests = await stage.startDelivering({ doorbell, pace, now: () => now });
    const { userId, meetingIds } = await makeMeetings();
    const [down, up] = [
      await makeEndpoint(stage.db, userId, `${consumer.url}/down`),
      await makeEndpoint(stage.db, userId, `${consumer.url}/up`),
    ];
    const started = now.getTime();
    const endsAt = started + 60 * HOUR_MS;
    const taken: ReceivedMessage[] = [];
    consumer.answer = (message, response) => {
      const isDown = message.path === '/down' && now.getTime() < endsAt;
      if (!isDown) taken.push(message);
      response.writeHead(isDown ? 503 : 204).end();
    };
    let days = 0;
    for (let round = 0; ; round += 1) {
      const isOver = now.getTime() >= endsAt;
      // something happens now and then while it is down, in another meeting each time
      if (!isOver && round % 4 === 0) await live(stage.db, meetingIds[(round / 4) % 3] ?? 0, round);
      await stage.commands.wakeDelivery(up);
      await stage.commands.wakeDelivery(down);
      const { nextDueInMs } = await rests.next(down);
      if (isOver && nextDueInMs === null) break;
      // the workflow sleeps until the retry; its clock goes there
      now = new Date(now.getTime() + (nextDueInMs ?? HOUR_MS));
      days = (now.getTime() - started) / (24 * HOUR_MS);
    }
    expect(days).toBeGreaterThan(2.4);
    await stage.temporal.client.workflow.getHandle(makeDeliveryWorkflowId(up)).result();
    const wanted = await listPlaces(meetingIds);
    const received = (name: string) => readPlaces(taken.filter((each) => each.path === name));
    expect(received('/down')).toEqual(wanted);
    expect(received('/up')).toEqual(wanted);
    const types = new Set(taken.map(({ body }) => body.type));
    expect([...types].sort()).toEqual([
      'bot.status',
      'chat.message',
      'participant.joined',
      'participant.left',
      'transcript.gap',
      'transcript.segment',
    ]);
    const ids = idsOf(taken.filter((each) => each.path === '/down'));
    expect(new Set(ids).size).toBe(ids.length);
  }, 240_000);
});

describe('a delivery worker that is killed while it delivers', () => {
  const workers: ChildProcess[] = [];
  afterEach(async () => {
    for (const each of workers.splice(0)) {
      if (each.exitCode !== null || each.signalCode !== null) continue;
      each.kill('SIGKILL');
      await once(each, 'exit');
    }
  });

  /** The worker as it runs in production, in a process of its own. */
  function startWorker(metricsPort: number): ChildProcess {
    const entry = path.join(ROOT, 'workers/delivery.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', entry], {
      cwd: ROOT,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        LOG_LEVEL: 'error',
        DATABASE_URL: stage.databaseUrl,
        REDIS_URL: getRedisUrl(),
        TEMPORAL_ADDRESS: getTemporalAddress(),
        TEMPORAL_NAMESPACE: stage.namespace,
        BOT_TOKEN_SECRET: 'a secret of the tests that is long enough',
        ENCRYPTION_KEY,
        AUDIO_DIR: '/nowhere',
        WHISPER_URL: 'http://127.0.0.1:1',
        BOT_DIR: '/nowhere',
        OUTGOING_ALLOWED_HOSTS: '127.0.0.1',
        WORKER_METRICS_PORT: String(metricsPort),
      },
    });
    workers.push(child);
    return child;
  }

  test('is followed by another, which sends the message again and the rest in order', async () => {
    const { userId, meetingIds } = await makeMeetings();
    const endpointId = await makeEndpoint(stage.db, userId, `${consumer.url}/hook`);
    for (const meetingId of meetingIds) {
      for (const round of [1, 2, 3]) await live(stage.db, meetingId, round);
    }
    const held: ReceivedMessage[] = [];
    const answered: ReceivedMessage[] = [];
    consumer.answer = (message, response) => {
      // each meeting's third message hangs until the worker is dead
      const isThird = answered.filter(isOfSameMeeting(message)).length === 2;
      if (isThird && workers.length === 1) held.push(message);
      else {
        answered.push(message);
        response.writeHead(204).end();
      }
    };
    const first = startWorker((await findFreePorts()).workerMetrics);
    await stage.commands.wakeDelivery(endpointId);
    await consumer.until(() => held.length === 3);
    first.kill('SIGKILL');
    await once(first, 'exit');
    startWorker((await findFreePorts()).workerMetrics);
    const wanted = await listPlaces(meetingIds);
    const total = Object.values(wanted).flat().length;
    await consumer.until(() => Object.values(readPlaces(answered)).flat().length === total);
    expect(readPlaces(answered)).toEqual(wanted);
    expect(idsOf(answered)).toEqual(expect.arrayContaining(idsOf(held)));
  }, 180_000);
});

const isOfSameMeeting =
  (message: ReceivedMessage) =>
  ({ body }: ReceivedMessage): boolean =>
    body.data.meetingId === message.body.data.meetingId;
