import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/common';
import type { BotActivities } from '../activities/bots';
import type { DeletionActivities, DeletionBotActivities } from '../activities/deletion';
import type { MeetingActivities } from '../activities/meetings';
import type { ReconcileActivities, ReconcileBotActivities } from '../activities/reconcile';
import type { TranscriptionActivities } from '../activities/transcription';
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

/** Runs again within a minute anyway. */
const MEND = {
  startToCloseTimeout: '50 seconds',
  scheduleToCloseTimeout: '2 minutes',
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

export const meetingActivities = {
  ...proxyActivities<
    Pick<
      MeetingActivities,
      | 'beginAttempt'
      | 'settleIntent'
      | 'projectMeeting'
      | 'readBot'
      | 'askBotToLeave'
      | 'closeIntake'
      | 'beginAnalysis'
    >
  >({ ...meetings, ...SHORT }),
  ...proxyActivities<Pick<MeetingActivities, 'awaitLastChunks' | 'awaitTranscribed'>>({
    ...meetings,
    ...LONG,
  }),
};

export const botActivities = {
  ...proxyActivities<Pick<BotActivities, 'launchBot'>>({ ...bots, ...LAUNCH }),
  ...proxyActivities<Pick<BotActivities, 'watchBot'>>({ ...bots, ...LONG }),
  ...proxyActivities<Pick<BotActivities, 'stopBot' | 'closeAttempt'>>({ ...bots, ...STOP }),
};

export const transcriptionActivities = proxyActivities<TranscriptionActivities>({
  taskQueue: TASK_QUEUES.whisper,
  ...LONG,
  // cancelled work takes back what it had sent to Whisper before it says that it is over
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export const deletionActivities = {
  ...proxyActivities<DeletionActivities>({ ...meetings, ...DELETE }),
  ...proxyActivities<DeletionBotActivities>({ ...bots, ...DELETE }),
};

export const reconcileActivities = {
  ...proxyActivities<Omit<ReconcileActivities, 'deleteOrphanedObjects'>>({ ...meetings, ...MEND }),
  ...proxyActivities<Pick<ReconcileActivities, 'deleteOrphanedObjects'>>({
    ...meetings,
    ...DELETE,
    retry: { maximumAttempts: 1 },
  }),
  ...proxyActivities<ReconcileBotActivities>({ ...bots, ...MEND }),
};
