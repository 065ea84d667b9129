import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { BotNews } from '../activities/bots';
import type { BotReading } from '../activities/meetings';
import type { DecodedUpload } from '../activities/uploads';
import type { EndReason } from '../domain/end-reasons';
import type { BotStatus, MeetingStatus } from '../domain/statuses';
import { makeMeetingWorkflowId } from '../domain/temporal';
import type { MeetingProjection } from '../infra/database/meetings';
import type { MeetingClient } from '../infra/meeting-client';

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

  /** What the Web UI shows of the workflow now. */
  async readDetails(): Promise<string> {
    const query = '__temporal_workflow_metadata';
    return (await this.workflow.query<{ currentDetails: string }>(query)).currentDetails;
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

/** Heartbeats while `work` goes on, and ends with it when the activity is cancelled. */
export async function duringHeartbeats<Result>(work: () => Promise<Result>): Promise<Result> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 100);
  try {
    return await Promise.race([work(), context.cancelled]);
  } finally {
    clearInterval(timer);
  }
}
