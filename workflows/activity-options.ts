import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { BotActivities } from '../activities/bots';
import type { DeletionActivities, DeletionBotActivities } from '../activities/deletion';
import type { DeliveryActivities } from '../activities/delivery';
import type { MeetingActivities } from '../activities/meetings';
import type { PlanActivities } from '../activities/plans';
import type { RecordingActivities } from '../activities/recording';
import type { ReconcileActivities } from '../activities/reconcile';
import type { ReconcileBotActivities } from '../activities/reconcile-bots';
import type { ScheduleActivities } from '../activities/schedules';
import type { SourceActivities } from '../activities/sources';
import type { TranscriptionActivities } from '../activities/transcription';
import type { UploadActivities } from '../activities/uploads';
import type { UserDeletionActivities } from '../activities/user-deletion';
import { TASK_QUEUES } from '../domain/temporal';

/** Without end: an outage is a pause. The cap keeps a mended part waiting for 10 s at most. */
const UNTIL_IT_WORKS: RetryPolicy = {
  initialInterval: 500,
  backoffCoefficient: 2,
  maximumInterval: '10 seconds',
};

/** One statement or short transaction. */
const SHORT = { startToCloseTimeout: '40 seconds', retry: UNTIL_IT_WORKS } as const;

/** Looks at something for as long as it takes; a dead worker is noticed within 10 s. */
const LONG = {
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '10 seconds',
  retry: UNTIL_IT_WORKS,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
} as const;

/** Three tries within the patience of a person; then another attempt is another bot. */
const LAUNCH = {
  startToCloseTimeout: '60 seconds',
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumAttempts: 3 },
} as const;

/** Ends a process: its grace, the kill, and room to spare. */
const STOP = { startToCloseTimeout: '3 minutes', retry: UNTIL_IT_WORKS } as const;

/** As long as a living bot would try to send what it heard. */
const DELIVER = {
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: '15 minutes',
  heartbeatTimeout: '10 seconds',
  retry: UNTIL_IT_WORKS,
} as const;

/** Decodes and encodes hours of sound; a file that cannot be made is given up in a day. */
const ASSEMBLE = {
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout: '30 seconds',
  retry: {
    initialInterval: 2_000,
    backoffCoefficient: 3,
    maximumInterval: '1 hour',
    maximumAttempts: 8,
  },
} as const;

/** Runs again within a minute anyway. */
const MEND = {
  startToCloseTimeout: '50 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: 1_000, maximumAttempts: 2 },
} as const;

/** Goes through many schedules; what it leaves is done a minute later. */
const LOOK_AFTER = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: 1_000, maximumAttempts: 2 },
} as const;

/** Deletes many things in small steps that can all be repeated. */
const DELETE = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { ...UNTIL_IT_WORKS, maximumInterval: '1 minute' },
} as const;

const meetings = { taskQueue: TASK_QUEUES.meetings };
const bots = { taskQueue: TASK_QUEUES.bots };

const meetingsShort = proxyActivities<MeetingActivities>({ ...meetings, ...SHORT });
const plansShort = proxyActivities<PlanActivities>({ ...meetings, ...SHORT });
const meetingsLong = proxyActivities<MeetingActivities>({ ...meetings, ...LONG });
const botsLaunch = proxyActivities<BotActivities>({ ...bots, ...LAUNCH });
const botsLong = proxyActivities<BotActivities>({ ...bots, ...LONG });
const botsDeliver = proxyActivities<BotActivities>({ ...bots, ...DELIVER });
const botsStop = proxyActivities<BotActivities>({ ...bots, ...STOP });
const analysis = { taskQueue: TASK_QUEUES.analysis };
const recordings = proxyActivities<RecordingActivities>({ ...analysis, ...ASSEMBLE });
const recordingsShort = proxyActivities<RecordingActivities>({ ...analysis, ...SHORT });
const uploads = proxyActivities<UploadActivities>({
  ...analysis,
  ...ASSEMBLE,
  heartbeatTimeout: '10 seconds',
});
const sourcesShort = proxyActivities<SourceActivities>({ ...meetings, ...SHORT });
const sourcesLong = proxyActivities<SourceActivities>({ ...meetings, ...LONG });
const deletion = proxyActivities<DeletionActivities>({ ...meetings, ...DELETE });
const userDeletion = proxyActivities<UserDeletionActivities>({ ...meetings, ...LONG });
const userDeletionShort = proxyActivities<UserDeletionActivities>({ ...meetings, ...SHORT });
const deletionBots = proxyActivities<DeletionBotActivities>({ ...bots, ...DELETE });
const mending = proxyActivities<ReconcileActivities>({ ...meetings, ...MEND });
const mendingBots = proxyActivities<ReconcileBotActivities>({ ...bots, ...MEND });
const schedules = proxyActivities<ScheduleActivities>({ ...meetings, ...SHORT });
const schedulesDue = proxyActivities<ScheduleActivities>({ ...meetings, ...LOOK_AFTER });
const sweeping = proxyActivities<ReconcileActivities>({
  ...meetings,
  ...DELETE,
  retry: { maximumAttempts: 1 },
});

export const meetingActivities = {
  readPlan: plansShort.readPlan,
  beginPlannedAttempt: plansShort.beginPlannedAttempt,
  giveUpLaunch: plansShort.giveUpLaunch,
  cancelPlan: plansShort.cancelPlan,
  beginAttempt: meetingsShort.beginAttempt,
  settleIntent: meetingsShort.settleIntent,
  projectMeeting: meetingsShort.projectMeeting,
  readBot: meetingsShort.readBot,
  askBotToLeave: meetingsShort.askBotToLeave,
  closeIntake: meetingsShort.closeIntake,
  beginAnalysis: meetingsShort.beginAnalysis,
  awaitBotSlot: meetingsLong.awaitBotSlot,
  awaitLastChunks: meetingsLong.awaitLastChunks,
  awaitTranscribed: meetingsLong.awaitTranscribed,
};

export const botActivities = {
  launchBot: botsLaunch.launchBot,
  watchBot: botsLong.watchBot,
  stopBot: botsStop.stopBot,
  closeAttempt: botsStop.closeAttempt,
  deliverSpool: botsDeliver.deliverSpool,
};

export const recordingActivities = {
  assembleRecording: recordings.assembleRecording,
  giveUpRecording: recordingsShort.giveUpRecording,
};

/** Of meetings that no bot hears. */
export const sourceActivities = {
  watchRecorder: sourcesLong.watchRecorder,
  endHearing: sourcesShort.endHearing,
  followUpload: sourcesLong.followUpload,
  giveUpUpload: sourcesShort.giveUpUpload,
};

export const uploadActivities = { decodeUpload: uploads.decodeUpload };

export const transcriptionActivities = proxyActivities<TranscriptionActivities>({
  taskQueue: TASK_QUEUES.whisper,
  ...LONG,
  // cancelled work takes back what it had sent to Whisper before it says that it is over
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export const deliveryActivities = proxyActivities<DeliveryActivities>({
  taskQueue: TASK_QUEUES.delivery,
  ...LONG,
});

export const deletionActivities = {
  closeWorkflows: deletion.closeWorkflows,
  eraseBots: deletionBots.eraseBots,
  deleteObjects: deletion.deleteObjects,
  deleteRows: deletion.deleteRows,
  deleteExecutions: deletion.deleteExecutions,
  sweepObjects: deletion.sweepObjects,
};

export const userDeletionActivities = {
  awaitMeetingsDeleted: userDeletion.awaitMeetingsDeleted,
  deleteUser: userDeletionShort.deleteUser,
};

export const scheduleActivities = {
  planNextOccurrences: schedules.planNextOccurrences,
  planDueOccurrences: schedulesDue.planDueOccurrences,
};

export const reconcileActivities = {
  mendSchedules: schedulesDue.mendSchedules,
  resendIntents: mending.resendIntents,
  mendPlans: mending.mendPlans,
  mendTranscripts: mending.mendTranscripts,
  mendAnalyses: mending.mendAnalyses,
  startDeletions: mending.startDeletions,
  startUserDeletions: mending.startUserDeletions,
  stopStrayBots: mendingBots.stopStrayBots,
  closeAbandonedMeetings: mendingBots.closeAbandonedMeetings,
  deleteOrphanedObjects: sweeping.deleteOrphanedObjects,
  deleteOldEvidence: mending.deleteOldEvidence,
  forgetOldEntries: mending.forgetOldEntries,
  mendHearings: mending.mendHearings,
  mendUploads: mending.mendUploads,
  wakeDeliveries: mending.wakeDeliveries,
  deleteOldDeliveries: mending.deleteOldDeliveries,
};
