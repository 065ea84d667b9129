import type { BotStatus, MeetingStatus } from './statuses';
import type { MeetingPlatform } from './platforms';

/** Names of the workflow types, as Temporal and its Web UI know them. */
export const WORKFLOW_TYPES = {
  meeting: 'meetingWorkflow',
  transcript: 'transcriptWorkflow',
  analysis: 'analysisWorkflow',
  deletion: 'deletionWorkflow',
  userDeletion: 'userDeletionWorkflow',
  delivery: 'deliveryWorkflow',
  reconcile: 'reconcileWorkflow',
  occurrence: 'occurrenceWorkflow',
  planOccurrences: 'planOccurrencesWorkflow',
} as const;

/** Names of the messages a `meetingWorkflow` takes. Updates answer; signals are their fallback. */
export const MEETING_MESSAGES = {
  startBotUpdate: 'startBot',
  stopBotUpdate: 'stopBot',
  planUpdate: 'plan',
  startRequestedSignal: 'startRequested',
  stopRequestedSignal: 'stopRequested',
  planChangedSignal: 'planChanged',
  botReportedSignal: 'botReported',
  stateQuery: 'state',
} as const;

/** Tells a `transcriptWorkflow` that the meeting's intake is open again. */
export const MORE_AUDIO_SIGNAL = 'moreAudio';

/** Tells a `deliveryWorkflow` that there may be something to deliver. */
export const WAKE_SIGNAL = 'wake';

/** Durations that decide behaviour, in milliseconds; tests shorten them. */
export interface MeetingTiming {
  /** From launch to the bot's first report. */
  firstReportTimeoutMs: number;
  /** From the command to leave until the process is ended from outside. */
  leaveGraceMs: number;
  /** After a crash: how long a spool may still deliver. */
  spoolGraceMs: number;
  /** How long the intake waits for the chunks a terminal report named. */
  drainGraceMs: number;
  /** Pause before the next attempt; doubled per attempt in a row that never got in. */
  relaunchDelayMs: number;
  /** Attempts in a row that never got in before the meeting is given up. */
  maxFailedAttempts: number;
  /** Longest life of the whole meeting, over all attempts. */
  longestMeetingMs: number;
  /** After this long without a sign of it a recorder in a browser has vanished. */
  recorderSilenceMs: number;
}

/** Defaults; the 60 s are the design's spool grace, the rest keeps below what people wait. */
export const DEFAULT_MEETING_TIMING: MeetingTiming = {
  firstReportTimeoutMs: 60_000,
  leaveGraceMs: 20_000,
  spoolGraceMs: 60_000,
  drainGraceMs: 60_000,
  relaunchDelayMs: 1_000,
  maxFailedAttempts: 5,
  // the longest that a leave policy may allow, and the longest wait before it
  longestMeetingMs: 13 * 3_600_000,
  // a lost network or a closed laptop; what it recorded meanwhile waits in the browser
  recorderSilenceMs: 30 * 60_000,
};

/** Life of a bot's token: the longest meeting, and an hour for its last chunks. */
export const BOT_TOKEN_LIFETIME_MS = DEFAULT_MEETING_TIMING.longestMeetingMs + 3_600_000;

export interface MeetingWorkflowInput {
  meetingId: number;
  platform: MeetingPlatform;
  transcriptVersion: number;
  timing: MeetingTiming;
  /** What hears the meeting where no bot does. */
  source?: 'recorder' | 'upload';
}

/** The intent (a row) that a start or stop carries out. */
export interface MeetingCommandInput {
  intentId: string;
}

export interface MeetingCommandResult {
  status: MeetingStatus;
  botStatus: BotStatus;
  /** The attempt that serves this command; null until one is begun. */
  attempt: number | null;
}

/** When a meeting's bot is to be sent, as its row says at this moment. */
export interface MeetingPlan {
  revision: number;
  scheduledStartMs: number;
  /** The lead before the start, with jitter inside it. */
  wakeAtMs: number;
}

export interface BotReportedInput {
  attempt: number;
}

export interface TranscriptWorkflowInput {
  meetingId: number;
  version: number;
}

export interface AnalysisWorkflowInput {
  meetingId: number;
  run: number;
}

export interface DeliveryWorkflowInput {
  endpointId: number;
}

export interface DeletionWorkflowInput {
  meetingId: number;
  /** Longest life of a bot's token: after it no write can come any more. */
  tokenLifetimeMs: number;
}

export interface UserDeletionWorkflowInput {
  userId: number;
}

export interface OccurrenceWorkflowInput {
  scheduleId: number;
}
