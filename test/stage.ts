import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { BotActivities, BotNews } from '../activities/bots';
import type { BegunAttempt, BotReading, MeetingActivities } from '../activities/meetings';
import type { PlanActivities } from '../activities/plans';
import type { RecordingActivities } from '../activities/recording';
import type { SourceActivities } from '../activities/sources';
import type { DecodedUpload, UploadActivities } from '../activities/uploads';
import type { EndReason } from '../domain/end-reasons';
import type { BotStatus, MeetingStatus } from '../domain/statuses';
import { makeMeetingWorkflowId, TASK_QUEUES, type TaskQueue } from '../domain/temporal';
import { DEFAULT_MEETING_TIMING, type MeetingTiming } from '../domain/workflow-messages';
import type { MeetingProjection } from '../infra/database/meetings';
import { createMeetingClient, type MeetingClient } from '../infra/meeting-client';
import { createTemporalClient } from '../infra/temporal';
import { createTestNamespace, getTemporalAddress } from './temporal';

/** Real proportions, in a hundredth of the time. */
const SHORT_TIMING: MeetingTiming = {
  ...DEFAULT_MEETING_TIMING,
  firstReportTimeoutMs: 600,
  leaveGraceMs: 300,
  relaunchDelayMs: 20,
  maxFailedAttempts: 3,
};

interface Performance {
  launchId: string;
  reading: BotReading;
  news: BotNews | null;
}

type Held =
  | 'awaitBotSlot'
  | 'beginPlannedAttempt'
  | 'launchBot'
  | 'deliverSpool'
  | 'awaitLastChunks'
  | 'awaitTranscribed'
  | 'decodeUpload'
  | 'followUpload'
  | 'beginAnalysis';

/**
 * One meeting's world without database and bots: it answers the workflow's activities in memory,
 * and the test plays the bot.
 */
export class Stage {
  readonly attempts: Performance[] = [];
  /** Every activity in the order it was called, with what tells it apart. */
  readonly calls: string[] = [];
  readonly projections: MeetingProjection[] = [];
  readonly settled: Record<string, string> = {};
  /** Failures of launches to come, first come first served. */
  readonly launchFailures: ApplicationFailure[] = [];
  readonly assemblyFailures: ApplicationFailure[] = [];
  /** Places in line that the next attempt is told of before its bot may run. */
  places: number[] = [];
  /** A bot that does not hear that it should leave. */
  isStubborn = false;
  isDeleted = false;
  isRecorded = false;
  /** The row's plan: a bot is sent so many milliseconds before its start. */
  plan: { revision: number; scheduledStartMs: number; isOpen: boolean } | null = null;
  leadMs = 200;
  lateLimitMs = 60_000;
  /** The meeting's own policy, over all its bots. */
  longestMeetingMs = 4 * 3_600_000;
  intake: 'open' | 'closed' = 'closed';
  /** How a recorder ended; null while it runs. */
  recorderEnd: EndReason | null = null;
  /** What becomes of an uploaded file, and what of it is transcribed, look by look. */
  decoded: DecodedUpload = { kind: 'decoded', chunks: 3 };
  percents: number[] = [40, 100];
  private readonly held = new Set<Held>();
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly meetingId: number,
    private readonly client: Client,
    readonly commands: MeetingClient,
  ) {}

  get workflow(): WorkflowHandle {
    return this.client.workflow.getHandle(makeMeetingWorkflowId(this.meetingId));
  }

  /** A bot is there, or about to be, that has not ended. */
  get hasBot(): boolean {
    return this.attempts.length > 0 && this.current().news === null;
  }

  get status(): MeetingStatus | undefined {
    return this.projections.at(-1)?.status;
  }

  start(intentId: string = randomUUID()): ReturnType<MeetingClient['startBot']> {
    const { meetingId } = this;
    return this.commands.startBot({
      meetingId,
      platform: 'custom',
      transcriptVersion: 1,
      intentId,
    });
  }

  /** A meeting that no bot hears. */
  hear(source: 'recorder' | 'upload'): Promise<void> {
    const { meetingId } = this;
    return this.commands.startHearing({ meetingId, source, transcriptVersion: 1 });
  }

  endRecorder(reason: EndReason): void {
    this.recorderEnd = reason;
    this.changed();
  }

  /** What the API does with a plan: first the row, then the workflow is told. */
  async planFor(inMs: number): ReturnType<MeetingClient['planMeeting']> {
    this.writePlan(inMs);
    const { meetingId } = this;
    const meeting = { meetingId, platform: 'custom', transcriptVersion: 1 } as const;
    return this.commands.planMeeting({ ...meeting, intentId: randomUUID() });
  }

  writePlan(inMs: number): void {
    const revision = (this.plan?.revision ?? 0) + 1;
    this.plan = { revision, scheduledStartMs: Date.now() + inMs, isOpen: true };
  }

  /** Takes the plan back in the row and stops, as the API does; false when its bot was begun. */
  async cancelPlan(): Promise<boolean> {
    const wasOpen = this.plan?.isOpen === true;
    if (this.plan) this.plan = { ...this.plan, isOpen: false };
    await this.stop();
    return wasOpen;
  }

  stop(intentId: string = randomUUID()): ReturnType<MeetingClient['stopBot']> {
    return this.commands.stopBot({ meetingId: this.meetingId, intentId });
  }

  /** The bot reports a state on its way. */
  async report(...states: BotStatus[]): Promise<void> {
    for (const status of states) {
      const attempt = this.attempts.length;
      const current = this.current();
      const hasBeenIn = current.reading.hasBeenIn || status === 'in_meeting';
      current.reading = { status, hasBeenIn };
      await this.commands.botReported({ meetingId: this.meetingId, attempt });
      await this.until(() => this.projections.some((each) => each.botStatus === status));
    }
  }

  /** The bot reports its end. */
  end(reason: EndReason, status: 'ended' | 'failed' = 'ended'): void {
    const { reading } = this.current();
    this.tell({ kind: 'ended', status, reason, hasBeenIn: reading.hasBeenIn });
  }

  /** The watch finds something out by itself. */
  find(kind: 'exited' | 'lost' | 'never_reported'): void {
    const { hasBeenIn } = this.current().reading;
    if (kind === 'exited') this.tell({ kind, reason: 'crashed', hasBeenIn });
    if (kind === 'lost') this.tell({ kind, reason: 'lost', hasBeenIn });
    if (kind === 'never_reported') this.tell({ kind, reason: 'never_reported', hasBeenIn });
  }

  hold(activity: Held): void {
    this.held.add(activity);
  }

  release(activity: Held): void {
    this.held.delete(activity);
    this.changed();
  }

  /** Resolves once the world looks like that; asked again at every change of it. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Resolves once the clock shows that time. */
  async untilTime(ms: number): Promise<void> {
    await pause(Math.max(ms - Date.now(), 0));
  }

  /** Resolves once the workflow has called an activity the nth time. */
  async called(name: string, times = 1): Promise<void> {
    await this.until(() => this.countCalls(name) >= times);
  }

  countCalls(name: string): number {
    return this.calls.filter((call) => call.split(' ')[0] === name).length;
  }

  note(call: string): void {
    this.calls.push(call);
    this.changed();
  }

  checkDeleted(): void {
    if (this.isDeleted) throw ApplicationFailure.nonRetryable('deleted', 'MeetingDeleted');
  }

  /** Waits while the test holds that activity; heartbeats, so that it hears of a cancellation. */
  async passes(activity: Held): Promise<void> {
    await duringHeartbeats(() => this.until(() => !this.held.has(activity) || this.isDeleted));
    this.checkDeleted();
  }

  current(): Performance {
    const current = this.attempts.at(-1);
    if (!current) throw new Error('Expected an attempt to have begun');
    return current;
  }

  tell(news: BotNews): void {
    const current = this.current();
    current.news ??= news;
    if (current.news.kind === 'ended') current.reading.status = current.news.status;
    this.changed();
  }

  changed(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

async function duringHeartbeats<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 100);
  try {
    return await Promise.race([work(), context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}

/** The activities of all stages, told apart by the meeting's id. */
function createStageActivities(
  stages: ReadonlyMap<number, Stage>,
): MeetingActivities &
  BotActivities &
  PlanActivities &
  SourceActivities &
  UploadActivities &
  RecordingActivities & { transcribeMeeting(input: object): Promise<void> } {
  const stageOf = (meetingId: number): Stage => {
    const stage = stages.get(meetingId);
    if (!stage) throw new Error(`Expected a stage for meeting ${meetingId}`);
    return stage;
  };
  const beginAttempt = async ({
    meetingId,
    launchId,
  }: {
    meetingId: number;
    launchId: string;
  }): Promise<BegunAttempt> => {
    await Promise.resolve();
    const stage = stageOf(meetingId);
    stage.checkDeleted();
    const known = stage.attempts.findIndex((each) => each.launchId === launchId);
    if (known !== -1) return { kind: 'already_served' };
    const hasBeenIn = stage.attempts.some((each) => each.reading.hasBeenIn);
    stage.attempts.push({
      launchId,
      reading: { status: 'launching', hasBeenIn: false },
      news: null,
    });
    // a bot, whoever asked for it, serves the plan
    if (stage.plan) stage.plan.isOpen = false;
    stage.intake = 'open';
    stage.note(`beginAttempt ${stage.attempts.length}`);
    const { longestMeetingMs } = stage;
    const begun = { attempt: stage.attempts.length, hasBeenIn, longestMeetingMs };
    return { kind: 'begun', ...begun, ...(stage.places.length > 0 && { isQueued: true }) };
  };
  return {
    beginAttempt,
    async awaitBotSlot({ meetingId, knownPlace }) {
      const stage = stageOf(meetingId);
      stage.note(`awaitBotSlot ${knownPlace}`);
      const place = stage.places.shift();
      if (place !== undefined) return { kind: 'queued', place };
      await stage.passes('awaitBotSlot');
      return { kind: 'granted' };
    },
    async readPlan({ meetingId }) {
      const stage = stageOf(meetingId);
      stage.checkDeleted();
      stage.note('readPlan');
      await Promise.resolve();
      if (!stage.plan?.isOpen) return null;
      const { revision, scheduledStartMs } = stage.plan;
      return { revision, scheduledStartMs, wakeAtMs: scheduledStartMs - stage.leadMs };
    },
    async beginPlannedAttempt({ meetingId, revision }) {
      const stage = stageOf(meetingId);
      stage.note(`beginPlannedAttempt ${revision}`);
      await stage.passes('beginPlannedAttempt');
      const { plan } = stage;
      if (!plan?.isOpen || plan.revision !== revision) return { kind: 'moved' };
      plan.isOpen = false;
      if (Date.now() > plan.scheduledStartMs + stage.lateLimitMs)
        return { kind: 'missed', reason: 'start_missed' };
      const begun = await beginAttempt({ meetingId, launchId: `plan ${revision}` });
      const launchByMs = plan.scheduledStartMs + stage.lateLimitMs;
      return begun.kind === 'begun' ? { ...begun, launchByMs } : begun;
    },
    async giveUpLaunch({ meetingId, attempt }) {
      await Promise.resolve();
      stageOf(meetingId).note(`giveUpLaunch ${attempt}`);
    },
    async cancelPlan({ meetingId }) {
      const { plan } = stageOf(meetingId);
      if (plan) plan.isOpen = false;
      stageOf(meetingId).note('cancelPlan');
      await Promise.resolve();
    },
    async settleIntent({ intentId, status }) {
      for (const stage of stages.values()) stage.settled[intentId] ??= status;
      for (const stage of stages.values()) stage.changed();
      await Promise.resolve();
    },
    async projectMeeting(projection) {
      const stage = stageOf(projection.meetingId);
      const isNewer = projection.decidedAtMs > (stage.projections.at(-1)?.decidedAtMs ?? 0);
      if (isNewer) stage.projections.push(projection);
      stage.note(`projectMeeting ${projection.status} ${projection.botStatus}`);
    },
    async readBot({ meetingId }) {
      stageOf(meetingId).note('readBot');
      return stageOf(meetingId).current().reading;
    },
    async askBotToLeave({ meetingId, reason }) {
      const stage = stageOf(meetingId);
      if (!stage.isStubborn) stage.end(reason);
      stage.note(`askBotToLeave ${reason}`);
    },
    async awaitLastChunks({ meetingId }) {
      stageOf(meetingId).note('awaitLastChunks');
      await stageOf(meetingId).passes('awaitLastChunks');
      return { missing: 0 };
    },
    async closeIntake({ meetingId }) {
      stageOf(meetingId).intake = 'closed';
      stageOf(meetingId).note('closeIntake');
      return { isRecorded: stageOf(meetingId).isRecorded };
    },
    async awaitTranscribed({ meetingId }) {
      stageOf(meetingId).note('awaitTranscribed');
      await stageOf(meetingId).passes('awaitTranscribed');
      return { pending: 0, done: 3, failed: 0 };
    },
    async beginAnalysis({ meetingId }) {
      stageOf(meetingId).note('beginAnalysis');
      await stageOf(meetingId).passes('beginAnalysis');
      return { run: stageOf(meetingId).countCalls('beginAnalysis') };
    },
    async launchBot({ meetingId, attempt }) {
      const stage = stageOf(meetingId);
      stage.note(`launchBot ${attempt}`);
      await stage.passes('launchBot');
      const failure = stage.launchFailures.shift();
      if (failure) throw failure;
    },
    async watchBot({ meetingId, attempt }) {
      const stage = stageOf(meetingId);
      const performance = stage.attempts[attempt - 1];
      if (!performance) throw new Error(`Expected attempt ${attempt} to have begun`);
      stage.note(`watchBot ${attempt}`);
      return duringHeartbeats(async () => {
        await stage.until(() => performance.news !== null || stage.isDeleted);
        stage.checkDeleted();
        const { news } = performance;
        if (news === null) throw new Error('Expected news');
        if (news.kind === 'reported') performance.news = null;
        return news;
      });
    },
    async stopBot({ meetingId }) {
      stageOf(meetingId).note('stopBot');
      stageOf(meetingId).find('exited');
    },
    async closeAttempt({ meetingId, attempt, reason }) {
      const stage = stageOf(meetingId);
      const closed = stage.attempts[attempt - 1];
      if (closed) closed.news ??= { kind: 'exited', reason, hasBeenIn: false };
      stage.note(`closeAttempt ${attempt} ${reason}`);
    },
    async deliverSpool({ meetingId, attempt }) {
      const stage = stageOf(meetingId);
      stage.note(`deliverSpool ${attempt}`);
      await stage.passes('deliverSpool');
      stage.note(`spoolDelivered ${attempt}`);
    },
    async assembleRecording({ meetingId }) {
      const stage = stageOf(meetingId);
      stage.note('assembleRecording');
      const failure = stage.assemblyFailures.shift();
      if (failure) throw failure;
      return Promise.resolve({ durationMs: 1_000 });
    },
    ...createSourceStage(stageOf),
    async giveUpRecording({ meetingId }) {
      stageOf(meetingId).note('giveUpRecording');
      await Promise.resolve();
    },
    async transcribeMeeting() {
      await Promise.resolve();
    },
  };
}

/** What hears meetings that have no bot. */
function createSourceStage(
  stageOf: (meetingId: number) => Stage,
): SourceActivities & UploadActivities {
  return {
    async watchRecorder({ meetingId }) {
      const stage = stageOf(meetingId);
      stage.note('watchRecorder');
      return duringHeartbeats(async () => {
        await stage.until(() => stage.recorderEnd !== null || stage.isDeleted);
        stage.checkDeleted();
        return { reason: stage.recorderEnd ?? 'unknown' };
      });
    },
    async endHearing({ meetingId, reason }) {
      stageOf(meetingId).note(`endHearing ${reason}`);
      await Promise.resolve();
    },
    async decodeUpload({ meetingId }) {
      const stage = stageOf(meetingId);
      stage.note('decodeUpload');
      await stage.passes('decodeUpload');
      return stage.decoded;
    },
    async followUpload({ meetingId, abovePercent }) {
      const stage = stageOf(meetingId);
      stage.note(`followUpload ${abovePercent}`);
      await stage.passes('followUpload');
      const percent = stage.percents.shift() ?? 100;
      const chunks = { pending: percent < 100 ? 1 : 0, done: 3, failed: 0 };
      return { percent, isOver: percent === 100, chunks };
    },
    async giveUpUpload({ meetingId, status, reason }) {
      stageOf(meetingId).note(`giveUpUpload ${status} ${reason}`);
      await Promise.resolve();
    },
  };
}

export interface Theatre {
  readonly client: Client;
  readonly namespace: string;
  /** A meeting of its own. */
  openStage(timing?: Partial<MeetingTiming>): Stage;
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
  return {
    client: temporal.client,
    namespace,
    openStage(timing) {
      const commands = createMeetingClient(temporal.client, {
        timing: { ...SHORT_TIMING, ...timing },
        updateDeadlineMs: 5_000,
      });
      const stage = new Stage(stages.size + 1, temporal.client, commands);
      stages.set(stage.meetingId, stage);
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
