import type { MeetingCommandResult } from "../domain/workflow-messages";
import type { Platform } from "../domain/platforms";

/** What became of a command that was sent to a meeting's workflow. */
export type CommandOutcome =
  /** A worker answered: the command is carried out. */
  | { kind: "carried_out"; result: MeetingCommandResult }
  /** Temporal has it as a signal and a worker will carry it out. */
  | { kind: "sent" }
  /** Temporal did not answer: the intent's row stays pending and reconciliation sends it again. */
  | { kind: "pending" }
  | { kind: "refused"; message: string }
  /** There is no running workflow that this command could be for. */
  | { kind: "not_running" };

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
  stopBot(command: {
    meetingId: number;
    intentId: string;
  }): Promise<CommandOutcome>;
  /** Tells the workflow to look at what its bot reported. Best effort: `watchBot` looks as well. */
  botReported(report: { meetingId: number; attempt: number }): Promise<void>;
  /** Starts `analysis-<meetingId>-<run>`; already started is success. */
  startAnalysis(analysis: { meetingId: number; run: number }): Promise<void>;
  /** Starts `deletion-<meetingId>`; already started is success. */
  startDeletion(meetingId: number): Promise<void>;
  /** Throws when Temporal does not answer. */
  check(): Promise<void>;
}
