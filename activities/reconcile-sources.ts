import type { Client } from '@temporalio/client';
import { UPLOAD_ABANDONED_MS } from '../domain/uploads';
import { makeMeetingWorkflowId } from '../domain/temporal';
import type { AudioStore } from '../infra/audio-store';
import type { Database } from '../infra/database/client';
import { projectMeeting } from '../infra/database/meetings';
import { listMeetingsWithoutBot } from '../infra/database/reconcile';
import { closeUpload, listAbandonedUploads, listUploadsToClear } from '../infra/database/uploads';
import type { MeetingClient } from '../infra/meeting-client';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { countMended } from './count-mended';
import { clearUpload } from './uploads';

export interface ReconcileSourceDeps {
  db: Database;
  client: Client;
  meetingClient: MeetingClient;
  audioStore: AudioStore;
}

/** A meeting about which nothing was decided for this long may have no workflow. */
const QUIET_MS = 30_000;

/** What of reconciliation concerns meetings that no bot hears. */
export function createSourceMending({
  db,
  client,
  meetingClient,
  audioStore,
}: ReconcileSourceDeps) {
  return {
    /** Recordings and files that came, and whose workflow does not run: it is started. */
    async mendHearings(): Promise<number> {
      const quiet = await listMeetingsWithoutBot(db, QUIET_MS);
      return countMended(quiet, async (meeting) => {
        const workflowId = makeMeetingWorkflowId(meeting.meetingId);
        if (await isWorkflowRunning(client, workflowId)) return false;
        await meetingClient.startHearing(meeting);
        return true;
      });
    },

    /** Files that nobody sends any more are given up; of those that are over, the bytes go. */
    async mendUploads(): Promise<number> {
      const abandoned = await listAbandonedUploads(db, UPLOAD_ABANDONED_MS);
      const givenUp = await countMended(abandoned, async (meetingId) => {
        if (!(await closeUpload(db, meetingId, 'failed'))) return false;
        await projectMeeting(db, {
          meetingId,
          decidedAtMs: Date.now(),
          status: 'failed',
          reason: 'upload_abandoned',
        });
        return true;
      });
      const cleared = await countMended(await listUploadsToClear(db), async (meetingId) => {
        await clearUpload({ db, audioStore }, meetingId);
        return true;
      });
      return givenUp + cleared;
    },
  };
}
