import { EXAMPLES, CREATED_AT } from './examples';

const {
  AdminMeeting,
  AdminUser,
  Analysis,
  ApiKey,
  Attempt,
  AuditEntry,
  BotCommand,
  Identity,
  Meeting,
  MeetingEvent,
  Participant,
  Schedule,
  Segment,
  Upload,
  WebhookDelivery,
  WebhookEndpoint,
} = EXAMPLES;

const TEMPORAL = 'http://127.0.0.1:8233/namespaces/meetings/workflows';
const ME = {
  id: 1,
  email: 'maya@example.com',
  fullName: 'Maya Okafor',
  botDefaults: { botName: 'Notetaker' },
  isAdmin: false,
};
const DAY = {
  day: '2026-01-01',
  botMinutes: 31.5,
  audioSeconds: 1_840,
  whisperSeconds: 1_840,
  whisperCost: 0.46,
  inputTokens: 5_200,
  outputTokens: 640,
};
const MOST = { maxConcurrentBots: 5, maxBotMinutesPerMonth: 3_000 };
const RECEIPT = { chunkId: 901, status: 'accepted' };
const SHARE = {
  id: 4,
  emails: ['tom@example.org'],
  createdAt: CREATED_AT,
  expiresAt: '2026-01-08T09:00:00.000Z',
  revokedAt: null,
  lastViewedAt: null,
  views: 0,
};
const SHARE_TOKEN = 'shr_4VXr8oJm2mYQbYk1m0lqS2mJqgYJkq9mRk0o7dN3x5A';
const WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const STRETCH = { meetingId: 42, fromSeq: 17, toSeq: 90 };
const HEALTHY = { status: 'ok' };
const OAUTH = {
  resource: 'https://api.example.com/mcp',
  resource_name: 'Meetings',
  authorization_servers: ['https://clerk.example.com'],
  bearer_methods_supported: ['header'],
  scopes_supported: ['meetings:read', 'transcripts:read'],
};
const last = { nextCursor: null };

/**
 * What each operation answers, by its id, where the answer is no schema that has an example by itself;
 * a test checks that each is there and fits.
 */
export const ANSWERS: Record<string, unknown> = {
  listMeetings: { meetings: [Meeting], ...last },
  deleteMeeting: { id: 42, workflowUrl: `${TEMPORAL}/deletion-42` },
  listParticipants: { participants: [Participant], unknown: { talkMs: 4_200, segments: 2 } },
  recogniseLink: {
    link: {
      platform: 'google_meet',
      meetingUrl: 'https://meet.google.com/abc-defg-hij',
      hasPasscode: false,
    },
    problem: null,
  },
  previewRule: { occurrences: ['2026-01-02T08:00:00.000Z', '2026-01-05T08:00:00.000Z'] },
  listSchedules: { schedules: [Schedule], ...last },
  startRecorder: {
    meeting: { ...Meeting, source: 'recorder', meetingUrl: null, platform: 'none' },
    clockOriginMs: 1_767_258_000_000,
    serverTimeMs: 1_767_258_000_004,
  },
  sendRecordedChunk: RECEIPT,
  createUpload: {
    meeting: { ...Meeting, source: 'upload', meetingUrl: null, platform: 'none' },
    upload: Upload,
  },
  listAttempts: { attempts: [Attempt] },
  listCommands: { commands: [BotCommand], ...last },
  getTranscription: { segments: [Segment], nextAfter: 17, hasMore: false },
  listMeetingEvents: { events: [MeetingEvent], nextAfter: 17, hasMore: false },
  exportMeeting: {
    meeting: { id: 42, title: 'Planning', startedAt: CREATED_AT, endedAt: null },
    analysis: Analysis.content,
    transcript: [
      {
        kind: 'segment',
        id: 301,
        startMs: 61_200,
        endMs: 63_900,
        text: 'I will send the draft on Thursday.',
        speaker: 'Jonas',
        language: 'en',
      },
    ],
  },
  retryTranscription: { retried: 3, workflowUrl: `${TEMPORAL}/transcript-42-1` },
  searchTranscripts: {
    results: [
      {
        meeting: { id: 42, title: 'Planning', platform: 'google_meet', startedAt: CREATED_AT },
        segmentId: 301,
        startMs: 61_200,
        endMs: 63_900,
        at: '2026-01-01T09:01:01.200Z',
        speaker: { id: 7, name: 'Jonas' },
        parts: [
          { text: 'I will send the ', isMatch: false },
          { text: 'draft', isMatch: true },
          { text: ' on Thursday.', isMatch: false },
        ],
      },
    ],
    ...last,
    hasOlder: false,
  },
  listAllEvents: {
    events: [{ meetingId: 42, ...MeetingEvent }],
    nextAfter: 'bG9nOjc0Mjo0MjoxNw',
    hasMore: false,
  },
  createWebhookEndpoint: { ...WebhookEndpoint, secret: WEBHOOK_SECRET },
  listWebhookEndpoints: { endpoints: [WebhookEndpoint], ...last },
  rotateWebhookSecret: { secret: WEBHOOK_SECRET, oldSecretUntil: '2026-01-02T09:00:00.000Z' },
  listWebhookDeliveries: { deliveries: [WebhookDelivery], ...last },
  resendWebhookDelivery: STRETCH,
  replayWebhookEvents: STRETCH,
  shareMeeting: {
    ...SHARE,
    token: SHARE_TOKEN,
    url: `https://api.example.com/s/${SHARE_TOKEN}`,
  },
  listShares: { shares: [SHARE], ...last },
  getMe: ME,
  updateMe: ME,
  getUsage: { days: [DAY], botsNow: 1, botMinutesThisMonth: 31.5, limits: MOST },
  listAudit: { entries: [AuditEntry], ...last },
  deleteMe: { id: 1, workflowUrl: `${TEMPORAL}/user-deletion-1` },
  createApiKey: { ...ApiKey, key: 'mtg_3q2-7wEjKmN4pQrStUvWxYz0123456789AbCdEfx7Qd' },
  listApiKeys: { apiKeys: [ApiKey] },
  listIdentities: { identities: [Identity] },
  sendMcpMessage: { jsonrpc: '2.0', id: 1, result: { tools: [] } },
  adminListUsers: { users: [AdminUser], ...last },
  adminSyncUser: { outcome: 'applied' },
  adminDeleteUser: { id: 1, workflowUrl: `${TEMPORAL}/user-deletion-1` },
  adminListMeetings: { meetings: [AdminMeeting], ...last },
  adminStopBot: { id: 42, workflowUrl: `${TEMPORAL}/meeting-42` },
  adminListUsage: {
    usage: [{ userId: 1, user: { fullName: 'Maya Okafor', email: 'maya@example.com' }, ...DAY }],
    ...last,
  },
  adminListAudit: { entries: [AuditEntry], ...last },
  getHealth: HEALTHY,
  getApiHealth: HEALTHY,
  getReadiness: {
    status: 'degraded',
    dependencies: {
      postgresql: { state: 'up' },
      audioStore: { state: 'up' },
      redis: { state: 'down', message: 'no answer' },
      temporal: { state: 'up' },
    },
  },
  getOAuthMetadata: OAUTH,
  getMcpOAuthMetadata: OAUTH,
  getOpenApiDocument: { openapi: '3.1.0', info: { title: 'Meetings', version: '1' }, paths: {} },
  takeClerkEvent: { outcome: 'deleted' },
  signInLocally: { token: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln', expiresAt: '2026-01-08T09:00:00.000Z' },
  getBotAssignment: {
    meetingId: 42,
    attempt: 1,
    platform: 'google_meet',
    joinUrl: 'https://meet.google.com/abc-defg-hij',
    passcode: null,
    botName: 'Notetaker',
    language: 'en',
    leavePolicy: Meeting.leavePolicy,
    entryMessage: 'I take notes in this meeting.',
    isRecorded: false,
    hasIdentity: false,
    needsJoinToken: false,
    isRejoin: false,
    clockOriginMs: null,
    serverTimeMs: 1_767_258_000_004,
  },
  getServerTime: { serverTimeMs: 1_767_258_000_004 },
  putChunk: RECEIPT,
  postBotReport: { clockOriginMs: 1_767_258_012_000 },
  getBotIdentity: { storageState: { cookies: [], origins: [] } },
  requestJoinToken: { token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln' },
  listBotCommands: { commands: [{ seq: 3, command: { kind: 'leave', reason: 'stopped' } }] },
};
