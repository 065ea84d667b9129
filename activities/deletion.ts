import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  makeAnalysisWorkflowId,
  makeMeetingWorkflowId,
  makeTranscriptWorkflowId,
} from '../domain/temporal';
import { makeMeetingPrefix, type AudioStore } from '../infra/audio-store';
import type { BotLauncher } from '../infra/bot-launcher';
import type { Database } from '../infra/database/client';
import { deleteMeetingRows, listStoryParts, noteSweep } from '../infra/database/deletion';
import { closeWorkflow, deleteExecutions } from '../infra/workflow-executions';

export interface DeletionDeps {
  db: Database;
  client: Client;
  audioStore: AudioStore;
}

interface MeetingKey {
  meetingId: number;
}

export type DeletionActivities = ReturnType<typeof createDeletionActivities>;
export type DeletionBotActivities = ReturnType<typeof createDeletionBotActivities>;

/** Steps of a deletion, on the queue `meetings`. Each may be repeated: what is gone is success. */
export function createDeletionActivities({ db, client, audioStore }: DeletionDeps) {
  const heartbeat = (): void => Context.current().heartbeat();
  return {
    /** Cancels the meeting's workflows, waits until they are closed; returns their ids. */
    async closeWorkflows({ meetingId }: MeetingKey): Promise<string[]> {
      const parts = await listStoryParts(db, meetingId);
      const ids = [
        makeMeetingWorkflowId(meetingId),
        ...parts.transcriptVersions.map((version) => makeTranscriptWorkflowId(meetingId, version)),
        ...parts.analysisRuns.map((run) => makeAnalysisWorkflowId(meetingId, run)),
      ];
      for (const id of ids) await closeWorkflow(client, id, heartbeat);
      return ids;
    },

    async deleteObjects({ meetingId }: MeetingKey): Promise<{ objects: number }> {
      return { objects: await audioStore.deletePrefix(makeMeetingPrefix(meetingId)) };
    },

    /** Deletes the rows and writes the receipt's counts in the same transaction. */
    async deleteRows(input: MeetingKey & { objects: number }): Promise<void> {
      await deleteMeetingRows(db, input);
    },

    async deleteExecutions({ workflowIds }: { workflowIds: string[] }): Promise<void> {
      for (const id of workflowIds) {
        heartbeat();
        await deleteExecutions(client, id);
      }
    },

    /** Once no token can write any more: what a write in flight may have left behind. */
    async sweepObjects({ meetingId }: MeetingKey): Promise<{ objects: number }> {
      const objects = await audioStore.deletePrefix(makeMeetingPrefix(meetingId));
      await noteSweep(db, meetingId);
      return { objects };
    },
  };
}

/** The step of a deletion that needs the launcher, on the queue `bots`. */
export function createDeletionBotActivities({ launcher }: { launcher: BotLauncher }) {
  return {
    /** Ends the meeting's bots and removes their spools. */
    async eraseBots({ meetingId }: MeetingKey): Promise<void> {
      const names = await launcher.list();
      for (const name of names.filter((each) => each.startsWith(`bot-${meetingId}-`))) {
        Context.current().heartbeat();
        await launcher.erase(name);
      }
    },
  };
}
