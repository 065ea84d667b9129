import type { Analysis } from '../../domain/analysis';
import type { AdminMeeting, AdminUser, AuditEntryView } from '../../domain/admin';
import type { AttemptView, CommandAnswer, Meeting } from '../../domain/api';
import type { ApiKeyView } from '../../domain/api-keys';
import type { MeetingEvent } from '../../domain/events';
import type { IdentityView } from '../../domain/identity';
import { leavePolicySchema } from '../../domain/leave-policy';
import type { Notes } from '../../domain/notes';
import type { ParticipantView } from '../../domain/participants';
import type { ScheduleDetail, ScheduleView } from '../../domain/schedules';
import type { Segment } from '../../domain/segment';
import type { BotCommandView } from '../../domain/talking-back';
import type { UploadView } from '../../domain/uploads';
import type { DeliveryView, EndpointView } from '../../domain/webhook-api';

/** When everything in the examples was made. */
export const CREATED_AT = '2026-01-01T09:00:00.000Z';

const MEETING: Meeting = {
  id: 42,
  title: 'Planning',
  platform: 'google_meet',
  meetingUrl: 'https://meet.google.com/abc-defg-hij',
  hasPasscode: false,
  botName: 'Notetaker',
  language: 'en',
  leavePolicy: leavePolicySchema.parse({}),
  entryMessage: null,
  recording: false,
  recordingStatus: 'none',
  recordingUrl: null,
  botIdentityId: null,
  joinTokenUrl: null,
  source: 'bot',
  status: 'live',
  botQueuePlace: null,
  botStatus: 'in_meeting',
  reason: null,
  message: null,
  scheduledStart: null,
  scheduleId: null,
  occurrenceStart: null,
  actualStart: '2026-01-01T09:00:12.000Z',
  actualEnd: null,
  transcriptVersion: 1,
  createdAt: CREATED_AT,
  updatedAt: '2026-01-01T09:00:12.000Z',
};

const ATTEMPT: AttemptView = {
  attempt: 1,
  detail: null,
  status: 'in_meeting',
  reason: null,
  message: null,
  remedy: null,
  confidence: null,
  signs: [],
  evidence: [],
  sound: { heardMs: 61_000, zeroRunMs: 0, clippedSamples: 0 },
  createdAt: CREATED_AT,
  joinedAt: '2026-01-01T09:00:12.000Z',
  endedAt: null,
  supersededAt: null,
  lastHeartbeatAt: '2026-01-01T09:05:00.000Z',
};

const SEGMENT: Segment = {
  seq: 17,
  id: 301,
  startMs: 61_200,
  endMs: 63_900,
  text: 'I will send the draft on Thursday.',
  speaker: { id: 7, name: 'Jonas' },
  language: 'en',
  confidence: 0.93,
  version: 1,
};

const MEETING_EVENT: MeetingEvent = {
  seq: 17,
  at: '2026-01-01T09:01:16.000Z',
  event: { type: 'segment', segment: SEGMENT },
};

const ANALYSIS: Analysis = {
  run: 1,
  status: 'completed',
  provider: 'local',
  model: null,
  transcriptVersion: 1,
  content: {
    summary: [{ text: 'The draft is due on Thursday.', segmentIds: [301] }],
    decisions: [],
    actionItems: [{ text: 'Send the draft', who: 'Jonas', due: 'Thursday', segmentIds: [301] }],
    topics: [],
    openQuestions: [],
  },
  droppedClaims: 0,
  inputTokens: 0,
  outputTokens: 0,
  error: null,
  createdAt: '2026-01-01T09:31:00.000Z',
  completedAt: '2026-01-01T09:31:01.000Z',
};

const BOT_COMMAND: BotCommandView = {
  id: 5,
  kind: 'send_chat',
  text: 'The notes will be in your inbox after the call.',
  attempt: 1,
  status: 'pending',
  detail: null,
  createdAt: CREATED_AT,
  finishedAt: null,
};

const IDENTITY: IdentityView = {
  id: 3,
  name: 'Notetaker of the office',
  platform: 'google_meet',
  allowsParallel: false,
  refusedAt: null,
  lastUsedAt: null,
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
};

const API_KEY: ApiKeyView = {
  id: 2,
  name: 'Reports',
  scopes: ['meetings:read', 'transcripts:read'],
  lastFour: 'x7Qd',
  expiresAt: null,
  lastUsedAt: '2026-01-02T08:14:00.000Z',
  createdAt: CREATED_AT,
};

const SCHEDULE: ScheduleView = {
  id: 7,
  title: 'Standup',
  platform: 'google_meet',
  meetingUrl: 'https://meet.google.com/abc-defg-hij',
  hasPasscode: false,
  botName: 'Notetaker',
  language: 'en',
  leavePolicy: leavePolicySchema.parse({}),
  entryMessage: null,
  recording: false,
  botIdentityId: null,
  joinTokenUrl: null,
  rrule: null,
  cron: '0 9 * * 1-5',
  timeZone: 'Europe/Berlin',
  startsAt: CREATED_AT,
  endsAt: null,
  skipDates: ['2026-12-25'],
  status: 'active',
  nextStart: '2026-01-02T08:00:00.000Z',
  runBy: 'temporal_calendar',
  temporalUrl: 'http://127.0.0.1:8233/namespaces/meetings/schedules/schedule-7',
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
};

const SCHEDULE_DETAIL: ScheduleDetail = {
  ...SCHEDULE,
  nextOccurrences: [
    {
      occurrenceStart: '2026-01-02T08:00:00.000Z',
      scheduledStart: '2026-01-02T08:00:00.000Z',
      state: 'planned',
      meetingId: 43,
    },
    {
      occurrenceStart: '2026-01-05T08:00:00.000Z',
      scheduledStart: '2026-01-05T09:30:00.000Z',
      state: 'upcoming',
      meetingId: null,
    },
  ],
  lastOutcomes: [
    {
      meetingId: 42,
      occurrenceStart: '2026-01-01T08:00:00.000Z',
      scheduledStart: '2026-01-01T08:00:00.000Z',
      status: 'completed',
      reason: 'meeting_ended',
      message: 'The meeting was ended by its host.',
    },
  ],
};

const COMMAND_ANSWER: CommandAnswer = {
  outcome: 'carried_out',
  meeting: MEETING,
  attempt: ATTEMPT,
  workflowUrl: 'http://127.0.0.1:8233/namespaces/meetings/workflows/meeting-42',
};

const PARTICIPANT: ParticipantView = {
  id: 7,
  name: 'Jonas',
  platformName: 'Jonas Lindt',
  isNameGiven: true,
  role: 'guest',
  joinedAt: '2026-01-01T09:00:20.000Z',
  leftAt: null,
  talkMs: 312_000,
  segments: 41,
};

const NOTES: Notes = { text: 'Ask Jonas for the draft.', version: 3, updatedAt: CREATED_AT };

const UPLOAD: UploadView = {
  meetingId: 42,
  status: 'receiving',
  fileName: 'planning.m4a',
  sizeBytes: 18_400_000,
  receivedBytes: 8_388_608,
  durationMs: null,
  percent: 0,
  problem: null,
  url: '/api/meetings/42/upload',
  expiresAt: '2026-01-02T09:00:00.000Z',
  createdAt: CREATED_AT,
};

const ENDPOINT: EndpointView = {
  id: 3,
  url: 'https://hooks.example.com/meetings',
  meetingId: null,
  description: 'to the CRM',
  eventTypes: ['transcript.*', 'meeting.completed'],
  enabled: true,
  disabledReason: null,
  disabledAt: null,
  failingSince: null,
  lastSuccessAt: '2026-01-01T09:01:17.000Z',
  pausedUntil: null,
  oldSecretUntil: null,
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
};

const DELIVERY: DeliveryView = {
  id: 88,
  messageId: 'msg_3_42_17',
  type: 'transcript.segment',
  meetingId: 42,
  fromSeq: 17,
  throughSeq: 17,
  attempt: 1,
  outcome: 'delivered',
  url: 'https://hooks.example.com/meetings',
  requestHead: { 'content-type': 'application/json', 'webhook-id': 'msg_3_42_17' },
  status: 204,
  error: null,
  responseHead: 'date: Thu, 01 Jan 2026 09:01:17 GMT\n\n',
  latencyMs: 84,
  createdAt: '2026-01-01T09:01:17.000Z',
};

const ADMIN_USER: AdminUser = {
  id: 1,
  clerkId: 'user_2abc',
  email: 'maya@example.com',
  fullName: 'Maya Okafor',
  avatarUrl: 'https://img.clerk.com/maya.png',
  maxConcurrentBots: 5,
  maxBotMinutesPerMonth: null,
  disabledAt: null,
  deletedAt: null,
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
};

const NAMED = { fullName: 'Maya Okafor', email: 'maya@example.com' };

const ADMIN_MEETING: AdminMeeting = {
  id: 42,
  userId: 1,
  user: NAMED,
  platform: 'google_meet',
  source: 'bot',
  status: 'live',
  botStatus: 'in_meeting',
  reason: null,
  attempts: 1,
  actualStart: '2026-01-01T09:00:12.000Z',
  actualEnd: null,
  deletedAt: null,
  createdAt: CREATED_AT,
  workflowUrl: COMMAND_ANSWER.workflowUrl,
};

const AUDIT_ENTRY: AuditEntryView = {
  id: 512,
  at: CREATED_AT,
  action: 'meeting.created',
  actorKind: 'session',
  actorId: 'user_2abc',
  userId: 1,
  user: NAMED,
  meetingId: 42,
  address: '203.0.113.7',
  requestId: '0b0f1f4e-7d9e-4a40-9f0a-5f6c3d1b2a10',
  status: 201,
};

/** What stands in the OpenAPI document beside each of its schemas; a test checks it against them. */
export const EXAMPLES = {
  Meeting: MEETING,
  Schedule: SCHEDULE,
  ScheduleDetail: SCHEDULE_DETAIL,
  Attempt: ATTEMPT,
  Segment: SEGMENT,
  MeetingEvent: MEETING_EVENT,
  Analysis: ANALYSIS,
  BotCommand: BOT_COMMAND,
  Identity: IDENTITY,
  ApiKey: API_KEY,
  CommandAnswer: COMMAND_ANSWER,
  Participant: PARTICIPANT,
  Notes: NOTES,
  Upload: UPLOAD,
  WebhookEndpoint: ENDPOINT,
  WebhookDelivery: DELIVERY,
  AdminUser: ADMIN_USER,
  AdminMeeting: ADMIN_MEETING,
  AuditEntry: AUDIT_ENTRY,
};
