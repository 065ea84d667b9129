import {
  createDocument,
  type CreateDocumentOptions,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { ERROR_CODES } from '../errors';
import { OPERATIONS, SUBJECTS } from '../operations/all';
import { EXAMPLES } from '../operations/examples';
import { describeOperation } from './describe-operation';
import { describeWebhooks } from './webhooks';
import { listRefusals } from './refusals';

/** Describes the API by the schemas that validate it. */
export function createOpenApiDocument(apiUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const [tag, { operations }] of Object.entries(SUBJECTS)) {
    for (const entry of Object.entries(operations)) {
      const [method = '', path = ''] = entry[0].split(' ');
      paths[path] = { ...paths[path], [method]: describeOperation(entry, tag) };
    }
  }
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: { title: 'Meetings', version: '1', description: ABOUT },
      servers: [{ url: apiUrl }],
      tags: Object.entries(SUBJECTS).map(([name, { about }]) => ({ name, description: about })),
      paths,
      webhooks: describeWebhooks(),
      components: {
        examples: describeErrorExamples(),
        headers: HEADERS,
        securitySchemes: {
          session: { type: 'http', scheme: 'bearer', description: 'Session token' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'API key' },
          admin: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'Admin key' },
          bot: { type: 'http', scheme: 'bearer', description: 'Token of one attempt’s bot' },
        },
      },
    },
    { override: dropNoise },
  );
  for (const [name, example] of Object.entries(EXAMPLES)) {
    Object.assign(document.components?.schemas?.[name] ?? {}, { examples: [example] });
  }
  return document;
}

/** What says nothing to a reader: the bounds of JavaScript's numbers, and a date's own pattern. */
const dropNoise: CreateDocumentOptions['override'] = ({ jsonSchema }) => {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
};

const text = { schema: { type: 'string' } } as const;

const HEADERS = {
  'X-Request-Id': {
    ...text,
    required: true,
    description: 'The request’s name in the server’s log; give it when you ask for help',
  },
  'Idempotency-Replayed': {
    ...text,
    description: '`true` where this is the answer that an earlier request with this key had got',
  },
  'WWW-Authenticate': { ...text, description: 'How to sign in' },
  RateLimit: {
    ...text,
    description: 'What is left (`r`) for how many seconds (`t`), by limit: draft 8 of the IETF',
  },
  'RateLimit-Policy': {
    ...text,
    description: 'Each limit that counts here: requests (`q`) in seconds (`w`)',
  },
  'Retry-After': { ...text, description: 'Seconds to wait before the next try' },
} as const;

const ABOUT = `A visible bot joins a meeting, every word is written down live with its speaker and time, and an analysis that cites the words follows.

**Sign in** by a session token (\`Authorization: Bearer …\`) or an API key (\`X-API-Key\`). What is somebody else's does not exist for you: 404.

**Lists** come in pages: \`nextCursor\` of one is the \`cursor\` of the next, and null at the end.

**Repeats** are safe with an \`Idempotency-Key\`: the same key with the same request gets the same answer for 24 hours.

**Limits** are counted per minute, by address and by user or key; \`RateLimit\` says what is left, and a 429 by \`Retry-After\` when to come again.

**Live**: read \`/api/meetings/{id}/transcription\` with \`after\` and \`wait\`, or open the WebSocket at \`/ws\`: send \`{"type": "auth", "token"}\`, then \`{"type": "subscribe", "meetingId", "after"}\`, and take frames \`{"type": "event", "meetingId", "seq", "at", "event"}\` in the order of \`seq\`. After a break, go on from your last \`seq\`.

**Errors** are \`{"error": {"code", "message", "details"?}}\`. Decide by the code; messages are for people and may change. An unknown route is \`route_not_found\`, another method \`method_not_allowed\` with \`Allow\`; more headers than anybody needs \`too_many_headers\`; a fault of ours is \`internal\` (500).

| code | status | meaning |
| --- | --- | --- |
${Object.entries(ERROR_CODES)
  .map(([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`)
  .join('\n')}`;

const DETAILS: Record<string, unknown> = {
  invalid_request: [{ in: 'body', field: 'title', message: 'Unknown field' }],
  command_refused: { status: 'completed', botStatus: 'ended' },
};

function describeErrorExamples() {
  const codes = Object.entries(OPERATIONS).flatMap(([key, each]) => listRefusals(key, each));
  return Object.fromEntries(
    [...new Set(codes)].map((code) => {
      const details = code in DETAILS ? { details: DETAILS[code] } : {};
      return [code, { value: { error: { code, message: ERROR_CODES[code].meaning, ...details } } }];
    }),
  );
}
