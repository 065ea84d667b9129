import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  log,
} from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import type { EndReason } from '../domain/end-reasons';
import { isMeetingActive, type MeetingStatus } from '../domain/statuses';
import type { MeetingWorkflowInput } from '../domain/workflow-messages';
import { botActivities, meetingActivities } from './activity-options';
import { assembleRecording } from './assemble-recording';
import { accompanyBot, attendMeeting } from './attend-meeting';
import { awaitPlannedStart, giveUpPlan } from './await-planned-start';
import { drainMeeting, unlessStartRequested } from './drain-meeting';
import { hearWithoutBot } from './hear-without-bot';
import { isFailureOfType } from './failures';
import { takeMessages } from './meeting-messages';
import { makeMeetingState, type MeetingState } from './meeting-state';
import { showDetails, showMeeting } from './show-meeting';
import { startAnalysis } from './start-children';

/** The request comes with the start; when its sender died in between, its row is sent again. */
const REQUEST_TIMEOUT = '1 minute';
/** Between SIGTERM and SIGKILL for the bot of a deleted meeting. */
const DELETED_GRACE_MS = 5_000;

export interface MeetingWorkflowResult {
  status: MeetingStatus;
  reason: EndReason | null;
  attempt: number | null;
}

/**
 * The whole life of one meeting: bots go in until it is over, what was heard is transcribed to the
 * last word, and then it is analysed. Somebody may ask for a bot again at any point.
 */
export async function meetingWorkflow(input: MeetingWorkflowInput): Promise<MeetingWorkflowResult> {
  const meeting = makeMeetingState(input);
  takeMessages(meeting);
  showDetails(meeting);
  const intents = settleIntents(meeting);
  try {
    if (input.source === undefined) await attendWhileAsked(meeting);
    else await finishMeeting(meeting, await hearWithoutBot(meeting));
  } catch (error) {
    // a bug: the task fails and is tried again until a mended worker is deployed
    if (!(error instanceof TemporalFailure)) throw error;
    await CancellationScope.nonCancellable(() => cleanUp(meeting, error));
  } finally {
    await CancellationScope.nonCancellable(() => intents.finish());
  }
  await condition(allHandlersFinished);
  return { status: meeting.status, reason: meeting.reason, attempt: meeting.attempt };
}

async function attendWhileAsked(meeting: MeetingState): Promise<void> {
  await condition(() => isAskedFor(meeting) || meeting.hasPlanNews, REQUEST_TIMEOUT);
  while (isAskedFor(meeting) || meeting.hasPlanNews) {
    const planned = meeting.hasPlanNews ? await awaitPlannedStart(meeting) : null;
    if (planned === 'nothing_to_do') continue;
    const isNew = await attendMeeting(meeting, planned);
    if (!isNew) continue;
    if (!(await drainMeeting(meeting))) continue;
    await finishMeeting(meeting, decideStatus(meeting));
  }
}

/** All is written down that will be: says so, and has it analysed. */
async function finishMeeting(meeting: MeetingState, status: MeetingStatus): Promise<void> {
  await concludeMeeting(meeting, status);
  await Promise.all([analyseMeeting(meeting), assembleRecording(meeting)]);
}

function isAskedFor(meeting: MeetingState): boolean {
  return meeting.startRequests.length > 0 || meeting.stopRequested;
}

async function concludeMeeting(meeting: MeetingState, status: MeetingStatus): Promise<void> {
  if (meeting.input.source !== undefined && status !== 'completed') meeting.hasBeenIn = false;
  await showMeeting(meeting, {
    status,
    next: meeting.hasBeenIn
      ? 'What was said is analysed.'
      : 'Nothing; there is nothing to analyse.',
  });
}

/** A meeting whose bots were lost for good has failed; what they had heard is analysed all the same. */
function decideStatus({ hasBeenIn, isGivenUp, reason }: MeetingState): MeetingStatus {
  if (hasBeenIn) return isGivenUp ? 'failed' : 'completed';
  return reason === 'stopped_before_admission' ? 'cancelled' : 'failed';
}

/** Has the meeting analysed. Its failure is the analysis's own and changes nothing here. */
async function analyseMeeting(meeting: MeetingState): Promise<void> {
  meeting.phase = 'analysing';
  if (!meeting.hasBeenIn) return;
  const { meetingId } = meeting.input;
  const { run } = await meetingActivities.beginAnalysis({ meetingId });
  const analysis = await startAnalysis(meeting, run);
  // one that runs already notices by itself that the transcript has grown
  if (analysis === null) return;
  const next = await unlessStartRequested(meeting, () =>
    analysis.result().then(
      () => `Nothing; analysis ${run} is done.`,
      () => `Nothing; analysis ${run} failed and can be asked for again.`,
    ),
  );
  if (next !== null) sayNext(meeting, next);
}

function sayNext(meeting: MeetingState, next: string): void {
  meeting.next = next;
  showDetails(meeting);
}

/** Ends a meeting that was cancelled, deleted or struck by a failure nobody foresaw. */
async function cleanUp(meeting: MeetingState, error: unknown): Promise<void> {
  const hadBot = meeting.phase === 'attending' && meeting.attempt !== null;
  meeting.isClosing = true;
  for (const intentId of meeting.startRequests.splice(0)) {
    meeting.unsettledIntents.push({ intentId, status: 'refused' });
  }
  try {
    if (isFailureOfType(error, 'MeetingDeleted')) throw error;
    if (meeting.status === 'scheduled') await giveUpPlan(meeting);
    else if (isMeetingActive(meeting.status)) await endEarly(meeting, { hadBot, error });
  } catch (cause) {
    if (!isFailureOfType(cause, 'MeetingDeleted')) throw cause;
    await endDeleted(meeting, hadBot);
    return;
  }
  throw error;
}

async function endEarly(
  meeting: MeetingState,
  { hadBot, error }: { hadBot: boolean; error: unknown },
): Promise<void> {
  if (hadBot) {
    meeting.stopRequested = true;
    meeting.reason = (await accompanyBot(meeting, Date.now())).reason;
  }
  await drainMeeting(meeting);
  const isCancelled = isCancellation(error);
  if (!isCancelled) log.error('meeting failed', { meetingId: meeting.input.meetingId, error });
  await showMeeting(meeting, {
    status: isCancelled ? 'cancelled' : 'failed',
    reason: isCancelled ? (meeting.reason ?? 'stopped') : 'unknown',
    next: 'Nothing; the workflow was ended early.',
  });
  await assembleRecording(meeting);
}

async function endDeleted(meeting: MeetingState, hadBot: boolean): Promise<void> {
  meeting.reason = 'deleted';
  sayNext(meeting, 'Nothing; the meeting was deleted.');
  if (!hadBot || meeting.attempt === null) return;
  const { meetingId } = meeting.input;
  await botActivities.stopBot({
    meetingId,
    attempt: meeting.attempt,
    graceMs: DELETED_GRACE_MS,
  });
}

/** Tells the rows of intents what became of them, one after another, beside the story. */
function settleIntents(meeting: MeetingState): { finish(): Promise<void> } {
  let isOver = false;
  const running = CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => isOver || meeting.unsettledIntents.length > 0);
      const intent = meeting.unsettledIntents.shift();
      if (intent === undefined) return;
      await meetingActivities.settleIntent(intent);
    }
  });
  return {
    finish() {
      isOver = true;
      return running;
    },
  };
}
