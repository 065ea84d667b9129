import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { TASK_QUEUES, type TaskQueue } from '../domain/temporal';
import { DEFAULT_MEETING_TIMING, type MeetingTiming } from '../domain/workflow-messages';
import { createMeetingClient } from '../infra/meeting-client';
import { createTemporalClient } from '../infra/temporal';
import { Stage } from './stage';
import { createStageActivities } from './stage-activities';
import { createTestNamespace, getTemporalAddress } from './temporal';

/** Real proportions, in a hundredth of the time. */
const SHORT_TIMING: MeetingTiming = {
  ...DEFAULT_MEETING_TIMING,
  firstReportTimeoutMs: 600,
  leaveGraceMs: 300,
  relaunchDelayMs: 20,
  maxFailedAttempts: 3,
};

export interface Theatre {
  /** A meeting of its own. */
  openStage(timing?: Partial<MeetingTiming>): Stage;
  /** One whose bot is on its way and watched. */
  openStarted(timing?: Partial<MeetingTiming>): Promise<Stage>;
  /** One whose bot listens. */
  openLive(timing?: Partial<MeetingTiming>): Promise<Stage>;
  /** Runs without workers while `work` does. */
  withoutWorkers<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs without those of the queue `bots`. */
  withoutBotWorkers<Result>(work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** A namespace with workers that run the real workflows against stages. */
export async function openTheatre(): Promise<Theatre> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const namespace = await createTestNamespace();
  const address = getTemporalAddress();
  const connection = await NativeConnection.connect({ address });
  const temporal = createTemporalClient({ address, namespace });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./stage-workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  const stages = new Map<number, Stage>();
  const activities = createStageActivities(stages);
  const running = new Map<TaskQueue, { worker: Worker; ended: Promise<void> }>();
  const start = async (taskQueue: TaskQueue): Promise<void> => {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      activities,
      shutdownGraceTime: 100,
      ...(taskQueue === TASK_QUEUES.meetings ? { workflowBundle } : {}),
    });
    running.set(taskQueue, { worker, ended: worker.run() });
  };
  const stop = async (taskQueue: TaskQueue): Promise<void> => {
    running.get(taskQueue)?.worker.shutdown();
    await running.get(taskQueue)?.ended;
  };
  const queues = Object.values(TASK_QUEUES);
  const without = async <Result>(
    stopped: readonly TaskQueue[],
    work: () => Promise<Result>,
  ): Promise<Result> => {
    await Promise.all(stopped.map(stop));
    try {
      return await work();
    } finally {
      await Promise.all(stopped.map(start));
    }
  };
  await Promise.all(queues.map(start));
  const openStage = (timing?: Partial<MeetingTiming>): Stage => {
    const commands = createMeetingClient(temporal.client, {
      timing: { ...SHORT_TIMING, ...timing },
      updateDeadlineMs: 5_000,
    });
    const stage = new Stage(stages.size + 1, temporal.client, commands);
    stages.set(stage.meetingId, stage);
    return stage;
  };
  const openStarted = async (timing?: Partial<MeetingTiming>): Promise<Stage> => {
    const stage = openStage(timing);
    await stage.start();
    await stage.called('watchBot');
    return stage;
  };
  return {
    openStage,
    openStarted,
    async openLive(timing) {
      const stage = await openStarted(timing);
      await stage.report('joining', 'in_meeting');
      return stage;
    },
    withoutWorkers: (work) => without(queues, work),
    withoutBotWorkers: (work) => without([TASK_QUEUES.bots], work),
    async close() {
      await Promise.all(queues.map(stop));
      await temporal.close();
      await connection.close();
    },
  };
}
