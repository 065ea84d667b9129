import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { attemptSchema, errorBodySchema } from '../domain/api';
import { meetingEventSchema } from '../domain/events';
import { isScope, SCOPES } from '../domain/scopes';
import { segmentSchema } from '../domain/segment';
import { ERROR_CODES, type ErrorCode } from './errors';
import { OPERATIONS } from './operations/all';
import type { Operation } from './operations/operation';

const errorBody = errorBodySchema.meta({ id: 'Error' });

/** How each kind of access is shown, and how it refuses. */
const ACCESS: Record<
  'public' | 'bot' | 'admin' | 'session' | 'scoped',
  { security: string[]; errors: ErrorCode[] }
> = {
  public: { security: [], errors: ['rate_limited'] },
  bot: { security: ['bot'], errors: ['unauthenticated', 'rate_limited'] },
  admin: { security: ['admin'], errors: ['unauthenticated', 'rate_limited'] },
  session: {
    security: ['session'],
    errors: ['unauthenticated', 'session_required', 'rate_limited'],
  },
  scoped: {
    security: ['session', 'apiKey'],
    errors: ['unauthenticated', 'scope_missing', 'rate_limited'],
  },
};

/** Describes the API by the schemas that validate it. */
export function createOpenApiDocument(apiUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const [key, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = key.split(' ');
    paths[path] = { ...paths[path], [method]: describeOperation(operation) };
  }
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
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'API key' },
        admin: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'Admin key' },
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
  const { security, errors } = ACCESS[isScope(operation.access) ? 'scoped' : operation.access];
  return {
    summary: operation.summary,
    description: describeAccess(operation),
    security: security.map((scheme) => ({ [scheme]: [] })),
    requestParams: {
      ...(operation.path ? { path: operation.path } : {}),
      ...(operation.query ? { query: operation.query } : {}),
      ...(operation.headers ? { header: operation.headers } : {}),
    },
    ...describeBody(operation),
    responses: {
      ...describeAnswers(operation),
      ...describeErrors([...errors, ...(operation.errors ?? [])]),
    },
  };
}

function describeAccess({ access }: Operation): string {
  return isScope(access) ? `API keys need the scope \`${access}\`: ${SCOPES[access]}.` : '';
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
