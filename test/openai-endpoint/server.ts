/** A stand-in of OpenAI's chat completions; it leaves out streaming, tools, images, logprobs, real tokens and sense. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  response_format?: { type: string; json_schema?: { strict?: boolean; schema?: JsonSchema } };
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: JsonSchema;
}

/** What the model says, or how it fails to. */
export type ModelAnswer =
  | { content: unknown }
  | { text: string }
  | { refusal: string }
  | { finishReason: 'length' | 'content_filter' }
  | { status: number; code?: string; message?: string; headers?: Record<string, string> };

export interface OpenAiEndpoint {
  /** As OPENAI_BASE_URL takes it. */
  url: string;
  apiKey: string;
  model: string;
  /** Everything that was asked and not turned away for key, model or form. */
  requests: ChatRequest[];
  close(): Promise<void>;
}

export interface OpenAiEndpointOptions {
  answer: (request: ChatRequest, index: number) => ModelAnswer | Promise<ModelAnswer>;
  /** Tokens of four characters that question may hold. */
  contextTokens?: number;
}

/** Starts the stand-in on a free port. */
export async function startOpenAiEndpoint(options: OpenAiEndpointOptions): Promise<OpenAiEndpoint> {
  const requests: ChatRequest[] = [];
  const endpoint = { apiKey: 'sk-test', model: 'test-model', requests };
  const server = createServer((request, response) => {
    void handle(request, response, { ...endpoint, ...options });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...endpoint,
    url: `http://127.0.0.1:${port}/v1`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Handling = OpenAiEndpointOptions & Pick<OpenAiEndpoint, 'apiKey' | 'model' | 'requests'>;

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  handling: Handling,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as ChatRequest;
  const refusal = judge(request, body, handling);
  if (refusal) return send(response, refusal, body);
  handling.requests.push(body);
  send(response, await handling.answer(body, handling.requests.length - 1), body);
}

function judge(
  request: IncomingMessage,
  body: ChatRequest,
  { apiKey, model, contextTokens = 1_000_000 }: Handling,
): ModelAnswer | null {
  if (request.headers.authorization !== `Bearer ${apiKey}`) {
    return { status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided.' };
  }
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    return { status: 404, message: `Invalid URL (${request.method} ${request.url})` };
  }
  if (body.model !== model) {
    return {
      status: 404,
      code: 'model_not_found',
      message: `The model ${body.model} does not exist.`,
    };
  }
  const format = body.response_format?.json_schema;
  if (!format?.strict || !format.schema || !isStrict(format.schema)) {
    return { status: 400, message: "Invalid schema for response_format: 'additionalProperties'" };
  }
  if (countTokens(body) > contextTokens) {
    const message = `This model's maximum context length is ${contextTokens} tokens.`;
    return { status: 400, code: 'context_length_exceeded', message };
  }
  return null;
}

/** The rule of strict structured outputs: every object lists all its properties and no others. */
function isStrict(schema: JsonSchema): boolean {
  if (schema.items && !isStrict(schema.items)) return false;
  if (!schema.properties) return true;
  const names = Object.keys(schema.properties);
  return (
    schema.additionalProperties === false &&
    names.every((name) => schema.required?.includes(name)) &&
    Object.values(schema.properties).every(isStrict)
  );
}

function countTokens({ messages }: ChatRequest): number {
  return Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 4);
}

function send(response: ServerResponse, answer: ModelAnswer, body: ChatRequest): void {
  if ('status' in answer) {
    const { status, code = null, message = 'error' } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify({ error: { message, type: 'error', param: null, code } }));
    return;
  }
  const content =
    'content' in answer ? JSON.stringify(answer.content) : 'text' in answer ? answer.text : null;
  const finish_reason = 'finishReason' in answer ? answer.finishReason : 'stop';
  const refusal = 'refusal' in answer ? answer.refusal : null;
  const usage = {
    prompt_tokens: countTokens(body),
    completion_tokens: Math.ceil((content?.length ?? 0) / 4),
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 0,
      model: body.model,
      choices: [{ index: 0, message: { role: 'assistant', content, refusal }, finish_reason }],
      usage,
    }),
  );
}

/** Ids in the data of a request, in their order. */
export function readIds({ messages }: ChatRequest): number[] {
  const data = messages.find(({ role }) => role === 'user')?.content ?? '';
  const ids = [...data.matchAll(/"id":(\d+)/g)].map((match) => Number(match[1]));
  if (ids.length > 0) return ids;
  const cited = [...data.matchAll(/"segmentIds":\[([\d,]*)\]/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map(Number),
  );
  return [...new Set(cited)];
}
