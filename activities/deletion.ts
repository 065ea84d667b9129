import type { Client } from '@temporalio/client';
import {
  makeAnalysisWorkflowId,
  makeMeetingWorkflowId,
  makeTranscriptWorkflowId,
  parseBotName,
} from '../domain/temporal';
import { makeMeetingPrefix, type AudioStore } from '../infra/audio-store';
import type { BotLauncher } from '../infra/bot-launcher';
import type { Database } from '../infra/database/client';
import { deleteMeetingRows, listStoryParts, noteSweep } from '../infra/database/deletion';
import { closeWorkflow, deleteExecutions } from '../infra/workflow-executions';
import { withHeartbeats } from './heartbeats';

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
  return {
    /** Cancels the meeting's workflows, waits until they are closed; returns their ids. */
    async closeWorkflows({ meetingId }: MeetingKey): Promise<string[]> {
      const parts = await listStoryParts(db, meetingId);
      const ids = [
        makeMeetingWorkflowId(meetingId),
        ...parts.transcriptVersions.map((version) => makeTranscriptWorkflowId(meetingId, version)),
        ...parts.analysisRuns.map((run) => makeAnalysisWorkflowId(meetingId, run)),
      ];
      await withHeartbeats(async () => {
        for (const id of ids) await closeWorkflow(client, id);
      });
      return ids;
    },

    async deleteObjects({ meetingId }: MeetingKey): Promise<{ objects: number }> {
      const prefix = makeMeetingPrefix(meetingId);
      return { objects: await withHeartbeats(() => audioStore.deletePrefix(prefix)) };
    },

    /** Deletes the rows and writes the receipt's counts in the same transaction. */
    async deleteRows(input: MeetingKey & { objects: number }): Promise<void> {
      await withHeartbeats(() => deleteMeetingRows(db, input));
    },

    async deleteExecutions({ workflowIds }: { workflowIds: string[] }): Promise<void> {
      await withHeartbeats(async () => {
        for (const id of workflowIds) await deleteExecutions(client, id);
      });
    },

    /** Once no token can write any more: what a write in flight may have left behind. */
    async sweepObjects({ meetingId }: MeetingKey): Promise<{ objects: number }> {
      const prefix = makeMeetingPrefix(meetingId);
      const objects = await withHeartbeats(() => audioStore.deletePrefix(prefix));
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
      await withHeartbeats(async () => {
        for (const name of await launcher.list()) {
          if (parseBotName(name)?.meetingId === meetingId) await launcher.erase(name);
        }
      });
    },
  };
}
