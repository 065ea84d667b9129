import { createConfig, lintFromString } from '@redocly/openapi-core';
import { ERROR_CODES } from '../errors';
import { OPERATIONS } from '../operations/all';
import { ANSWERS } from '../operations/answers';
import { createOpenApiDocument } from './document';
import { makeLlmsText } from './llms-text';

const document = createOpenApiDocument('https://api.example');
const operations = Object.entries(OPERATIONS);

/** The document's operation for a key of the table. */
function describeRoute(key: string) {
  const [method, path = ''] = key.split(' ');
  const described = document.paths?.[path]?.[method as 'get'];
  if (!described) throw new Error(`Expected ${key} in the document`);
  return described;
}

describe('the OpenAPI document', () => {
  test('is valid, refers to nothing that is missing, and its examples fit their schemas', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      rules: {
        'no-invalid-media-type-examples': 'error',
        'no-invalid-schema-examples': 'error',
        'no-invalid-parameter-examples': 'error',
        'operation-operationId': 'error',
        'tag-description': 'error',
        // the product has no licence to name; /health and its like refuse nobody
        'info-license': 'off',
        'operation-4xx-response': 'off',
      },
    });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    expect(problems.map(({ message, location }) => [message, location[0]?.pointer])).toEqual([]);
  });

  test('names every operation, each by a name of its own that generators can use', () => {
    const ids = operations.map(([, { id }]) => id);
    expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]+$/.test(id))).toEqual([]);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('sums up every operation in one line', () => {
    const summaries = operations.map(([, { summary }]) => summary);
    expect(summaries.filter((text) => text.length > 90 || /[\n.]$/.test(text))).toEqual([]);
  });

  /** Pages for people refuse in their own words, also somebody who is not signed in. */
  const isPage = (key: string): boolean => key.startsWith('get /s/');
  /** Whether these are shown to everybody depends on where the server stands. */
  const isOperators = (key: string): boolean => key === 'get /metrics';

  test.each(operations.filter(([key]) => !isPage(key) && !isOperators(key)))(
    'shows how %s is signed in to, and that it refuses others',
    (key) => {
      const { security = [], responses = {} } = describeRoute(key);
      expect('401' in responses).toBe(security.length > 0);
    },
  );

  test.each(operations)('has an example for every way that %s is refused', (key) => {
    const { responses = {} } = describeRoute(key);
    for (const [status, response] of Object.entries(responses)) {
      const codes = Object.keys(response.content?.['application/json']?.examples ?? {});
      if (Number(status) < 400 || key === 'get /ready' || isPage(key)) continue;
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(ERROR_CODES).toHaveProperty(code);
    }
  });

  test('has an example for every JSON body but the empty ones', () => {
    const without = operations.filter(([, { body, bodyExamples }]) => {
      const isEmpty = body?.safeParse(undefined).success ?? true;
      return !isEmpty && bodyExamples === undefined;
    });
    expect(without.map(([key]) => key)).toEqual([]);
  });

  test('has an example of every JSON answer, its own or that of its schema', () => {
    const schemas = document.components?.schemas ?? {};
    const without = operations.flatMap(([key]) => {
      const { responses = {} } = describeRoute(key);
      const bare = Object.entries(responses).filter(([status, response]) => {
        const { schema, example } = response.content?.['application/json'] ?? {};
        // a file of JSON holds what it holds
        const isFile = Object.keys(schema ?? {}).length === 0;
        if (Number(status) >= 400 || isFile || !schema || example !== undefined) return false;
        const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
        const named = schemas[name ?? ''];
        return !named || !('examples' in named);
      });
      return bare.map(([status]) => `${key}: ${status}`);
    });
    expect(without).toEqual([]);
    const ids = operations.map(([, { id }]) => id);
    expect(Object.keys(ANSWERS).filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('has an example of every webhook message', () => {
    const messages = Object.entries(document.webhooks ?? {});
    expect(messages.length).toBeGreaterThan(20);
    const without = messages.filter(([, { post }]) => {
      const body = post?.requestBody;
      return !body || !('content' in body) || !body.content['application/json']?.example;
    });
    expect(without.map(([type]) => type)).toEqual([]);
  });

  test('says in its description what each error code means', () => {
    for (const [code, { status }] of Object.entries(ERROR_CODES)) {
      expect(document.info.description).toContain(`| \`${code}\` | ${status} |`);
    }
  });
});

test('both scopes of a route that needs two stand in the document and in llms.txt', () => {
  const { description } = describeRoute('post /api/webhooks/endpoints');
  expect(description).toContain('need the scope `webhooks`');
  expect(description).toContain('need `transcripts:read` as well');
  expect(makeLlmsText('https://api.example')).toContain(
    '`POST /api/webhooks/endpoints` [webhooks, transcripts:read]',
  );
});

test('llms.txt names every operation with its route', () => {
  const text = makeLlmsText('https://api.example');
  for (const [key, { id }] of operations) {
    const [method = '', path = ''] = key.split(' ');
    expect(text).toContain(`- ${id}: \`${method.toUpperCase()} ${path}\``);
  }
});
