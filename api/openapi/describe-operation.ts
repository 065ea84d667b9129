import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { errorBodySchema } from '../../domain/api';
import { isScope, SCOPES } from '../../domain/scopes';
import { ERROR_CODES, type ErrorCode } from '../errors';
import { ANSWERS } from '../operations/answers';
import { idempotency, type Operation } from '../operations/operation';
import { isLimited, listRefusals, listSecurity } from './refusals';

const bytes = { schema: { type: 'string', format: 'binary' } } as const;

type Responses = NonNullable<ZodOpenApiOperationObject['responses']>;
type Headers = Record<string, { $ref: string }>;

const RATE_LIMIT = ['RateLimit', 'RateLimit-Policy'];

/** Headers that come with a status, by their names in the document's components. */
const STATUS_HEADERS: Record<number, string[]> = {
  401: ['WWW-Authenticate'],
  429: [...RATE_LIMIT, 'Retry-After'],
  503: ['Retry-After'],
};

/** One route of the table as OpenAPI says it. */
export function describeOperation(
  [key, operation]: [string, Operation],
  tag: string,
): ZodOpenApiOperationObject {
  const description = describe(operation);
  return {
    operationId: operation.id,
    tags: [tag],
    summary: operation.summary,
    ...(description === '' ? {} : { description }),
    security: listSecurity(operation).map((scheme) => ({ [scheme]: [] })),
    requestParams: {
      ...(operation.path ? { path: operation.path } : {}),
      ...(operation.query ? { query: operation.query } : {}),
      ...(operation.headers ? { header: operation.headers } : {}),
    },
    ...describeBody(operation),
    responses: {
      ...describeAnswers(key, operation),
      ...describeErrors(listRefusals(key, operation)),
    },
  };
}

function describe({ description, access, alsoNeeds }: Operation): string {
  const scope = isScope(access)
    ? `API keys need the scope \`${access}\`: ${SCOPES[access]}.`
    : undefined;
  const second = alsoNeeds && `They need \`${alsoNeeds}\` as well: ${SCOPES[alsoNeeds]}.`;
  return [description, scope, second].filter((part) => part !== undefined).join('\n\n');
}

function describeBody({
  body,
  bodyExamples,
  byteBodies = [],
}: Operation): Pick<ZodOpenApiOperationObject, 'requestBody'> {
  const examples = Object.fromEntries(
    Object.entries(bodyExamples ?? {}).map(([name, value]) => [name, { value }]),
  );
  const content = {
    ...(body
      ? { 'application/json': { schema: body, ...(bodyExamples ? { examples } : {}) } }
      : {}),
    ...Object.fromEntries(byteBodies.map((type) => [type, bytes])),
  };
  if (Object.keys(content).length === 0) return {};
  const isRequired = !body?.safeParse(undefined).success;
  return { requestBody: { required: isRequired, content } };
}

function describeAnswers(key: string, operation: Operation): Responses {
  const { answers, byteAnswer = [], answerHeaders, headers } = operation;
  const types = [byteAnswer].flat();
  const described: Responses = {};
  for (const [status, schema] of Object.entries(answers)) {
    const content = {
      ...(status === '304'
        ? {}
        : Object.fromEntries(types.map((type) => [type, describeBytes(type)]))),
      ...(schema ? { 'application/json': { schema, ...describeExample(operation) } } : {}),
    };
    const hasContent = Object.keys(content).length > 0;
    described[status as '200'] = {
      description: hasContent ? 'Success' : 'Success, without a body',
      headers: {
        ...refer(['X-Request-Id']),
        ...refer(isLimited(key) ? RATE_LIMIT : []),
        ...refer(headers === idempotency ? ['Idempotency-Replayed'] : []),
        ...describeHeaders(answerHeaders),
      },
      ...(hasContent ? { content } : {}),
    };
  }
  return described;
}

/** Schemas with a name have their example beside them. */
function describeExample({ id }: Operation) {
  return id in ANSWERS ? { example: ANSWERS[id] } : {};
}

/** A file of JSON holds what it holds. */
function describeBytes(type: string) {
  return type === 'application/json' ? { schema: {} } : bytes;
}

function describeErrors(codes: ErrorCode[]): Responses {
  const described: Responses = {};
  for (const code of codes) {
    const { status } = ERROR_CODES[code];
    const same = codes.filter((other) => ERROR_CODES[other].status === status);
    const examples = same.map((each) => [each, { $ref: `#/components/examples/${each}` }]);
    described[String(status) as '400'] = {
      description: same
        .map((each) => `\`${each}\`: ${ERROR_CODES[each].meaning}`)
        .join(same.length > 1 ? '\n\n' : ''),
      headers: refer(['X-Request-Id', ...(STATUS_HEADERS[status] ?? [])]),
      content: {
        'application/json': { schema: errorBodySchema, examples: Object.fromEntries(examples) },
      },
    };
  }
  return described;
}

function refer(names: string[]): Headers {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function describeHeaders(headers: Record<string, string> = {}) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' as const } },
    ]),
  );
}
