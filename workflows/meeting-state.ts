import type { EndReason } from '../domain/end-reasons';
import { isBotStatusTerminal, type BotStatus, type MeetingStatus } from '../domain/statuses';
import type {
  MeetingCommandInput,
  MeetingCommandResult,
  MeetingWorkflowInput,
} from '../domain/workflow-messages';

/** Where the story stands: before, in and after the call. */
export type MeetingPhase =
  | 'requested'
  /** For the planned start. */
  | 'waiting'
  /** It has come: the row is asked whether the plan still stands. */
  | 'beginning'
  | 'attending'
  | 'draining'
  | 'analysing';

/** An intent whose row still has to be told what became of it. */
export interface SettledIntent {
  intentId: string;
  status: 'carried_out' | 'refused';
}

/** All that a running `meetingWorkflow` knows. Handlers change only requests and `reports`. */
export interface MeetingState {
  readonly input: MeetingWorkflowInput;
  phase: MeetingPhase;
  /** Cancelled, deleted or in trouble: no bot goes in any more. */
  isClosing: boolean;
  status: MeetingStatus;
  botStatus: BotStatus;
  reason: EndReason | null;
  /** The running or last attempt of this run. */
  attempt: number | null;
  /** Whether any attempt of this meeting was ever let in, earlier runs included. */
  hasBeenIn: boolean;
  /** Workflow time after which the current attempt is not launched any more; null for no limit. */
  launchByMs: number | null;
  /** Workflow time at which the current attempt was let in. */
  admittedAtMs: number | null;
  /** Workflow time at which the first attempt of this run was let in. */
  firstAdmittedAtMs: number | null;
  /** The meeting's own policy; histories from before it was told have none. */
  longestMeetingMs: number;
  /** The current attempt's bot has to wait for others to end. */
  isQueued: boolean;
  /** The current attempt's bot reported that it is leaving; it may still send what it heard. */
  hasLeftCall: boolean;
  /** Intents to start that no attempt serves yet; the first one names its launch. */
  startRequests: string[];
  /** The row's plan may have changed since it was read. */
  hasPlanNews: boolean;
  /** Asks the current attempt to end. */
  stopRequested: boolean;
  /** Reports of the current attempt that were announced and not read yet. */
  unreadReports: number;
  /** The last bots failed one after another, and no further one is sent. */
  isGivenUp: boolean;
  /** Parts of a recording wait to be assembled. */
  isRecorded: boolean;
  /** Spools of ended bots that are being sent. */
  runningDeliveries: number;
  readonly knownIntents: Set<string>;
  readonly unsettledIntents: SettledIntent[];
  /** Workflow time of the newest decision that was shown to the world. */
  decidedAtMs: number;
  /** A sentence for operators on what is awaited right now. */
  next: string;
  chunks: { pending: number; done: number; failed: number } | null;
  missingChunks: number;
  /** Of an uploaded file; null for all other meetings. */
  percent: number | null;
}

/** The state of a meeting that nothing has been asked of yet. */
export function makeMeetingState(input: MeetingWorkflowInput): MeetingState {
  return {
    input,
    phase: 'requested',
    isClosing: false,
    status: 'joining',
    botStatus: 'launching',
    reason: null,
    attempt: null,
    hasBeenIn: false,
    launchByMs: null,
    admittedAtMs: null,
    firstAdmittedAtMs: null,
    longestMeetingMs: Infinity,
    isQueued: false,
    hasLeftCall: false,
    startRequests: [],
    hasPlanNews: false,
    stopRequested: false,
    unreadReports: 0,
    isGivenUp: false,
    isRecorded: false,
    runningDeliveries: 0,
    knownIntents: new Set(),
    unsettledIntents: [],
    decidedAtMs: 0,
    next: 'A bot is about to be started.',
    chunks: null,
    missingChunks: 0,
    percent: null,
  };
}

/** Asks for a bot. One that runs serves the request too; one that is leaving does not. */
export function requestStart(
  meeting: MeetingState,
  { intentId }: MeetingCommandInput,
): MeetingCommandResult {
  if (!noteIntent(meeting, intentId)) return describeState(meeting);
  if (meeting.isClosing) {
    meeting.unsettledIntents.push({ intentId, status: 'refused' });
    return describeState(meeting);
  }
  const isGoing = meeting.botStatus === 'leaving' || isBotStatusTerminal(meeting.botStatus);
  const isServed = meeting.phase === 'attending' && !meeting.stopRequested && !isGoing;
  if (isServed || meeting.startRequests.length > 0) {
    meeting.unsettledIntents.push({ intentId, status: 'carried_out' });
    return describeState(meeting);
  }
  meeting.startRequests.push(intentId);
  return { status: 'joining', botStatus: 'launching', attempt: null };
}

/** Asks the bot to leave and takes back every start that no attempt serves yet. */
export function requestStop(
  meeting: MeetingState,
  { intentId }: MeetingCommandInput,
): MeetingCommandResult {
  if (!noteIntent(meeting, intentId)) return describeState(meeting);
  for (const taken of meeting.startRequests.splice(0)) {
    meeting.unsettledIntents.push({ intentId: taken, status: 'carried_out' });
  }
  meeting.unsettledIntents.push({ intentId, status: 'carried_out' });
  // the plan was taken back in the row, unless somebody has planned anew since
  if (meeting.phase === 'waiting') meeting.hasPlanNews = true;
  if (STOPPABLE.includes(meeting.phase)) meeting.stopRequested = true;
  return describeState(meeting);
}

const STOPPABLE: readonly MeetingPhase[] = ['requested', 'beginning', 'attending'];

/** Has the plan read again. What it says stands in the row, so order and repetition do not matter. */
export function noticePlan(
  meeting: MeetingState,
  { intentId }: MeetingCommandInput,
): MeetingCommandResult {
  if (noteIntent(meeting, intentId)) {
    meeting.hasPlanNews = true;
    meeting.unsettledIntents.push({ intentId, status: 'carried_out' });
  }
  return describeState(meeting);
}

/** What commands and the query answer. */
export function describeState(meeting: MeetingState): MeetingCommandResult {
  return { status: meeting.status, botStatus: meeting.botStatus, attempt: meeting.attempt };
}

/** False when this intent came before: by update and by signal, or sent again. */
function noteIntent(meeting: MeetingState, intentId: string): boolean {
  if (meeting.knownIntents.has(intentId)) return false;
  meeting.knownIntents.add(intentId);
  return true;
}
