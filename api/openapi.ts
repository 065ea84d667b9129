import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { analysisSchema } from '../domain/analysis';
import {
  attemptListSchema,
  attemptSchema,
  commandAnswerSchema,
  createMeetingSchema,
  deletionAnswerSchema,
  errorBodySchema,
  eventPageSchema,
  evidencePathSchema,
  followQuerySchema,
  healthSchema,
  listMeetingsQuerySchema,
  localSessionSchema,
  localSignInSchema,
  meetingListSchema,
  meetingPathSchema,
  meetingSchema,
  meSchema,
  pageQuerySchema,
  readinessSchema,
  transcriptionPageSchema,
  updateMeetingSchema,
  updateMeSchema,
} from '../domain/api';
import {
  BOT_API_PREFIX,
  botAssignmentSchema,
  botChatSchema,
  botCommandAckSchema,
  botCommandsQuerySchema,
  botCommandsSchema,
  botHeartbeatSchema,
  botIdentityStateSchema,
  botJoinTokenSchema,
  botParticipantsSchema,
  botReportReceiptSchema,
  botReportSchema,
  botTimeSchema,
  chunkHeadersSchema,
  chunkPathSchema,
  botGapSchema,
  botSourcesSchema,
  chunkReceiptSchema,
  evidenceNameSchema,
  recordingPartHeadersSchema,
  recordingPartPathSchema,
} from '../domain/bot-api';
import { meetingEventSchema } from '../domain/events';
import { ACCEPTED_LINK_SHAPES } from '../domain/meeting-link';
import {
  createIdentitySchema,
  identityListSchema,
  identitySchema,
  updateIdentitySchema,
} from '../domain/identity';
import { segmentSchema } from '../domain/segment';
import {
  botCommandListSchema,
  botCommandViewSchema,
  sendChatSchema,
  speakSchema,
} from '../domain/talking-back';
import { ERROR_CODES, type ErrorCode } from './errors';

interface Operation {
  summary: string;
  path?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Content types of bytes that are taken as a body, besides JSON or instead. */
  byteBodies?: string[];
  /** Content type of a success that is no JSON. */
  byteAnswer?: string;
  /** Success statuses with what they carry. */
  answers: Record<number, z.ZodType | null>;
  errors?: ErrorCode[];
  security?: 'session' | 'bot' | 'none';
}

const meeting = meetingSchema.meta({ id: 'Meeting' });
const analysis = analysisSchema.meta({ id: 'Analysis' });
const identity = identitySchema.meta({ id: 'Identity' });
const botCommand = botCommandViewSchema.meta({ id: 'BotCommand' });
const commandAnswer = commandAnswerSchema.meta({ id: 'CommandAnswer' });
const errorBody = errorBodySchema.meta({ id: 'Error' });
const idempotency = z.object({
  'idempotency-key': z
    .string()
    .max(200)
    .optional()
    .describe('The same key with the same request gets the same answer for 24 hours'),
});

const OWN: ErrorCode[] = ['meeting_not_found', 'invalid_request'];
const BOT: ErrorCode[] = ['invalid_request', 'superseded', 'meeting_deleted'];
const noBody = z.strictObject({});

const MEETINGS: Record<string, Operation> = {
  'post /api/meetings': {
    summary: `Make a meeting from its link. Accepted: ${ACCEPTED_LINK_SHAPES.join('; ')}.`,
    headers: idempotency,
    body: createMeetingSchema,
    answers: { 201: meeting },
    errors: ['invalid_request', 'idempotency_key_reused'],
  },
  'get /api/meetings': {
    summary: 'List your meetings, newest first',
    query: listMeetingsQuerySchema,
    answers: { 200: meetingListSchema },
    errors: ['invalid_request'],
  },
  'get /api/meetings/{id}': {
    summary: 'Read a meeting',
    path: meetingPathSchema,
    answers: { 200: meeting },
    errors: OWN,
  },
  'patch /api/meetings/{id}': {
    summary: 'Change a meeting; a bot that is in the call keeps what it was started with',
    path: meetingPathSchema,
    body: updateMeetingSchema,
    answers: { 200: meeting },
    errors: OWN,
  },
  'delete /api/meetings/{id}': {
    summary:
      'Delete a meeting with everything it left; hidden at once, gone when its workflow ends',
    path: meetingPathSchema,
    answers: { 202: deletionAnswerSchema },
    errors: OWN,
  },
  'post /api/meetings/{id}/start-bot': {
    summary:
      'Send the bot. Twice is the same bot. 200: the workflow has it. 202: kept, and carried out as soon as a worker answers.',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 200: commandAnswer, 202: commandAnswer },
    errors: [...OWN, 'command_refused', 'idempotency_key_reused'],
  },
  'post /api/meetings/{id}/stop-bot': {
    summary: 'Ask the bot to leave; what it heard is still transcribed. Statuses as for start-bot.',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 200: commandAnswer, 202: commandAnswer },
    errors: [...OWN, 'no_running_bot', 'command_refused', 'idempotency_key_reused'],
  },
  'get /api/meetings/{id}/attempts': {
    summary: 'Every run of a bot in this meeting, with how it ended',
    path: meetingPathSchema,
    answers: { 200: attemptListSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/transcription': {
    summary:
      'Segments with `seq` greater than `after`, waiting up to `wait` seconds for the first new one. A corrected segment comes again under its id with a new seq.',
    path: meetingPathSchema,
    query: followQuerySchema,
    answers: { 200: transcriptionPageSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/events': {
    summary: 'Everything on the meeting’s cursor, segments included, read like the transcription',
    path: meetingPathSchema,
    query: followQuerySchema,
    answers: { 200: eventPageSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/analysis': {
    summary: 'The newest analysis',
    path: meetingPathSchema,
    answers: { 200: analysis },
    errors: [...OWN, 'analysis_not_found'],
  },
  'post /api/meetings/{id}/analysis': {
    summary: 'Analyse the meeting again; while an analysis runs, that one is the answer',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 202: analysis },
    errors: [...OWN, 'meeting_not_over', 'idempotency_key_reused'],
  },
};

const TALK: ErrorCode[] = [...OWN, 'no_running_bot', 'meeting_over', 'idempotency_key_reused'];
const identityErrors: ErrorCode[] = ['identity_not_found', 'invalid_request'];

const TALKING_BACK: Record<string, Operation> = {
  'post /api/meetings/{id}/chat': {
    summary:
      'Have the bot write into the meeting’s chat. Kept until a bot has done it; the next attempt takes it over, the meeting’s end fails it. The event `command.status` says what became of it.',
    path: meetingPathSchema,
    headers: idempotency,
    body: sendChatSchema,
    answers: { 202: botCommand },
    errors: TALK,
  },
  'post /api/meetings/{id}/speak': {
    summary:
      'Have the bot say something: text through the installation’s speech synthesis, or a WAV file of at most 5 MiB (16-bit PCM, mono or stereo, 8 to 48 kHz, at most 5 minutes)',
    path: meetingPathSchema,
    headers: idempotency,
    body: speakSchema,
    byteBodies: ['audio/wav'],
    answers: { 202: botCommand },
    errors: [...TALK, 'tts_not_configured', 'tts_failed', 'invalid_audio', 'payload_too_large'],
  },
  'post /api/meetings/{id}/stop-speaking': {
    summary: 'Have the bot be quiet at once',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 202: botCommand },
    errors: TALK,
  },
  'get /api/meetings/{id}/commands': {
    summary: 'What the bot was asked to say or write and what became of it, newest first',
    path: meetingPathSchema,
    query: pageQuerySchema,
    answers: { 200: botCommandListSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/attempts/{attempt}/evidence/{name}': {
    summary: 'What a failed join looked like; kept 14 days',
    path: evidencePathSchema,
    byteAnswer: 'application/octet-stream',
    answers: { 200: null },
    errors: [...OWN, 'evidence_not_found'],
  },
  'get /api/meetings/{id}/recording': {
    summary: 'The assembled recording, whole or (206) the stretch that a Range header names',
    path: meetingPathSchema,
    byteAnswer: 'audio/webm',
    answers: { 200: null, 206: null },
    errors: [...OWN, 'recording_not_ready'],
  },
};

const USERS: Record<string, Operation> = {
  'get /api/me': { summary: 'Who is signed in', answers: { 200: meSchema } },
  'patch /api/me': {
    summary: 'Change what your new meetings take where they say nothing',
    body: updateMeSchema,
    answers: { 200: meSchema },
    errors: ['invalid_request'],
  },
  'post /api/identities': {
    summary: 'Keep an account that bots can sign in with; `npm run sign-in` sends one',
    body: createIdentitySchema,
    answers: { 201: identity },
    errors: ['invalid_request', 'identity_exists', 'payload_too_large'],
  },
  'get /api/identities': { summary: 'Your identities', answers: { 200: identityListSchema } },
  'get /api/identities/{id}': {
    summary: 'An identity, without its stored state',
    path: meetingPathSchema,
    answers: { 200: identity },
    errors: identityErrors,
  },
  'patch /api/identities/{id}': {
    summary: 'Change an identity; a new state is a fresh sign-in',
    path: meetingPathSchema,
    body: updateIdentitySchema,
    answers: { 200: identity },
    errors: [...identityErrors, 'identity_exists', 'payload_too_large'],
  },
  'delete /api/identities/{id}': {
    summary: 'Delete an identity and its stored state; its meetings’ bots join as guests',
    path: meetingPathSchema,
    answers: { 204: null },
    errors: identityErrors,
  },
};

const OPERATIONS: Record<string, Operation> = {
  'get /health': { summary: 'Alive', answers: { 200: healthSchema }, security: 'none' },
  'get /ready': {
    summary: 'Each dependency by name with its state',
    answers: { 200: readinessSchema, 503: readinessSchema },
    security: 'none',
  },
  'post /api/local/sign-in': {
    summary: 'Local mode only: a session for this e-mail address, without a password',
    body: localSignInSchema,
    answers: { 200: localSessionSchema },
    errors: ['invalid_request', 'origin_not_allowed'],
    security: 'none',
  },
};

const BOT_OPERATIONS: Record<string, Operation> = {
  'get /assignment': { summary: 'All a bot needs to know', answers: { 200: botAssignmentSchema } },
  'get /time': { summary: 'The server’s clock', answers: { 200: botTimeSchema }, errors: [] },
  'put /chunks/{track}/{seq}': {
    summary: 'An audio chunk: WAV, 16 kHz, mono, 16-bit. 201: taken. 200: had been taken before.',
    path: chunkPathSchema,
    headers: chunkHeadersSchema,
    answers: { 200: chunkReceiptSchema, 201: chunkReceiptSchema },
    errors: [
      ...BOT,
      'intake_closed',
      'chunk_conflict',
      'payload_too_large',
      'invalid_audio',
      'hash_mismatch',
    ],
  },
  'post /reports': {
    summary: 'What the bot says of itself',
    body: botReportSchema,
    answers: { 200: botReportReceiptSchema },
  },
  'post /heartbeat': { summary: 'Alive', body: botHeartbeatSchema, answers: { 204: null } },
  'post /participants': {
    summary: 'Who came, left or changed their name',
    body: botParticipantsSchema,
    answers: { 204: null },
  },
  'post /sources': {
    summary: 'Whose contributing sources were; segments without a speaker are corrected',
    body: botSourcesSchema,
    answers: { 204: null },
  },
  'post /gaps': {
    summary: 'A stretch that could not be heard',
    body: botGapSchema,
    answers: { 204: null },
  },
  'put /recording/{seq}': {
    summary: 'A part of the recording; together, in order, they are one WebM stream',
    path: recordingPartPathSchema,
    headers: recordingPartHeadersSchema,
    byteBodies: ['audio/webm'],
    answers: { 204: null },
    errors: [...BOT, 'intake_closed', 'chunk_conflict', 'payload_too_large', 'hash_mismatch'],
  },
  'post /chat': { summary: 'A chat message', body: botChatSchema, answers: { 204: null } },
  'put /evidence/{name}': {
    summary: 'What a failed join looked like; the same name replaces it',
    path: z.object({ name: evidenceNameSchema }),
    byteBodies: ['application/octet-stream'],
    answers: { 204: null },
    errors: [...BOT, 'payload_too_large'],
  },
  'get /identity': {
    summary: 'The browser state of the identity to sign in with',
    answers: { 200: botIdentityStateSchema },
    errors: [...BOT, 'no_identity'],
  },
  'post /join-token': {
    summary:
      'The platform’s join token. The API posts `{"meetingId", "platform", "attempt"}` to the meeting’s joinTokenUrl, signed as Standard Webhooks says where OUTGOING_SIGNING_SECRET is set, and expects `{"token"}` within 10 s in at most 16 KiB, without a redirect.',
    answers: { 200: botJoinTokenSchema },
    errors: [...BOT, 'no_join_token_url', 'join_token_failed'],
  },
  'get /speech/{id}': {
    summary: 'What the bot is to say, as WAV',
    path: z.object({ id: z.uuid() }),
    byteAnswer: 'audio/wav',
    answers: { 200: null },
    errors: [...BOT, 'speech_not_found'],
  },
  'get /commands': {
    summary: 'Commands after a place, waiting for the first',
    query: botCommandsQuerySchema,
    answers: { 200: botCommandsSchema },
  },
  'post /commands/{seq}/ack': {
    summary: 'What became of the command; an empty body means done',
    path: z.object({ seq: z.int().min(1) }),
    body: botCommandAckSchema,
    answers: { 204: null },
  },
};

/** Describes the API by the schemas that validate it. */
export function createOpenApiDocument(apiUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  const add = (all: Record<string, Operation>, prefix: string, usual: Partial<Operation>): void => {
    for (const [key, operation] of Object.entries(all)) {
      const [method = '', path = ''] = key.split(' ');
      paths[prefix + path] = {
        ...paths[prefix + path],
        [method]: describeOperation({ ...usual, ...operation }),
      };
    }
  };
  add(OPERATIONS, '', {});
  add(MEETINGS, '', {});
  add(TALKING_BACK, '', {});
  add(USERS, '', {});
  add(BOT_OPERATIONS, BOT_API_PREFIX, { security: 'bot', errors: BOT });
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Meetings',
      version: '1',
      description: `Errors are \`{"error": {"code", "message", "details"?}}\`. Codes:\n\n${listErrors()}\n\nLive events also come over the WebSocket at \`/ws\`: send \`{"type": "auth", "token"}\` and then \`{"type": "subscribe", "meetingId", "after"}\`.`,
    },
    servers: [{ url: apiUrl }],
    paths,
    components: {
      schemas: {
        Segment: segmentSchema,
        MeetingEvent: meetingEventSchema,
        Attempt: attemptSchema,
      },
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'Session token' },
        bot: { type: 'http', scheme: 'bearer', description: 'Token of one attempt’s bot' },
      },
    },
  });
}

function listErrors(): string {
  return Object.entries(ERROR_CODES)
    .map(([code, { status, meaning }]) => `- \`${code}\` (${status}): ${meaning}`)
    .join('\n');
}

function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const security = operation.security ?? 'session';
  const always: ErrorCode[] = security === 'none' ? [] : ['unauthenticated'];
  return {
    summary: operation.summary,
    security: security === 'none' ? [] : [{ [security]: [] }],
    requestParams: {
      ...(operation.path ? { path: operation.path } : {}),
      ...(operation.query ? { query: operation.query } : {}),
      ...(operation.headers ? { header: operation.headers } : {}),
    },
    ...describeBody(operation),
    responses: {
      ...describeAnswers(operation),
      ...describeErrors([...always, ...(operation.errors ?? [])]),
    },
  };
}

function describeBody({
  body,
  byteBodies = [],
}: Operation): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  const bytes = Object.fromEntries(byteBodies.map((type) => [type, {}]));
  const content = { ...(body ? { 'application/json': { schema: body } } : {}), ...bytes };
  return Object.keys(content).length === 0 ? {} : { requestBody: { content } };
}

function describeAnswers({
  answers,
  byteAnswer,
}: Operation): ZodOpenApiOperationObject['responses'] {
  const described: ZodOpenApiOperationObject['responses'] = {};
  for (const [status, schema] of Object.entries(answers)) {
    const hasBody = schema !== null || byteAnswer !== undefined;
    described[status as '200'] = {
      description: hasBody ? 'Success' : 'Success, without a body',
      ...(byteAnswer ? { content: { [byteAnswer]: {} } } : {}),
      ...(schema ? { content: { 'application/json': { schema } } } : {}),
    };
  }
  return described;
}

function describeErrors(codes: ErrorCode[]): ZodOpenApiOperationObject['responses'] {
  const described: ZodOpenApiOperationObject['responses'] = {};
  for (const code of codes) {
    const { status } = ERROR_CODES[code];
    const same = codes.filter((other) => ERROR_CODES[other].status === status);
    described[String(status) as '400'] = {
      description: same.map((each) => `\`${each}\``).join(', '),
      content: { 'application/json': { schema: errorBody } },
    };
  }
  return described;
}
