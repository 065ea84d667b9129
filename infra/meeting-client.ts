import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Platform } from '../domain/platforms';
import {
  makeAnalysisWorkflowId,
  makeDeletionWorkflowId,
  makeMeetingWorkflowId,
  SEARCH_ATTRIBUTES,
  TASK_QUEUES,
} from '../domain/temporal';
import {
  BOT_TOKEN_LIFETIME_MS,
  DEFAULT_MEETING_TIMING,
  MEETING_MESSAGES,
  WORKFLOW_TYPES,
  type AnalysisWorkflowInput,
  type DeletionWorkflowInput,
  type MeetingCommandInput,
  type MeetingCommandResult,
  type MeetingTiming,
  type MeetingWorkflowInput,
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

/** The API's and reconciliation's way to the workflows of meetings. */
export interface MeetingClient {
  /** Update-with-start with a deadline of 3 s, then signal-with-start. Idempotent by `intentId`. */
  startBot(command: StartBotCommand): Promise<CommandOutcome>;
  /** Update with a deadline of 3 s, then signal. Idempotent by `intentId`. */
  stopBot(command: { meetingId: number; intentId: string }): Promise<CommandOutcome>;
  /** Tells the workflow to look at what its bot reported. Best effort: `watchBot` looks as well. */
  botReported(report: { meetingId: number; attempt: number }): Promise<void>;
  /** Starts `analysis-<meetingId>-<run>`; already started is success. */
  startAnalysis(analysis: { meetingId: number; run: number }): Promise<void>;
  /** Starts `deletion-<meetingId>`; already started is success. */
  startDeletion(meetingId: number): Promise<void>;
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

/** Opens the way to the workflows of meetings. No call throws for an outage unless it says so. */
export function createMeetingClient(
  client: Client,
  options: MeetingClientOptions = {},
): MeetingClient {
  const timing = options.timing ?? DEFAULT_MEETING_TIMING;
  const updateDeadlineMs = options.updateDeadlineMs ?? CALL_DEADLINE_MS;
  const within = <Result>(deadlineMs: number, call: () => Promise<Result>): Promise<Result> =>
    client.connection.withDeadline(Date.now() + deadlineMs, call);

  /** First by update, which is answered; else by signal, which is kept until a worker comes. */
  async function command(
    byUpdate: () => Promise<MeetingCommandResult>,
    bySignal: () => Promise<unknown>,
  ): Promise<CommandOutcome> {
    try {
      return { kind: 'carried_out', result: await within(updateDeadlineMs, byUpdate) };
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) {
        return { kind: 'refused', message: error.cause?.message ?? error.message };
      }
      if (error instanceof WorkflowNotFoundError) return { kind: 'not_running' };
      options.onTrouble?.(error);
    }
    try {
      await within(CALL_DEADLINE_MS, bySignal);
      return { kind: 'sent' };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'not_running' };
      options.onTrouble?.(error);
      return { kind: 'pending' };
    }
  }

  return {
    startBot(start) {
      const target = describeStart(start, timing);
      const args: [MeetingCommandInput] = [{ intentId: start.intentId }];
      return command(
        () =>
          client.workflow.executeUpdateWithStart<
            MeetingWorkflow,
            MeetingCommandResult,
            typeof args
          >(MEETING_MESSAGES.startBotUpdate, {
            args,
            updateId: start.intentId,
            startWorkflowOperation: new WithStartWorkflowOperation(WORKFLOW_TYPES.meeting, target),
          }),
        () =>
          client.workflow.signalWithStart<MeetingWorkflow, typeof args>(WORKFLOW_TYPES.meeting, {
            ...target,
            signal: MEETING_MESSAGES.startRequestedSignal,
            signalArgs: args,
          }),
      );
    },

    stopBot({ meetingId, intentId }) {
      const handle = client.workflow.getHandle(makeMeetingWorkflowId(meetingId));
      const args: [MeetingCommandInput] = [{ intentId }];
      return command(
        () =>
          handle.executeUpdate<MeetingCommandResult, typeof args>(MEETING_MESSAGES.stopBotUpdate, {
            args,
            updateId: intentId,
          }),
        () => handle.signal(MEETING_MESSAGES.stopRequestedSignal, ...args),
      );
    },

    async botReported({ meetingId, attempt }) {
      const handle = client.workflow.getHandle(makeMeetingWorkflowId(meetingId));
      try {
        await within(CALL_DEADLINE_MS, () =>
          handle.signal(MEETING_MESSAGES.botReportedSignal, { attempt }),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) options.onTrouble?.(error);
      }
    },

    async startAnalysis({ meetingId, run }) {
      await within(CALL_DEADLINE_MS, () =>
        startOnce<AnalysisWorkflowInput>(client, WORKFLOW_TYPES.analysis, {
          workflowId: makeAnalysisWorkflowId(meetingId, run),
          args: [{ meetingId, run }],
          staticSummary: `analysis ${run} of meeting ${meetingId}`,
        }),
      );
    },

    async startDeletion(meetingId) {
      await within(CALL_DEADLINE_MS, () =>
        startOnce<DeletionWorkflowInput>(client, WORKFLOW_TYPES.deletion, {
          workflowId: makeDeletionWorkflowId(meetingId),
          args: [{ meetingId, tokenLifetimeMs: BOT_TOKEN_LIFETIME_MS }],
          staticSummary: `deletion of meeting ${meetingId}`,
        }),
      );
    },

    async check() {
      await within(CALL_DEADLINE_MS, () => client.connection.workflowService.getSystemInfo({}));
    },
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
  { meetingId, platform, transcriptVersion }: StartBotCommand,
  timing: MeetingTiming,
): WorkflowStartOptions<MeetingWorkflow> & { workflowIdConflictPolicy: 'USE_EXISTING' } {
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
