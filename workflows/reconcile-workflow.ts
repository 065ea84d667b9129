import { log, metricMeter, patched, setCurrentDetails } from '@temporalio/workflow';
import { reconcileActivities } from './activity-options';

/** How many of each kind were mended; null where mending itself failed this time. */
export type ReconcileResult = Record<string, number | null>;

/** Listing the whole audio store, or looking for what is two weeks old, is worth it once an hour. */
const ORPHANS_MINUTE = 17;

/** One round of mending what slipped between database, Temporal, bots and audio store. */
export async function reconcileWorkflow(): Promise<ReconcileResult> {
  const rounds: Record<string, () => Promise<number>> = {
    intents: reconcileActivities.resendIntents,
    ...(patched('plans') && { plans: reconcileActivities.mendPlans }),
    transcripts: reconcileActivities.mendTranscripts,
    analyses: reconcileActivities.mendAnalyses,
    deletions: reconcileActivities.startDeletions,
    strayBots: reconcileActivities.stopStrayBots,
    abandonedMeetings: reconcileActivities.closeAbandonedMeetings,
  };
  if (patched('user-deletions')) rounds.userDeletions = reconcileActivities.startUserDeletions;
  if (patched('hearings')) {
    rounds.hearings = reconcileActivities.mendHearings;
    rounds.uploads = reconcileActivities.mendUploads;
  }
  if (patched('deliveries')) rounds.deliveries = reconcileActivities.wakeDeliveries;
  if (patched('schedules')) rounds.schedules = reconcileActivities.mendSchedules;
  if (new Date(Date.now()).getUTCMinutes() === ORPHANS_MINUTE) {
    rounds.orphanedObjects = reconcileActivities.deleteOrphanedObjects;
    if (patched('old-evidence')) rounds.oldEvidence = reconcileActivities.deleteOldEvidence;
    if (patched('old-entries')) rounds.oldEntries = reconcileActivities.forgetOldEntries;
    if (patched('old-deliveries')) rounds.oldDeliveries = reconcileActivities.deleteOldDeliveries;
  }
  const counted = await Promise.all(
    Object.entries(rounds).map(async ([kind, mend]) => [kind, await attempt(kind, mend)] as const),
  );
  const result = Object.fromEntries(counted);
  setCurrentDetails(describe(result));
  return result;
}

/** One kind that cannot be mended now must not keep the others waiting. */
async function attempt(kind: string, mend: () => Promise<number>): Promise<number | null> {
  try {
    const mended = await mend();
    const counter = metricMeter.createCounter(
      'reconcile_mended',
      '1',
      'What reconciliation mended',
    );
    if (mended > 0) counter.add(mended, { kind });
    return mended;
  } catch (error) {
    log.warn('reconciliation failed', { kind, error });
    return null;
  }
}

function describe(result: ReconcileResult): string {
  const lines = Object.entries(result).map(
    ([kind, mended]) => `- **${kind}:** ${mended ?? 'failed, tried again in a minute'}`,
  );
  return ['### Mended in this round', '', ...lines].join('\n');
}
