import type { Client } from '@temporalio/client';
import { makeMeetingWorkflowId, parseBotName } from '../domain/temporal';
import type { BotLauncher } from '../infra/bot-launcher';
import { hasRecordedSound, settleRecording } from '../infra/database/recordings';
import { recordUnreportedEnd } from '../infra/database/attempts';
import type { Database } from '../infra/database/client';
import { projectMeeting } from '../infra/database/meetings';
import {
  drainAbandonedMeeting,
  listQuietMeetings,
  readBotStanding,
} from '../infra/database/reconcile';
import type { Doorbell } from '../infra/doorbell';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { countMended } from './count-mended';

export interface ReconcileBotDeps {
  db: Database;
  client: Client;
  launcher: BotLauncher;
  doorbell: Pick<Doorbell, 'ring'>;
  graces?: Partial<ReconcileGraces>;
}

/** How long things may look amiss before they count so, in milliseconds. */
export interface ReconcileGraces {
  /** A bot whose attempt is over may hand in its last chunks. */
  overMs: number;
  /** What an ended bot left behind, its log above all, may be looked at. */
  endedMs: number;
  /** A meeting about which nothing was decided. */
  quietMs: number;
  /** Chunks of a fenced bot may still arrive: the spool's grace. */
  spoolMs: number;
}

export type ReconcileBotActivities = ReturnType<typeof createReconcileBotActivities>;

const DEFAULT_GRACES: ReconcileGraces = {
  overMs: 120_000,
  endedMs: 3_600_000,
  quietMs: 30_000,
  spoolMs: 60_000,
};
const STOP_GRACE_MS = 20_000;

/** What of reconciliation needs the launcher, on the queue `bots`; see `reconcile.ts`. */
export function createReconcileBotActivities(deps: ReconcileBotDeps) {
  const graces = { ...DEFAULT_GRACES, ...deps.graces };
  const { db, client, launcher } = deps;
  return {
    /** Bots that no attempt needs any more: running ones are stopped, ended ones forgotten. */
    async stopStrayBots(): Promise<number> {
      return countMended(await launcher.list(), async (name) => {
        const key = parseBotName(name);
        if (key === null) return false;
        const isEnded = (await launcher.inspect(name)).state === 'ended';
        const overForMs = isEnded ? graces.endedMs : graces.overMs;
        if ((await readBotStanding(db, { ...key, overForMs })) !== 'stray') return false;
        if (isEnded) await launcher.forget(name);
        else await launcher.stop(name, STOP_GRACE_MS);
        return !isEnded;
      });
    },

    /**
     * Active meetings whose workflow is closed, as after a termination: their bots are stopped,
     * what was heard is still transcribed, and then the row says how it ended. Takes some rounds.
     */
    async closeAbandonedMeetings(): Promise<number> {
      const quiet = await listQuietMeetings(db, graces.quietMs);
      return countMended(quiet, async (meetingId) => {
        const goneSince = new Date();
        if (await isWorkflowRunning(client, makeMeetingWorkflowId(meetingId))) return false;
        return closeAbandonedMeeting(deps, { meetingId, goneSince, graceMs: graces.spoolMs });
      });
    },
  };
}

async function closeAbandonedMeeting(
  { db, launcher, doorbell }: ReconcileBotDeps,
  input: { meetingId: number; goneSince: Date; graceMs: number },
): Promise<boolean> {
  const { meetingId } = input;
  const result = await drainAbandonedMeeting(db, input);
  if (result.kind === 'taken_over') return false;
  const names = await launcher.list();
  for (const name of names.filter((each) => parseBotName(each)?.meetingId === meetingId)) {
    await launcher.stop(name, STOP_GRACE_MS);
    const attempt = parseBotName(name)?.attempt;
    if (attempt !== undefined) {
      await recordUnreportedEnd(db, { meetingId, attempt }, { reason: 'workflow_terminated' });
    }
  }
  doorbell.ring('intake', meetingId);
  if (result.kind === 'draining') return false;
  // its parts are kept; without a workflow nobody makes a file of them
  if (await hasRecordedSound(db, meetingId)) {
    await settleRecording(db, meetingId, { status: 'failed' });
  }
  await projectMeeting(db, {
    meetingId,
    decidedAtMs: Date.now(),
    status: result.hasBeenIn ? 'completed' : 'failed',
    botStatus: 'ended',
    reason: 'workflow_terminated',
  });
  doorbell.ring('meeting', meetingId);
  return true;
}
