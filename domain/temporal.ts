/** Task queues: each is a Deployment of its own in production; `workers/all.ts` serves all. */
export const TASK_QUEUES = {
  meetings: 'meetings',
  bots: 'bots',
  whisper: 'whisper',
  analysis: 'analysis',
  delivery: 'delivery',
} as const;
export type TaskQueue = (typeof TASK_QUEUES)[keyof typeof TASK_QUEUES];

/** Search attributes that make meetings findable in the Temporal Web UI, with their types. */
export const SEARCH_ATTRIBUTES = {
  MeetingId: 'INT',
  MeetingStatus: 'KEYWORD',
  BotStatus: 'KEYWORD',
  Platform: 'KEYWORD',
  EndReason: 'KEYWORD',
} as const;

/** Id of the one workflow that carries a meeting; it is also the lock on that meeting. */
export function makeMeetingWorkflowId(meetingId: number): string {
  return `meeting-${meetingId}`;
}

/** Id of the workflow that transcribes one version of a meeting's audio. */
export function makeTranscriptWorkflowId(meetingId: number, version: number): string {
  return `transcript-${meetingId}-${version}`;
}

/** Id of the nth analysis of a meeting. */
export function makeAnalysisWorkflowId(meetingId: number, run: number): string {
  return `analysis-${meetingId}-${run}`;
}

/** Id of the workflow that deletes a meeting. */
export function makeDeletionWorkflowId(meetingId: number): string {
  return `deletion-${meetingId}`;
}

/** Id of the workflow that deletes a user with all their meetings. */
export function makeUserDeletionWorkflowId(userId: number): string {
  return `user-deletion-${userId}`;
}

/** Id of the workflow that delivers events to a webhook endpoint. */
export function makeDeliveryWorkflowId(endpointId: number): string {
  return `delivery-${endpointId}`;
}

/** Name of an attempt's Job, process folder or pod: a second create of it is the same bot. */
export function makeBotName(meetingId: number, attempt: number): string {
  return `bot-${meetingId}-${attempt}`;
}

/** The attempt a bot's name stands for; null when it is no bot's name. */
export function parseBotName(name: string): { meetingId: number; attempt: number } | null {
  const match = /^bot-(\d+)-(\d+)$/.exec(name);
  return match ? { meetingId: Number(match[1]), attempt: Number(match[2]) } : null;
}

/** Id of the Temporal Schedule, and of its workflow, that mends what slipped. */
export const RECONCILE_SCHEDULE_ID = 'reconcile';

/** Id of the Temporal Schedule, and of its workflow, that plans occurrences of all other schedules. */
export const PLANNING_SCHEDULE_ID = 'plan-occurrences';

/** Id of the Temporal Schedule of a schedule whose rule Temporal's calendars can say. */
export function makeTemporalScheduleId(scheduleId: number): string {
  return `schedule-${scheduleId}`;
}

/** The schedule such an id stands for; null when it is none. */
export function parseTemporalScheduleId(id: string): number | null {
  const match = /^schedule-(\d+)$/.exec(id);
  return match ? Number(match[1]) : null;
}

/** Id of the workflow that plans a schedule's next occurrences; Temporal appends the time. */
export function makeOccurrenceWorkflowId(scheduleId: number): string {
  return `occurrence-${scheduleId}`;
}
