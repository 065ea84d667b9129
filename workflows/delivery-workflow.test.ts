import { Context } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { DeliveryActivities } from '../activities/delivery';
import type { DeliveryRest } from '../activities/endpoint-deliverer';
import { makeDeliveryWorkflowId, TASK_QUEUES } from '../domain/temporal';
import { createMeetingClient, type MeetingClient } from '../infra/meeting-client';
import { createTemporalClient } from '../infra/temporal';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';

const HOUR_MS = 3_600_000;

let client: Client;
let commands: MeetingClient;
let close: () => Promise<void>;
/** What each run of the activity answers, by endpoint, and how often it ran. */
const answers = new Map<number, (run: number) => Promise<DeliveryRest>>();
const runs = new Map<number, number>();
let endpointId = 0;

const activities: DeliveryActivities = {
  async deliverWebhooks(input) {
    const run = (runs.get(input.endpointId) ?? 0) + 1;
    runs.set(input.endpointId, run);
    return (await answers.get(input.endpointId)?.(run)) ?? { nextDueInMs: null };
  },
};

beforeAll(async () => {
  const address = getTemporalAddress();
  const namespace = await createTestNamespace();
  const connection = await NativeConnection.connect({ address });
  const temporal = createTemporalClient({ address, namespace });
  client = temporal.client;
  commands = createMeetingClient(client);
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./index'),
    logger: new DefaultLogger('ERROR'),
  });
  const workers = await Promise.all([
    Worker.create({ connection, namespace, taskQueue: TASK_QUEUES.meetings, workflowBundle }),
    Worker.create({ connection, namespace, taskQueue: TASK_QUEUES.delivery, activities }),
  ]);
  const ended = Promise.all(workers.map((worker) => worker.run()));
  close = async () => {
    for (const worker of workers) worker.shutdown();
    await ended;
    await temporal.close();
    await connection.close();
  };
}, 180_000);
afterAll(() => close());

async function start(answer: (run: number) => Promise<DeliveryRest>): Promise<WorkflowHandle> {
  endpointId += 1;
  answers.set(endpointId, answer);
  await commands.wakeDelivery(endpointId);
  return client.workflow.getHandle(makeDeliveryWorkflowId(endpointId));
}

const nothingLeft = (): Promise<DeliveryRest> => Promise.resolve({ nextDueInMs: null });

describe('deliveryWorkflow', () => {
  test('ends when nothing is due, and begins anew when it is woken', async () => {
    const handle = await start(nothingLeft);
    await handle.result();
    await commands.wakeDelivery(endpointId);
    await handle.result();
    expect(runs.get(endpointId)).toBe(2);
  });

  test('delivers again when the next retry is due', async () => {
    const handle = await start((run) => Promise.resolve({ nextDueInMs: run < 3 ? 10 : null }));
    await handle.result();
    expect(runs.get(endpointId)).toBe(3);
  });

  test('looks at once when it is woken while it waits for a retry', async () => {
    const handle = await start((run) =>
      Promise.resolve({ nextDueInMs: run === 1 ? HOUR_MS : null }),
    );
    for (let waits = false; !waits;) {
      const { events } = await handle.fetchHistory();
      waits = (events ?? []).some((event) => event.timerStartedEventAttributes != null);
    }
    await commands.wakeDelivery(endpointId);
    await handle.result();
    expect(runs.get(endpointId)).toBe(2);
  });

  test('looks again before it ends when it is woken during its last look', async () => {
    let look: () => void = () => undefined;
    const looks = new Promise<void>((resolve) => (look = resolve));
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const handle = await start(async () => {
      look();
      await finished;
      return nothingLeft();
    });
    await looks;
    await commands.wakeDelivery(endpointId);
    finish();
    await handle.result();
    expect(runs.get(endpointId)).toBe(2);
  });

  test('goes on in a new run before its history is too long, and loses no wake-up', async () => {
    const runIds: string[] = [];
    const handle = await start(async () => {
      const runId = Context.current().info.workflowExecution?.runId ?? '';
      if (runIds.at(-1) !== runId) runIds.push(runId);
      // woken while it looks, so it looks again at once, in one run after the other
      if (runIds.length < 2) await commands.wakeDelivery(endpointId);
      return nothingLeft();
    });
    await handle.result();
    const own = client.workflow.getHandle(makeDeliveryWorkflowId(endpointId), runIds[0]);
    const { events = [] } = await own.fetchHistory();
    const next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
    expect(next?.newExecutionRunId).toBe(runIds[1]);
    const input = Buffer.from(next?.input?.payloads?.[0]?.data ?? []).toString('utf8');
    expect(JSON.parse(input)).toEqual({ endpointId });
    expect(events?.length).toBeLessThan(10_000);
  }, 180_000);

  test('keeps neither addresses nor messages in its history', async () => {
    const handle = await start((run) => {
      Context.current().heartbeat({ delivering: 0, steps: run });
      return Promise.resolve({ nextDueInMs: run < 3 ? 10 : null });
    });
    await handle.result();
    const { events } = await handle.fetchHistory();
    const payloads = (events ?? []).flatMap(
      ({ workflowExecutionStartedEventAttributes, activityTaskScheduledEventAttributes: task }) => [
        ...(workflowExecutionStartedEventAttributes?.input?.payloads ?? []),
        ...(task?.input?.payloads ?? []),
      ],
    );
    const texts = payloads.map(({ data }) => Buffer.from(data ?? []).toString('utf8'));
    expect(new Set(texts)).toEqual(new Set([JSON.stringify({ endpointId })]));
  });
});
