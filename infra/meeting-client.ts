import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { MeetingPlatform, Platform } from '../domain/platforms';
import {
  makeAnalysisWorkflowId,
  makeDeletionWorkflowId,
  makeDeliveryWorkflowId,
  makeMeetingWorkflowId,
  makeTranscriptWorkflowId,
  makeUserDeletionWorkflowId,
  SEARCH_ATTRIBUTES,
  TASK_QUEUES,
} from '../domain/temporal';
import {
  BOT_TOKEN_LIFETIME_MS,
  DEFAULT_MEETING_TIMING,
  MEETING_MESSAGES,
  MORE_AUDIO_SIGNAL,
  WAKE_SIGNAL,
  WORKFLOW_TYPES,
  type AnalysisWorkflowInput,
  type DeletionWorkflowInput,
  type DeliveryWorkflowInput,
  type MeetingCommandInput,
  type MeetingCommandResult,
  type MeetingTiming,
  type MeetingWorkflowInput,
  type TranscriptWorkflowInput,
  type UserDeletionWorkflowInput,
} from '../domain/workflow-messages';

/** What became of a command that was sent to a meeting's workflow. */
export type CommandOutcome =
  /** A worker answered: the command is carried out. */
  | { kind: 'carried_out'; result: MeetingCommandResult }
  /** Temporal has it as a signal and a worker will carry it out. */
  | { kind: 'sent' }
  /** Temporal did not answer: the intent's row stays pending and reconciliation sends it again. */
  | { kind: 'pending' }
  | { kind: 'refused'; message: string }
  /** There is no running workflow that this command could be for. */
  | { kind: 'not_running' };

export interface StartBotCommand {
  meetingId: number;
  platform: Platform;
  transcriptVersion: number;
  intentId: string;
}

/** A meeting that no bot hears. */
export interface HearingStart {
  meetingId: number;
  source: 'recorder' | 'upload';
  transcriptVersion: number;
}

/** The API's and reconciliation's way to the workflows of meetings. */
export interface MeetingClient {
  /** Update-with-start with a deadline of 3 s, then signal-with-start. Idempotent by `intentId`. */
  startBot(command: StartBotCommand): Promise<CommandOutcome>;
  /** Has the workflow read the meeting's plan, as `startBot` has it send a bot. */
  planMeeting(command: StartBotCommand): Promise<CommandOutcome>;
  /** The same by signal-with-start alone; throws when Temporal does not answer. */
  startWaiting(command: StartBotCommand): Promise<void>;
  /** Update with a deadline of 3 s, then signal. Idempotent by `intentId`. */
  stopBot(command: { meetingId: number; intentId: string }): Promise<CommandOutcome>;
  /** Starts the workflow of a meeting that no bot hears; already started is success. */
  startHearing(meeting: HearingStart): Promise<void>;
  /** Tells the workflow to look at what its bot reported. Best effort: `watchBot` looks as well. */
  botReported(report: { meetingId: number; attempt: number }): Promise<void>;
  /** Starts `analysis-<meetingId>-<run>`; already started is success. */
  startAnalysis(analysis: { meetingId: number; run: number }): Promise<void>;
  /** Starts `transcript-<meetingId>-<version>`, or tells the running one that there is more. */
  startTranscript(transcript: { meetingId: number; version: number }): Promise<void>;
  /** Starts `deletion-<meetingId>`; already started is success. */
  startDeletion(meetingId: number): Promise<void>;
  /** Starts `user-deletion-<userId>`; already started is success. */
  startUserDeletion(userId: number): Promise<void>;
  /** Starts `delivery-<endpointId>`, or has it look at once when it runs. */
  wakeDelivery(endpointId: number): Promise<void>;
  /** Throws when Temporal does not answer. */
  check(): Promise<void>;
}

export interface MeetingClientOptions {
  timing?: MeetingTiming;
  /** How long a caller waits for a worker, in milliseconds; the design's 3 s. */
  updateDeadlineMs?: number;
  /** Told why a command went another way than by update, or not at all. */
  onTrouble?: (error: unknown) => void;
}

/** How long a call that needs no worker may take. */
const CALL_DEADLINE_MS = 3_000;

type MeetingWorkflow = (input: MeetingWorkflowInput) => Promise<unknown>;

/** Opens the way to the workflows of meetings. No command throws for an outage. */
export function createMeetingClient(
  client: Client,
  options: MeetingClientOptions = {},
): MeetingClient {
  const { timing = DEFAULT_MEETING_TIMING, updateDeadlineMs = CALL_DEADLINE_MS } = options;
  const onTrouble = options.onTrouble ?? (() => undefined);
  const call: Call = (work) => client.connection.withDeadline(Date.now() + CALL_DEADLINE_MS, work);
  const update: Call = (work) =>
    client.connection.withDeadline(Date.now() + updateDeadlineMs, work);
  const describe = (messages: Messages, start: StartBotCommand) =>
    describeStartMessages(client, describeStart(start, timing), { messages, ...start });
  const sendWithStart = (messages: Messages, start: StartBotCommand): Promise<CommandOutcome> => {
    const { byUpdate, bySignal } = describe(messages, start);
    return sendCommand({
      byUpdate: () => update(byUpdate),
      bySignal: () => call(bySignal),
      onTrouble,
    });
  };
  return {
    startBot: (start) => sendWithStart(START_MESSAGES, start),

    planMeeting: (plan) => sendWithStart(PLAN_MESSAGES, plan),

    async startWaiting(plan) {
      const { bySignal } = describe(PLAN_MESSAGES, plan);
      await call(bySignal);
    },

    stopBot({ meetingId, intentId }) {
      const handle = client.workflow.getHandle(makeMeetingWorkflowId(meetingId));
      const args: [MeetingCommandInput] = [{ intentId }];
      const { stopBotUpdate, stopRequestedSignal } = MEETING_MESSAGES;
      return sendCommand({
        byUpdate: () =>
          update(() => handle.executeUpdate(stopBotUpdate, { args, updateId: intentId })),
        bySignal: () => call(() => handle.signal(stopRequestedSignal, ...args)),
        onTrouble,
      });
    },

    async botReported({ meetingId, attempt }) {
      const handle = client.workflow.getHandle(makeMeetingWorkflowId(meetingId));
      try {
        await call(() => handle.signal(MEETING_MESSAGES.botReportedSignal, { attempt }));
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) onTrouble(error);
      }
    },

    async startHearing({ source, ...meeting }) {
      const start = describeStart({ ...meeting, platform: 'none' }, timing);
      const [input] = start.args;
      await call(() =>
        startOnce(client, WORKFLOW_TYPES.meeting, {
          ...start,
          args: [{ ...input, source }],
          staticSummary: `meeting ${meeting.meetingId}, ${source}`,
        }),
      );
    },

    ...createStarts(client, call),
    check: () => call(async () => void (await client.connection.workflowService.getSystemInfo({}))),
  };
}

/** Starts of workflows that nobody waits for. */
function createStarts(
  client: Client,
  call: Call,
): Omit<
  MeetingClient,
  'startBot' | 'stopBot' | 'planMeeting' | 'startWaiting' | 'startHearing' | 'botReported' | 'check'
> {
  return {
    async startAnalysis({ meetingId, run }) {
      await call(() =>
        startOnce(client, WORKFLOW_TYPES.analysis, {
          workflowId: makeAnalysisWorkflowId(meetingId, run),
          args: [{ meetingId, run } satisfies AnalysisWorkflowInput],
          staticSummary: `analysis ${run} of meeting ${meetingId}`,
        }),
      );
    },

    async startTranscript({ meetingId, version }) {
      await call(() =>
        client.workflow.signalWithStart(WORKFLOW_TYPES.transcript, {
          workflowId: makeTranscriptWorkflowId(meetingId, version),
          taskQueue: TASK_QUEUES.meetings,
          args: [{ meetingId, version } satisfies TranscriptWorkflowInput],
          signal: MORE_AUDIO_SIGNAL,
          staticSummary: `transcript of meeting ${meetingId}, version ${version}`,
        }),
      );
    },

    async startDeletion(meetingId) {
      const input: DeletionWorkflowInput = { meetingId, tokenLifetimeMs: BOT_TOKEN_LIFETIME_MS };
      await call(() =>
        startOnce(client, WORKFLOW_TYPES.deletion, {
          workflowId: makeDeletionWorkflowId(meetingId),
          args: [input],
          staticSummary: `deletion of meeting ${meetingId}`,
        }),
      );
    },

    async startUserDeletion(userId) {
      await call(() =>
        startOnce(client, WORKFLOW_TYPES.userDeletion, {
          workflowId: makeUserDeletionWorkflowId(userId),
          args: [{ userId } satisfies UserDeletionWorkflowInput],
          staticSummary: `deletion of user ${userId}`,
        }),
      );
    },

    wakeDelivery: (endpointId) => call(() => wakeDelivery(client, endpointId)),
  };
}

/** Makes a call with a deadline. */
type Call = <Result>(work: () => Promise<Result>) => Promise<Result>;

interface CommandPaths {
  /** Answered by a worker. */
  byUpdate(): Promise<MeetingCommandResult>;
  /** Kept by Temporal until a worker comes. */
  bySignal(): Promise<unknown>;
  onTrouble(error: unknown): void;
}

async function sendCommand(paths: CommandPaths): Promise<CommandOutcome> {
  try {
    return { kind: 'carried_out', result: await paths.byUpdate() };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      return { kind: 'refused', message: error.cause?.message ?? error.message };
    }
    if (error instanceof WorkflowNotFoundError) return { kind: 'not_running' };
    paths.onTrouble(error);
  }
  try {
    await paths.bySignal();
    return { kind: 'sent' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'not_running' };
    paths.onTrouble(error);
    return { kind: 'pending' };
  }
}

type StartOptions = WorkflowStartOptions<MeetingWorkflow> & {
  workflowIdConflictPolicy: 'USE_EXISTING';
};

/** One wish as an update and as the signal that is its fallback. */
interface Messages {
  update: string;
  signal: string;
}

const START_MESSAGES: Messages = {
  update: MEETING_MESSAGES.startBotUpdate,
  signal: MEETING_MESSAGES.startRequestedSignal,
};
const PLAN_MESSAGES: Messages = {
  update: MEETING_MESSAGES.planUpdate,
  signal: MEETING_MESSAGES.planChangedSignal,
};

/** Both start the workflow when it does not run, and give it the intent. */
function describeStartMessages(
  client: Client,
  start: StartOptions,
  { messages, intentId }: { messages: Messages; intentId: string },
): Pick<CommandPaths, 'byUpdate' | 'bySignal'> {
  const args: [MeetingCommandInput] = [{ intentId }];
  return {
    byUpdate: () =>
      client.workflow.executeUpdateWithStart<MeetingWorkflow, MeetingCommandResult, typeof args>(
        messages.update,
        {
          args,
          updateId: intentId,
          startWorkflowOperation: new WithStartWorkflowOperation(WORKFLOW_TYPES.meeting, start),
        },
      ),
    bySignal: () =>
      client.workflow.signalWithStart<MeetingWorkflow, typeof args>(WORKFLOW_TYPES.meeting, {
        ...start,
        signal: messages.signal,
        signalArgs: args,
      }),
  };
}

const MEETING_ID = defineSearchAttributeKey(
  'MeetingId',
  SearchAttributeType[SEARCH_ATTRIBUTES.MeetingId],
);
const PLATFORM = defineSearchAttributeKey(
  'Platform',
  SearchAttributeType[SEARCH_ATTRIBUTES.Platform],
);

function describeStart(
  {
    meetingId,
    platform,
    transcriptVersion,
  }: Omit<StartBotCommand, 'intentId' | 'platform'> & { platform: MeetingPlatform },
  timing: MeetingTiming,
): StartOptions {
  return {
    workflowId: makeMeetingWorkflowId(meetingId),
    taskQueue: TASK_QUEUES.meetings,
    args: [{ meetingId, platform, transcriptVersion, timing }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `meeting ${meetingId}, ${platform}`,
    typedSearchAttributes: [
      { key: MEETING_ID, value: meetingId },
      { key: PLATFORM, value: platform },
    ],
  };
}

async function wakeDelivery(client: Client, endpointId: number): Promise<void> {
  await client.workflow.signalWithStart<(input: DeliveryWorkflowInput) => Promise<void>>(
    WORKFLOW_TYPES.delivery,
    {
      workflowId: makeDeliveryWorkflowId(endpointId),
      taskQueue: TASK_QUEUES.meetings,
      args: [{ endpointId }],
      signal: WAKE_SIGNAL,
      staticSummary: `deliveries to webhook endpoint ${endpointId}`,
    },
  );
}

async function startOnce<Input>(
  client: Client,
  type: string,
  options: { workflowId: string; args: [Input]; staticSummary: string },
): Promise<void> {
  try {
    await client.workflow.start<(input: Input) => Promise<unknown>>(type, {
      ...options,
      taskQueue: TASK_QUEUES.meetings,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
