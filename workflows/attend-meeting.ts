import { condition, log, patched, uuid4 } from '@temporalio/workflow';
import type { BotNews } from '../activities/bots';
import type { BegunAttempt, BotReading } from '../activities/meetings';
import type { PlannedAttempt } from '../activities/plans';
import { isRelaunchable, type EndReason } from '../domain/end-reasons';
import { isBotStatusAdvance, isBotStatusTerminal } from '../domain/statuses';
import { botActivities, meetingActivities } from './activity-options';
import { awaitBotSlot } from './await-bot-slot';
import { findApplicationFailure, isFailureOfType, wasNeverTakenUp } from './failures';
import type { MeetingState } from './meeting-state';
import { startDelivery } from './deliver-spool';
import { ensureTranscript } from './start-children';
import { showMeeting } from './show-meeting';

/** An attempt that was in the meeting this long had settled: the next failure counts anew. */
const SETTLED_AFTER_MS = 30_000;
const LONGEST_RELAUNCH_DELAY_MS = 60_000;
/** Between SIGTERM and SIGKILL where nothing is expected of the bot any more. */
const KILL_GRACE_MS = 5_000;
/** A bot that has left the call may send what it heard, then its report: 15 minutes each. */
const LONGEST_FLUSH_MS = 31 * 60_000;
/** Bots that one run sends at the most; each leaves about 75 events in the history. */
const MAX_ATTEMPTS = 20;

interface AttemptEnd {
  reason: EndReason;
  /** Its bot ran and may have left audio on its disk. */
  mayHaveLeftAudio: boolean;
  /** False when another attempt would end in the same way. */
  canRelaunch: boolean;
}

/**
 * Sends bots into the meeting, one after another, until it is over or given up; the first may have
 * been begun by a plan. False when all that was asked for had been served by an earlier run of this
 * workflow.
 */
export async function attendMeeting(
  meeting: MeetingState,
  planned: PlannedAttempt | null,
): Promise<boolean> {
  meeting.phase = 'attending';
  const { maxFailedAttempts } = meeting.input.timing;
  const startedAtMs = Date.now();
  let failed = 0;
  let failedInARow = 0;
  let next = planned === null ? await beginNext(meeting) : await takePlanned(meeting, planned);
  while (next === 'begun') {
    meeting.isGivenUp = false;
    const end = await runAttempt(meeting, findDeadline(meeting, startedAtMs));
    meeting.reason = end.reason;
    if (end.mayHaveLeftAudio && patched('deliver-spool')) startDelivery(meeting);
    if (meeting.startRequests.length === 0) {
      if (meeting.stopRequested || !end.canRelaunch) return true;
      failed += 1;
      failedInARow = hadSettled(meeting) ? 1 : failedInARow + 1;
      meeting.isGivenUp = failedInARow >= maxFailedAttempts || failed >= MAX_ATTEMPTS;
      if (meeting.isGivenUp || Date.now() >= findDeadline(meeting, startedAtMs)) return true;
      await pauseBeforeNext(meeting, failedInARow);
    }
    if (meeting.startRequests.length > 0) failedInARow = 0;
    next = await beginNext(meeting);
  }
  return next === 'stays_out';
}

/** The plan's attempt stands in the database already. */
async function takePlanned(meeting: MeetingState, planned: PlannedAttempt): Promise<'begun'> {
  serveRequests(meeting);
  await noteBegun(meeting, planned);
  return 'begun';
}

/** Begins the next attempt, unless a stop came first, or an earlier run had served all requests. */
async function beginNext(meeting: MeetingState): Promise<'begun' | 'stays_out' | 'already_served'> {
  if (meeting.stopRequested && meeting.startRequests.length === 0) {
    stayOut(meeting);
    return 'stays_out';
  }
  meeting.stopRequested = false;
  return (await beginNextAttempt(meeting)) ? 'begun' : 'already_served';
}

/** Twice as long after each failure in a row, unless somebody wants something else meanwhile. */
async function pauseBeforeNext(meeting: MeetingState, failedInARow: number): Promise<void> {
  const delayMs = Math.min(
    meeting.input.timing.relaunchDelayMs * 2 ** (failedInARow - 1),
    LONGEST_RELAUNCH_DELAY_MS,
  );
  void showMeeting(meeting, {
    status: 'joining',
    botStatus: 'launching',
    next: `Another bot is started in ${Math.ceil(delayMs / 1000)} s.`,
  });
  await condition(() => meeting.stopRequested || meeting.startRequests.length > 0, delayMs);
}

/** The first bot keeps the meeting's longest time by itself; those after it are given what is left. */
function findDeadline(meeting: MeetingState, startedAtMs: number): number {
  const { input, firstAdmittedAtMs, longestMeetingMs } = meeting;
  const own = firstAdmittedAtMs === null ? Infinity : firstAdmittedAtMs + longestMeetingMs;
  return Math.min(startedAtMs + input.timing.longestMeetingMs, own);
}

/** A stop came before, or between, attempts. */
function stayOut(meeting: MeetingState): void {
  meeting.reason = meeting.hasBeenIn ? 'stopped' : 'stopped_before_admission';
  meeting.botStatus = 'ended';
}

function hadSettled({ admittedAtMs }: MeetingState): boolean {
  return admittedAtMs !== null && Date.now() - admittedAtMs >= SETTLED_AFTER_MS;
}

/** False when every request turned out to have been served by an earlier run of this workflow. */
async function beginNextAttempt(meeting: MeetingState): Promise<boolean> {
  const { meetingId } = meeting.input;
  const requests = meeting.startRequests.splice(0);
  const launchIds = requests.length > 0 ? requests : [uuid4()];
  for (const launchId of launchIds) {
    const begun = await meetingActivities.beginAttempt({ meetingId, launchId });
    if (requests.length > 0) {
      meeting.unsettledIntents.push({ intentId: launchId, status: 'carried_out' });
    }
    if (begun.kind === 'already_served') continue;
    await noteBegun(meeting, begun);
    return true;
  }
  return false;
}

type Begun = Extract<BegunAttempt, { kind: 'begun' }> & Partial<PlannedAttempt>;

async function noteBegun(meeting: MeetingState, begun: Begun): Promise<void> {
  meeting.attempt = begun.attempt;
  meeting.launchByMs = begun.launchByMs ?? null;
  meeting.hasBeenIn ||= begun.hasBeenIn;
  meeting.longestMeetingMs = begun.longestMeetingMs ?? Infinity;
  meeting.isQueued = begun.isQueued ?? false;
  meeting.admittedAtMs = null;
  meeting.hasLeftCall = false;
  meeting.unreadReports = 0;
  void showMeeting(meeting, {
    status: 'joining',
    botStatus: 'launching',
    reason: null,
    next: 'The bot is started and then reports by itself.',
  });
  await ensureTranscript(meeting);
}

/** Who asked for a bot while one was begun by the plan is served by it, also after a stop. */
function serveRequests(meeting: MeetingState): void {
  if (meeting.startRequests.length > 0) meeting.stopRequested = false;
  for (const intentId of meeting.startRequests.splice(0)) {
    meeting.unsettledIntents.push({ intentId, status: 'carried_out' });
  }
}

async function runAttempt(meeting: MeetingState, untilMs: number): Promise<AttemptEnd> {
  const bot = { meetingId: meeting.input.meetingId, attempt: currentAttempt(meeting) };
  if (meeting.isQueued) await awaitBotSlot(meeting);
  if (meeting.stopRequested) return closeAttempt(meeting, 'stopped_before_admission');
  try {
    await botActivities.launchBot.executeWithOptions(
      { summary: summarise(meeting), ...limitLaunch(meeting) },
      [bot],
    );
  } catch (error) {
    if (isFailureOfType(error, 'MeetingDeleted')) throw error;
    if (wasNeverTakenUp(error)) return giveUpLaunch(meeting);
    const isForGood = isFailureOfType(error, 'BotNotLaunchable');
    // its message says what to do; others' are for the log
    const detail = isForGood ? findApplicationFailure(error)?.message : undefined;
    log.warn('bot not launched', { meetingId: bot.meetingId, attempt: bot.attempt });
    const isInUse = isFailureOfType(error, 'IdentityInUse');
    const end = await closeAttempt(meeting, isInUse ? 'identity_in_use' : 'launch_failed', detail);
    return { ...end, canRelaunch: !isForGood, mayHaveLeftAudio: false };
  }
  return accompanyBot(meeting, untilMs);
}

/** A planned bot that no worker launches until then is not sent: the queue may be dead for hours. */
function limitLaunch({ launchByMs }: MeetingState): { scheduleToStartTimeout?: number } {
  if (launchByMs === null) return {};
  return { scheduleToStartTimeout: Math.max(launchByMs - Date.now(), 1) };
}

async function giveUpLaunch(meeting: MeetingState): Promise<AttemptEnd> {
  const { meetingId, attempt } = describeTarget(meeting);
  log.warn('planned bot not launched in time', { meetingId, attempt });
  await meetingActivities.giveUpLaunch({ meetingId, attempt });
  meeting.botStatus = 'ended';
  return { reason: 'start_missed', canRelaunch: false, mayHaveLeftAudio: false };
}

/** Follows the bot until its attempt has ended, and asks it to leave when that is wanted. */
export async function accompanyBot(meeting: MeetingState, untilMs: number): Promise<AttemptEnd> {
  const leave = {
    reason: null as EndReason | null,
    deadlineMs: untilMs,
    isFlushing: false,
    isKilled: false,
  };
  let watch = watchBot(meeting);
  for (;;) {
    const isTold = (): boolean =>
      watch.isOver() ||
      meeting.unreadReports > 0 ||
      (meeting.stopRequested && leave.reason === null);
    if (leave.isKilled) await condition(isTold);
    else await condition(isTold, Math.max(leave.deadlineMs - Date.now(), 1));
    if (watch.isOver()) {
      const news = watch.read();
      if (news.kind !== 'reported') return concludeAttempt(meeting, news, leave.reason);
      applyReading(meeting, news.reading);
      watch = watchBot(meeting);
    } else if (meeting.unreadReports > 0) {
      meeting.unreadReports = 0;
      applyReading(meeting, await meetingActivities.readBot(describeTarget(meeting)));
    } else if (leave.reason === null) {
      leave.reason = chooseLeaveReason(meeting);
      leave.deadlineMs = Date.now() + meeting.input.timing.leaveGraceMs;
      await askToLeave(meeting, leave.reason);
    } else if (meeting.hasLeftCall && !leave.isFlushing) {
      leave.isFlushing = true;
      leave.deadlineMs = Date.now() + LONGEST_FLUSH_MS;
    } else {
      leave.isKilled = true;
      const graceMs = meeting.input.timing.spoolGraceMs;
      const target = { ...describeTarget(meeting), graceMs };
      await botActivities.stopBot.executeWithOptions({ summary: summarise(meeting) }, [target]);
    }
  }
}

function chooseLeaveReason(meeting: MeetingState): EndReason {
  if (!meeting.stopRequested) return 'time_limit';
  return meeting.admittedAtMs === null ? 'stopped_before_admission' : 'stopped';
}

/** Leaves the command for the bot. Its outage must not outlast the grace: then the kill follows. */
async function askToLeave(meeting: MeetingState, reason: EndReason): Promise<void> {
  void showMeeting(meeting, {
    botStatus: 'leaving',
    next: `The bot is asked to leave; after ${meeting.input.timing.leaveGraceMs / 1000} s its process is ended.`,
  });
  try {
    await meetingActivities.askBotToLeave.executeWithOptions(
      {
        summary: summarise(meeting),
        scheduleToCloseTimeout: Math.max(meeting.input.timing.leaveGraceMs, 1_000),
      },
      [{ ...describeTarget(meeting), reason }],
    );
  } catch (error) {
    if (isFailureOfType(error, 'MeetingDeleted')) throw error;
    log.warn('bot could not be asked to leave', { meetingId: meeting.input.meetingId });
  }
}

/** Takes over what the bot reported, as far as it is news. */
function applyReading(meeting: MeetingState, reading: BotReading): void {
  if (reading.status === 'leaving') meeting.hasLeftCall = true;
  if (reading.hasBeenIn) {
    meeting.hasBeenIn = true;
    meeting.admittedAtMs ??= Date.now();
    meeting.firstAdmittedAtMs ??= meeting.admittedAtMs;
  }
  const isNews =
    !isBotStatusTerminal(reading.status) && isBotStatusAdvance(meeting.botStatus, reading.status);
  if (!isNews) return;
  void showMeeting(meeting, {
    status: reading.hasBeenIn ? 'live' : 'joining',
    botStatus: reading.status,
    next: NEXT_BY_STATUS[reading.status] ?? 'The bot reports by itself.',
  });
}

const NEXT_BY_STATUS: Partial<Record<BotReading['status'], string>> = {
  joining: 'The bot is on its way into the call.',
  waiting_room: 'Somebody in the call has to admit the bot.',
  in_meeting: 'The bot listens until the meeting ends or somebody stops it.',
  leaving: 'The bot is leaving.',
};

async function concludeAttempt(
  meeting: MeetingState,
  news: Exclude<BotNews, { kind: 'reported' }>,
  leaveReason: EndReason | null,
): Promise<AttemptEnd> {
  if (news.hasBeenIn) {
    meeting.hasBeenIn = true;
    meeting.admittedAtMs ??= Date.now();
    meeting.firstAdmittedAtMs ??= meeting.admittedAtMs;
  }
  // somebody wanted it to end: how it did so is no reason to start another one
  const reason =
    leaveReason !== null && isRelaunchable(news.reason)
      ? settleLeaveReason(leaveReason, news.hasBeenIn)
      : news.reason;
  if (news.kind !== 'ended') return closeAttempt(meeting, reason);
  meeting.botStatus = news.status;
  const canRelaunch = isRelaunchable(reason);
  const mayHaveLeftAudio = news.hasBeenIn && (canRelaunch || news.isAudioMissing === true);
  return { reason, canRelaunch, mayHaveLeftAudio };
}

/** A stop that crossed the admission of the bot stopped it in the meeting. */
function settleLeaveReason(reason: EndReason, hasBeenIn: boolean): EndReason {
  return reason === 'stopped_before_admission' && hasBeenIn ? 'stopped' : reason;
}

/** Makes sure that nothing is left of the attempt and notes why it ended. */
async function closeAttempt(
  meeting: MeetingState,
  reason: EndReason,
  detail?: string,
): Promise<AttemptEnd> {
  const target = {
    ...describeTarget(meeting),
    reason,
    ...(detail !== undefined && { detail }),
    graceMs: KILL_GRACE_MS,
  };
  await botActivities.closeAttempt.executeWithOptions(
    { summary: `${summarise(meeting)}: ${reason}` },
    [target],
  );
  const canRelaunch = isRelaunchable(reason);
  meeting.botStatus = canRelaunch ? 'failed' : 'ended';
  return { reason, canRelaunch, mayHaveLeftAudio: meeting.admittedAtMs !== null };
}

interface Watch {
  isOver(): boolean;
  /** What the watch ended with; throws what it failed with. */
  read(): BotNews;
}

function watchBot(meeting: MeetingState): Watch {
  let news: BotNews | undefined;
  let failure: unknown;
  const input = {
    ...describeTarget(meeting),
    firstReportTimeoutMs: meeting.input.timing.firstReportTimeoutMs,
  };
  botActivities.watchBot.executeWithOptions({ summary: summarise(meeting) }, [input]).then(
    (result) => (news = result),
    (error: unknown) => (failure = error ?? null),
  );
  return {
    isOver: () => news !== undefined || failure !== undefined,
    read() {
      if (news === undefined) throw failure;
      return news;
    },
  };
}

function currentAttempt(meeting: MeetingState): number {
  if (meeting.attempt === null) throw new TypeError('Expected an attempt to have begun');
  return meeting.attempt;
}

function describeTarget(meeting: MeetingState): { meetingId: number; attempt: number } {
  return { meetingId: meeting.input.meetingId, attempt: currentAttempt(meeting) };
}

function summarise({ input, attempt }: MeetingState): string {
  return `meeting ${input.meetingId}, ${input.platform}, attempt ${attempt}`;
}
