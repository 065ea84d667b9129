import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import {
  makeAnalysisWorkflowId,
  makeDeletionWorkflowId,
  makeMeetingWorkflowId,
  makeTranscriptWorkflowId,
  makeUserDeletionWorkflowId,
} from '../domain/temporal';
import type { AudioStore } from '../infra/audio-store';
import { forgetAuditEntries } from '../infra/database/audit';
import type { Database } from '../infra/database/client';
import { forgetEvidence, listOldEvidence } from '../infra/database/evidence';
import { lookForGrownMeetings, noteLook } from '../infra/database/all-events';
import { deleteOldDeliveries } from '../infra/database/webhook-deliveries';
import { listEndpointsToWake, listOverdueEndpoints } from '../infra/database/webhook-positions';
import { settleIntent } from '../infra/database/intents';
import { forgetClerkDeliveries } from '../infra/database/profiles';
import {
  findOrphanedKeys,
  listOpenIntents,
  listPlannedMeetings,
  listRunningAnalyses,
  listUnfinishedDeletions,
  listWaitingTranscripts,
  type OpenIntent,
} from '../infra/database/reconcile';
import { listUnfinishedUserDeletions } from '../infra/database/user-deletion';
import type { CommandOutcome, MeetingClient, StartBotCommand } from '../infra/meeting-client';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { countMended } from './count-mended';
import { withHeartbeats } from './heartbeats';
import { createSourceMending } from './reconcile-sources';

export interface ReconcileDeps {
  db: Database;
  client: Client;
  meetingClient: MeetingClient;
  audioStore: AudioStore;
}

export type ReconcileActivities = ReturnType<typeof createReconcileActivities>;

const WAITING_CHUNK_MS = 30_000;
const RUNNING_ANALYSIS_MS = 60_000;
const PENDING_INTENT_MS = 10_000;
/** A workflow that was ended by hand weeks before its meeting is started again two hours before. */
const PLANS = { withinMs: 2 * 3_600_000, olderThanMs: 10_000 };
const DELETION_MARK_MS = 30_000;
/** Its own workflow's timer comes first. */
const OVERDUE_DELIVERY_MS = 30_000;
/** Nobody wants a bot an hour after having asked for it. */
const INTENT_EXPIRES_MS = 3_600_000;
/** A put and its row are seconds apart; an hour is beyond every retry. */
const ORPHAN_AGE_MS = 3_600_000;
const KEYS_PER_LOOK = 500;

/** Each mends one kind of slip and returns how many it mended; all may run at any time, twice. */
export function createReconcileActivities(deps: ReconcileDeps) {
  const { db, client, meetingClient } = deps;
  return {
    /** Pending chunks whose transcript workflow does not run: it is started. */
    async mendTranscripts(): Promise<number> {
      const waiting = await listWaitingTranscripts(db, WAITING_CHUNK_MS);
      return countMended(waiting, async ({ meetingId, version }) => {
        const workflowId = makeTranscriptWorkflowId(meetingId, version);
        if (await isWorkflowRunning(client, workflowId)) return false;
        await meetingClient.startTranscript({ meetingId, version });
        return true;
      });
    },

    /** Analyses whose row says `running` and whose workflow does not: it is started. */
    async mendAnalyses(): Promise<number> {
      const running = await listRunningAnalyses(db, RUNNING_ANALYSIS_MS);
      return countMended(running, async ({ meetingId, run }) => {
        if (await isWorkflowRunning(client, makeAnalysisWorkflowId(meetingId, run))) return false;
        await meetingClient.startAnalysis({ meetingId, run });
        return true;
      });
    },

    /** Intents that never reached a workflow: they are sent again, the very old ones refused. */
    async resendIntents(): Promise<number> {
      const open = await listOpenIntents(db, PENDING_INTENT_MS);
      return countMended(open, (intent) => resendIntent(deps, intent));
    },

    /** Deletion marks whose deletion does not run: it is started. */
    async startDeletions(): Promise<number> {
      const marked = await listUnfinishedDeletions(db, DELETION_MARK_MS);
      return countMended(marked, async (meetingId) => {
        if (await isWorkflowRunning(client, makeDeletionWorkflowId(meetingId))) return false;
        await meetingClient.startDeletion(meetingId);
        return true;
      });
    },

    /** Deleted users whose deletion does not run: it is started. */
    async startUserDeletions(): Promise<number> {
      const marked = await listUnfinishedUserDeletions(db, DELETION_MARK_MS);
      return countMended(marked, async (userId) => {
        if (await isWorkflowRunning(client, makeUserDeletionWorkflowId(userId))) return false;
        await meetingClient.startUserDeletion(userId);
        return true;
      });
    },

    /** Audit entries and deliveries of Clerk that were kept long enough. */
    async forgetOldEntries(): Promise<number> {
      return (await forgetAuditEntries(db)) + (await forgetClerkDeliveries(db));
    },

    ...createDeliveryMending(deps),
    ...createPlanMending(deps),
    ...createSourceMending(deps),
    ...createSweepingActivities(deps),
  };
}

/** What of it concerns webhooks. */
function createDeliveryMending({ db, meetingClient }: ReconcileDeps) {
  return {
    /** Endpoints that have something due and whose delivery does not run: it is started. */
    async wakeDeliveries(): Promise<number> {
      const { meetingIds, reached } = await lookForGrownMeetings(db);
      const due = new Set([
        ...(await listEndpointsToWake(db, meetingIds)),
        ...(await listOverdueEndpoints(db, OVERDUE_DELIVERY_MS)),
      ]);
      const mended = await countMended([...due], async (endpointId) => {
        await meetingClient.wakeDelivery(endpointId);
        return true;
      });
      // only now: what could not be woken is found again
      if (mended === due.size) await noteLook(db, reached);
      return mended;
    },

    /** Attempts in delivery logs that were kept long enough. */
    deleteOldDeliveries: (): Promise<number> => deleteOldDeliveries(db),
  };
}

/** What of it concerns planned meetings. */
function createPlanMending({ db, client, meetingClient }: ReconcileDeps) {
  return {
    /** Planned meetings whose workflow does not wait: it is started. */
    async mendPlans(): Promise<number> {
      const planned = await listPlannedMeetings(db, PLANS);
      return countMended(planned, async (meeting) => {
        const workflowId = makeMeetingWorkflowId(meeting.meetingId);
        if (await isWorkflowRunning(client, workflowId)) return false;
        await meetingClient.startWaiting({ ...meeting, intentId: randomUUID() });
        return true;
      });
    },
  };
}

/** What of it concerns the audio store. */
function createSweepingActivities({ db, audioStore }: ReconcileDeps) {
  return {
    /** Evidence that was kept long enough: the object first, while its row still tells of it. */
    async deleteOldEvidence(): Promise<number> {
      const old = await listOldEvidence(db, KEYS_PER_LOOK);
      return countMended(old, async (evidence) => {
        await audioStore.delete(evidence.objectKey);
        await forgetEvidence(db, evidence);
        return true;
      });
    },

    /** Objects older than an hour that no row stands for: they are deleted. */
    async deleteOrphanedObjects(): Promise<number> {
      let deleted = 0;
      let batch: { meetingId: number; key: string }[] = [];
      const finishBatch = async (): Promise<void> => {
        const orphaned = await findOrphanedKeys(db, batch);
        for (const key of orphaned) await audioStore.delete(key);
        deleted += orphaned.length;
        batch = [];
      };
      const olderThan = new Date(Date.now() - ORPHAN_AGE_MS);
      await withHeartbeats(async () => {
        for await (const key of audioStore.list('meetings/', olderThan)) {
          batch.push({ meetingId: Number(key.split('/')[1]), key });
          if (batch.length >= KEYS_PER_LOOK) await finishBatch();
        }
        await finishBatch();
      });
      return deleted;
    },
  };
}

async function resendIntent(
  { db, meetingClient }: ReconcileDeps,
  intent: OpenIntent,
): Promise<boolean> {
  if (intent.isOutdated || intent.ageMs > INTENT_EXPIRES_MS) {
    await settleIntent(db, intent.id, 'refused');
    return true;
  }
  const command = { ...intent, intentId: intent.id };
  const outcome = await send(meetingClient, intent.kind, command);
  switch (outcome.kind) {
    case 'pending':
      return false;
    case 'sent':
    case 'carried_out':
      await settleIntent(db, intent.id, outcome.kind);
      return true;
    case 'refused':
    case 'not_running':
      await settleIntent(db, intent.id, 'refused');
      return true;
  }
}

function send(
  client: MeetingClient,
  kind: OpenIntent['kind'],
  command: StartBotCommand,
): Promise<CommandOutcome> {
  if (kind === 'start_bot') return client.startBot(command);
  return kind === 'plan_meeting' ? client.planMeeting(command) : client.stopBot(command);
}
