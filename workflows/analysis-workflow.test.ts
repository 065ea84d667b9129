import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { AnalysisActivities, AnalysisCounts } from '../activities/analysis';
import type { FailureType } from '../domain/failures';
import { makeAnalysisWorkflowId, TASK_QUEUES } from '../domain/temporal';
import { WORKFLOW_TYPES } from '../domain/workflow-messages';
import { createTemporalClient } from '../infra/temporal';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';
import type { analysisWorkflow } from './analysis-workflow';

const COUNTS: AnalysisCounts = { decisions: 1, actionItems: 2, openQuestions: 3, droppedClaims: 4 };

let connection: NativeConnection;
let client: Client;
let closeClient: () => Promise<void>;
let namespace: string;
let workflowBundle: Awaited<ReturnType<typeof bundleWorkflowCode>>;
let meetingId = 0;

beforeAll(async () => {
  const address = getTemporalAddress();
  namespace = await createTestNamespace();
  connection = await NativeConnection.connect({ address });
  const temporal = createTemporalClient({ address, namespace });
  client = temporal.client;
  closeClient = () => temporal.close();
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./index'),
    logger: new DefaultLogger('ERROR'),
  });
}, 60_000);
afterAll(async () => {
  await closeClient();
  await connection.close();
});

let closeWorkers: () => Promise<void> = () => Promise.resolve();
afterEach(() => closeWorkers());

/** Runs one analysis with an `analyseMeeting` of the test's own. */
async function run(analyseMeeting: AnalysisActivities['analyseMeeting']) {
  meetingId += 1;
  const given: string[] = [];
  const activities: AnalysisActivities = {
    analyseMeeting,
    giveUpAnalysis: ({ error }) => Promise.resolve(void given.push(error)),
  };
  const shared = { connection, namespace, activities };
  const workflowQueue = `${TASK_QUEUES.meetings}-${meetingId}`;
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: workflowQueue, workflowBundle }),
    Worker.create({ ...shared, taskQueue: TASK_QUEUES.analysis }),
  ]);
  const ended = Promise.all(workers.map((worker) => worker.run()));
  closeWorkers = async () => {
    for (const worker of workers) worker.shutdown();
    await ended;
  };
  const handle = await client.workflow.start<typeof analysisWorkflow>(WORKFLOW_TYPES.analysis, {
    workflowId: makeAnalysisWorkflowId(meetingId, 1),
    taskQueue: workflowQueue,
    args: [{ meetingId, run: 1 }],
  });
  return { handle, given };
}

const fail = (type: FailureType, message: string, nonRetryable = true): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable, nextRetryDelay: 10 });

describe('analysisWorkflow', () => {
  test('returns what the analysis found, in numbers', async () => {
    const { handle, given } = await run(() => Promise.resolve(COUNTS));
    await expect(handle.result()).resolves.toEqual(COUNTS);
    expect(given).toEqual([]);
  });

  test('tries again while the language model is out of reach', async () => {
    let attempts = 0;
    const { handle } = await run(() => {
      attempts += 1;
      if (attempts < 3) throw fail('AnalysisUnavailable', 'It is busy.', false);
      return Promise.resolve(COUNTS);
    });
    await expect(handle.result()).resolves.toEqual(COUNTS);
    expect(attempts).toBe(3);
  });

  test('fails at once with the sentence of a wrong setting, which the run keeps', async () => {
    const { handle, given } = await run(() => {
      throw fail('AnalysisMisconfigured', 'Check OPENAI_MODEL.');
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { type: 'AnalysisMisconfigured' } },
    });
    expect(given).toEqual(['Check OPENAI_MODEL.']);
  });

  test('ends quietly when the meeting is deleted', async () => {
    const { handle, given } = await run(() => {
      throw fail('MeetingDeleted', 'Meeting is deleted');
    });
    await expect(handle.result()).resolves.toBeNull();
    expect(given).toEqual([]);
  });

  test('gives the run up when it is cancelled', async () => {
    let started: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (started = resolve));
    let release: (counts: AnalysisCounts) => void = () => undefined;
    const { handle, given } = await run(() => {
      started();
      return new Promise((resolve) => (release = resolve));
    });
    await asked;
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
    expect(given).toEqual(['The analysis was cancelled.']);
    release(COUNTS);
  });
});
