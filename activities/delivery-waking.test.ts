import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import type { Client } from '@temporalio/client';
import { makeDeliveryWorkflowId } from '../domain/temporal';
import type { Database } from '../infra/database/client';
import { appendEvent } from '../infra/database/events';
import { insertDelivery } from '../infra/database/webhook-deliveries';
import { insertEndpoint, updateEndpoint } from '../infra/database/webhook-endpoints';
import { holdLease, releaseLease } from '../infra/database/webhook-health';
import { listDueLanes, orderReplay, waitAfterFailure } from '../infra/database/webhook-positions';
import { createMeetingClient, type MeetingClient } from '../infra/meeting-client';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { isWorkflowRunning } from '../infra/workflow-executions';
import {
  createFakeMeetingClient,
  createMemoryAudioStore,
  createMemoryDoorbell,
} from '../test/factories';
import { insertMeeting, openTestDatabase } from '../test/records';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';
import { startDeliveryWaker } from './delivery-waker';
import { createReconcileActivities } from './reconcile';

const TOKEN = '00000000-0000-4000-8000-000000000000';

let db: Database;
let close: () => Promise<void>;
let temporal: TemporalClient;
let client: Client;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  temporal = createTemporalClient({
    address: getTemporalAddress(),
    namespace: await createTestNamespace(),
  });
  client = temporal.client;
});
afterAll(async () => {
  await temporal.close();
  await close();
});
beforeEach(() => db.query('DELETE FROM webhook_endpoints'));

const say = (meetingId: number) =>
  appendEvent(db, meetingId, { body: { type: 'chat.message', from: null, text: 'hello' } });

async function makeEndpoint(userId: number, meetingId: number | null = null) {
  const endpoint = await insertEndpoint(db, {
    userId,
    meetingId,
    url: 'https://hooks.example.com/',
    description: null,
    eventTypes: null,
    secretEncrypted: 'not read here',
  });
  if (!endpoint) throw new Error('Expected an endpoint');
  return endpoint;
}

function reconcile(meetingClient: MeetingClient) {
  const audioStore = createMemoryAudioStore();
  const activities = createReconcileActivities({ db, client, meetingClient, audioStore });
  return {
    wake: (): Promise<number> => new MockActivityEnvironment().run(activities.wakeDeliveries),
    forget: (): Promise<number> =>
      new MockActivityEnvironment().run(activities.deleteOldDeliveries),
  };
}

/** Reconciles until the newest events lie below every transaction that runs anywhere. */
async function reconcileUntilQuiet(wake: () => Promise<number>): Promise<void> {
  while ((await wake()) > 0);
}

describe('reconciliation of deliveries', () => {
  test('starts one for an endpoint that has something due and none that runs', async () => {
    const { wake } = reconcile(createMeetingClient(client));
    const { userId, meetingId } = await insertMeeting(db);
    const [due, other] = [await makeEndpoint(userId), await makeEndpoint(userId)];
    await holdLease(db, { endpointId: other.id, token: TOKEN }, 60_000);
    await say(meetingId);
    await expect(wake()).resolves.toBe(1);
    await expect(isWorkflowRunning(client, makeDeliveryWorkflowId(due.id))).resolves.toBe(true);
    await expect(isWorkflowRunning(client, makeDeliveryWorkflowId(other.id))).resolves.toBe(false);
  });

  test('finds it again while Temporal is down, and costs nothing once all is in good hands', async () => {
    const fake = createFakeMeetingClient(db);
    const { wake } = reconcile(fake);
    const { userId, meetingId } = await insertMeeting(db);
    const { id } = await makeEndpoint(userId);
    await say(meetingId);
    fake.mood = 'down';
    await expect(wake()).rejects.toThrow('Expected to mend');
    fake.mood = 'answers';
    await expect(wake()).resolves.toBe(1);
    await holdLease(db, { endpointId: id, token: TOKEN }, 60_000);
    await reconcileUntilQuiet(wake);
    expect(fake.deliveries).toEqual([id]);
  });

  test('starts what a lost workflow should have tried long ago, and replays that were ordered', async () => {
    const fake = createFakeMeetingClient(db);
    const { wake } = reconcile(fake);
    const { userId, meetingId } = await insertMeeting(db);
    const [overdue, sleeping, replaying, disabled] = [
      await makeEndpoint(userId),
      await makeEndpoint(userId),
      await makeEndpoint(userId, (await insertMeeting(db, { userId })).meetingId),
      await makeEndpoint(userId),
    ];
    await say(meetingId);
    const now = new Date();
    for (const [{ id }, inMs] of [
      [overdue, -60_000],
      [disabled, -60_000],
      [sleeping, 60_000],
    ] as const) {
      const [lane] = await listDueLanes(db, { endpointId: id, meetingIds: null, now });
      if (!lane) throw new Error('Expected a lane');
      const nextAttemptAt = new Date(now.getTime() + inMs);
      await waitAfterFailure(db, lane, { now, nextAttemptAt });
    }
    await updateEndpoint(db, { endpointId: disabled.id, userId }, { enabled: false });
    const stretch = { meetingId, fromSeq: 1, toSeq: 1, asOneMessage: false };
    await orderReplay(db, { endpointId: replaying.id, ...stretch });
    await wake();
    expect(new Set(fake.deliveries)).toEqual(new Set([overdue.id, replaying.id]));
  });

  test('forgets attempts after 30 days', async () => {
    const { userId } = await insertMeeting(db);
    const { id: endpointId } = await makeEndpoint(userId);
    const days = [31, 29];
    for (const age of days) {
      await insertDelivery(db, {
        endpointId,
        meetingId: null,
        messageId: `msg_${age}`,
        type: 'webhook.test',
        fromSeq: null,
        throughSeq: null,
        attempt: 1,
        outcome: 'delivered',
        url: 'https://hooks.example.com/',
        requestHead: {},
        status: 200,
        error: null,
        responseHead: '',
        latencyMs: 1,
        createdAt: new Date(Date.now() - age * 24 * 3_600_000),
      });
    }
    await expect(reconcile(createFakeMeetingClient(db)).forget()).resolves.toBe(1);
    const { rows } = await db.query('SELECT message_id FROM webhook_deliveries');
    expect(rows).toEqual([{ message_id: 'msg_29' }]);
  });
});

describe('a doorbell', () => {
  test('starts deliveries to endpoints that nobody delivers to, and to no others', async () => {
    const doorbell = createMemoryDoorbell();
    const fake = createFakeMeetingClient(db);
    const { userId, meetingId } = await insertMeeting(db);
    const stranger = await insertMeeting(db);
    const [idle, busy] = [await makeEndpoint(userId), await makeEndpoint(userId)];
    await makeEndpoint(stranger.userId);
    const key = { endpointId: busy.id, token: TOKEN };
    await holdLease(db, key, 60_000);
    let woken: () => void = () => undefined;
    const isWoken = (): Promise<void> => new Promise((resolve) => (woken = resolve));
    const meetingClient = {
      wakeDelivery: async (endpointId: number) => {
        await fake.wakeDelivery(endpointId);
        woken();
      },
    };
    const logger = pino({ level: 'silent' });
    const stop = startDeliveryWaker({ db, doorbell, meetingClient, logger, pauseMs: 1 });
    await say(meetingId);
    const first = isWoken();
    doorbell.ring('meeting', meetingId);
    doorbell.ring('meeting', meetingId);
    await first;
    expect(fake.deliveries).toEqual([idle.id]);
    await holdLease(db, { endpointId: idle.id, token: TOKEN }, 60_000);
    await releaseLease(db, key);
    const second = isWoken();
    doorbell.ring('meeting', meetingId);
    await second;
    expect(fake.deliveries).toEqual([idle.id, busy.id]);
    await stop();
  });
});
