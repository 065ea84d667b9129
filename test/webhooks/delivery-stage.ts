import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { createDeliveryActivities, type DeliveryDeps } from '../../activities/delivery';
import type { DeliveryRest } from '../../activities/endpoint-deliverer';
import { TASK_QUEUES } from '../../domain/temporal';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import type { Database } from '../../infra/database/client';
import { appendEvent } from '../../infra/database/events';
import { insertEndpoint } from '../../infra/database/webhook-endpoints';
import { createEncryption } from '../../infra/encryption';
import { createMeetingClient, type MeetingClient } from '../../infra/meeting-client';
import { createTemporalClient, type TemporalClient } from '../../infra/temporal';
import { insertAttempt, makeChunk, openTestDatabase } from '../records';
import { createTestNamespace, getTemporalAddress } from '../temporal';
import type { ReceivedMessage } from '../webhook-consumer';

export const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

/** The real workflow on a real server, with a database; who delivers is the test's own matter. */
export interface DeliveryStage {
  db: Database;
  databaseUrl: string;
  namespace: string;
  temporal: TemporalClient;
  commands: MeetingClient;
  /** Starts the real activities in this process; tells what each run of them left. */
  startDelivering(deps: Partial<DeliveryDeps> & Pick<DeliveryDeps, 'doorbell'>): Promise<Rests>;
  close(): Promise<void>;
}

/** What runs of the activity left to be done, one after the other. */
export interface Rests {
  next(endpointId: number): Promise<DeliveryRest>;
}

export async function openDeliveryStage(): Promise<DeliveryStage> {
  const { db, url: databaseUrl, close: dropDatabase } = await openTestDatabase();
  const address = getTemporalAddress();
  const namespace = await createTestNamespace();
  const connection = await NativeConnection.connect({ address });
  const temporal = createTemporalClient({ address, namespace });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/index'),
    logger: new DefaultLogger('ERROR'),
  });
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  const run = (worker: Worker): void => void running.push({ worker, ended: worker.run() });
  const shared = { connection, namespace };
  run(await Worker.create({ ...shared, taskQueue: TASK_QUEUES.meetings, workflowBundle }));
  return {
    db,
    databaseUrl,
    namespace,
    temporal,
    commands: createMeetingClient(temporal.client),
    async startDelivering(deps) {
      const { activities, rests } = keepRests(
        createDeliveryActivities({
          db,
          encryption: createEncryption([ENCRYPTION_KEY]),
          outgoing: { allowedHosts: ['127.0.0.1'], timeLimitMs: 5_000 },
          ...deps,
        }),
      );
      run(await Worker.create({ ...shared, taskQueue: TASK_QUEUES.delivery, activities }));
      return rests;
    },
    async close() {
      for (const { worker } of running) worker.shutdown();
      await Promise.all(running.map(({ ended }) => ended));
      await temporal.close();
      await connection.close();
      await dropDatabase();
    },
  };
}

type Activities = ReturnType<typeof createDeliveryActivities>;

function keepRests(real: Activities): { activities: Activities; rests: Rests } {
  const left = new Map<number, DeliveryRest[]>();
  const waiting = new Set<() => void>();
  const activities: Activities = {
    async deliverWebhooks(input) {
      const rest = await real.deliverWebhooks(input);
      left.set(input.endpointId, [...(left.get(input.endpointId) ?? []), rest]);
      for (const wake of waiting) wake();
      waiting.clear();
      return rest;
    },
  };
  const rests: Rests = {
    async next(endpointId) {
      for (;;) {
        const rest = left.get(endpointId)?.shift();
        if (rest) return rest;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
  return { activities, rests };
}

/** An endpoint for all events of all of a user's meetings. */
export async function makeEndpoint(db: Database, userId: number, url: string): Promise<number> {
  const endpoint = await insertEndpoint(db, {
    userId,
    meetingId: null,
    url,
    description: null,
    eventTypes: null,
    secretEncrypted: createEncryption([ENCRYPTION_KEY]).encrypt(SECRET),
  });
  if (!endpoint) throw new Error('Expected an endpoint');
  return endpoint.id;
}

/** Several things happen in a meeting, of which `n` is told. */
export async function live(db: Database, meetingId: number, n: number): Promise<void> {
  const participant = { id: n, name: `Guest ${n}` };
  const about = { attempt: 1, reason: null, message: null };
  await appendEvent(db, meetingId, { body: { type: 'participant.joined', participant } });
  await appendEvent(db, meetingId, {
    body: { type: 'bot.status', status: 'in_meeting', ...about },
  });
  await speak(db, meetingId, [`first ${n}`, `second ${n}`]);
  await appendEvent(db, meetingId, { body: { type: 'chat.message', from: null, text: `${n}` } });
  await appendEvent(db, meetingId, {
    body: { type: 'gap', startMs: n, endMs: n + 1, attempt: 1, reason: 'crashed' },
  });
  await appendEvent(db, meetingId, { body: { type: 'participant.left', participant } });
}

async function speak(db: Database, meetingId: number, words: string[]): Promise<void> {
  const chunk = await insertChunk(db, makeChunk(await insertAttempt(db, meetingId)));
  if (chunk.kind !== 'accepted') throw new Error(`Expected accepted, got ${chunk.kind}`);
  const rest = { startMs: 0, endMs: 1, language: null, confidence: null, words: [] };
  await completeChunk(db, {
    chunkId: chunk.chunkId,
    version: 1,
    segments: words.map((text) => ({ ...rest, text })),
    dropped: {},
  });
}

/** The places in each meeting's order that messages tell of, as they came; each message once. */
export function readPlaces(messages: readonly ReceivedMessage[]): Record<string, number[]> {
  const places: Record<string, number[]> = {};
  const seen = new Set<string>();
  for (const { body } of messages) {
    if (seen.has(body.id)) continue;
    seen.add(body.id);
    const { meetingId, seq, segments } = body.data;
    const own = (places[meetingId] ??= []);
    own.push(...(segments?.map((segment) => segment.seq) ?? [seq]));
  }
  return places;
}
