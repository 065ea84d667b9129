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
  followQuerySchema,
  healthSchema,
  listMeetingsQuerySchema,
  localSessionSchema,
  localSignInSchema,
  meetingListSchema,
  meetingPathSchema,
  meetingSchema,
  readinessSchema,
  transcriptionPageSchema,
  updateMeetingSchema,
} from '../domain/api';
import {
  BOT_API_PREFIX,
  botAssignmentSchema,
  botChatSchema,
  botCommandsQuerySchema,
  botCommandsSchema,
  botHeartbeatSchema,
  botParticipantsSchema,
  botReportReceiptSchema,
  botReportSchema,
  botTimeSchema,
  chunkHeadersSchema,
  chunkPathSchema,
  chunkReceiptSchema,
} from '../domain/bot-api';
import { meetingEventSchema } from '../domain/events';
import { ACCEPTED_LINK_SHAPES } from '../domain/meeting-link';
import { segmentSchema } from '../domain/segment';
import { ERROR_CODES, type ErrorCode } from './errors';

interface Operation {
  summary: string;
  path?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Success statuses with what they carry. */
  answers: Record<number, z.ZodType | null>;
  errors?: ErrorCode[];
  security?: 'session' | 'bot' | 'none';
}

const meeting = meetingSchema.meta({ id: 'Meeting' });
const analysis = analysisSchema.meta({ id: 'Analysis' });
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
  'post /chat': { summary: 'A chat message', body: botChatSchema, answers: { 204: null } },
  'get /commands': {
    summary: 'Commands after a place, waiting for the first',
    query: botCommandsQuerySchema,
    answers: { 200: botCommandsSchema },
  },
  'post /commands/{seq}/ack': {
    summary: 'The command is carried out',
    path: z.object({ seq: z.int().min(1) }),
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
    ...(operation.body
      ? { requestBody: { content: { 'application/json': { schema: operation.body } } } }
      : {}),
    responses: {
      ...describeAnswers(operation.answers),
      ...describeErrors([...always, ...(operation.errors ?? [])]),
    },
  };
}

function describeAnswers(answers: Operation['answers']): ZodOpenApiOperationObject['responses'] {
  const described: ZodOpenApiOperationObject['responses'] = {};
  for (const [status, schema] of Object.entries(answers)) {
    described[status as '200'] = {
      description: schema ? 'Success' : 'Success, without a body',
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
