import type { BotActivities } from '../activities/bots';
import type { BegunAttempt, MeetingActivities } from '../activities/meetings';
import type { PlanActivities } from '../activities/plans';
import type { RecordingActivities } from '../activities/recording';
import type { SourceActivities } from '../activities/sources';
import type { UploadActivities } from '../activities/uploads';
import { duringHeartbeats, type Stage } from './stage';

/** The activities of all stages, told apart by the meeting's id. */
export function createStageActivities(
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
