import OpenAI, { APIConnectionError, APIError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type { ChatCompletion } from 'openai/resources';
import { analysisContentSchema, type TokenUse } from '../../../domain/analysis';
import { AnalyserError } from '../analyser';

export interface ChatModelConfig {
  apiKey: string;
  /** Without it: OpenAI's own. */
  baseUrl: string | undefined;
  model: string;
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** One answer of a model, or that question or answer do not fit. */
export type ChatAnswer = { use: TokenUse } & (
  { kind: 'text'; text: string } | { kind: 'refusal' } | { kind: 'too_long' }
);

export interface ChatModel {
  host: string;
  name: string;
  /** Throws `AnalyserError` when there is no answer at all. */
  ask(messages: ChatMessage[], signal: AbortSignal): Promise<ChatAnswer>;
}

/** A long part may take a model minutes; silence beyond that is a fault. */
const REQUEST_TIMEOUT_MS = 5 * 60_000;
const NO_USE: TokenUse = { inputTokens: 0, outputTokens: 0 };

/** A model behind any endpoint that speaks OpenAI's chat completions with structured outputs. */
export function createChatModel(config: ChatModelConfig): ChatModel {
  const client = new OpenAI({
    apiKey: config.apiKey,
    baseURL: config.baseUrl ?? 'https://api.openai.com/v1',
    // Temporal retries, where it can be seen and the worker may be another.
    maxRetries: 0,
    timeout: REQUEST_TIMEOUT_MS,
    // At "debug" the package would log whole requests, and with them what was said.
    logLevel: 'off',
  });
  const response_format = zodResponseFormat(analysisContentSchema, 'meeting_analysis');
  return {
    host: new URL(client.baseURL).host,
    name: config.model,
    async ask(messages, signal) {
      try {
        const body = { model: config.model, messages, response_format };
        return readAnswer(await client.chat.completions.create(body, { signal }));
      } catch (error) {
        signal.throwIfAborted();
        if (isTooLong(error)) return { kind: 'too_long', use: NO_USE };
        throw explain(error, config.model);
      }
    },
  };
}

function readAnswer(completion: ChatCompletion): ChatAnswer {
  const use = {
    inputTokens: completion.usage?.prompt_tokens ?? 0,
    outputTokens: completion.usage?.completion_tokens ?? 0,
  };
  const choice = completion.choices?.[0];
  if (choice?.finish_reason === 'length') return { kind: 'too_long', use };
  if (choice?.finish_reason === 'content_filter' || choice?.message.refusal) {
    return { kind: 'refusal', use };
  }
  return { kind: 'text', text: choice?.message.content ?? '', use };
}

function isTooLong(error: unknown): boolean {
  if (!(error instanceof APIError)) return false;
  if (error.status === 413 || error.code === 'context_length_exceeded') return true;
  return (
    error.status === 400 && /context length|context window|too many tokens/i.test(error.message)
  );
}

/** Says what is wrong without the endpoint's own words: some repeat the request in them. */
function explain(error: unknown, model: string): unknown {
  if (error instanceof APIConnectionError) {
    return new AnalyserError('unavailable', 'The language model’s endpoint cannot be reached.');
  }
  if (!(error instanceof APIError) || error.status === undefined) return error;
  const answered = `The language model’s endpoint answered ${error.status}`;
  if (error.code === 'insufficient_quota') {
    return misconfigured(`${answered}: the account of OPENAI_API_KEY has no credit.`);
  }
  switch (error.status) {
    case 401:
    case 403:
      return misconfigured(`${answered}: check OPENAI_API_KEY and what its account may use.`);
    case 404:
      return misconfigured(`${answered}: check OPENAI_MODEL (${model}) and OPENAI_BASE_URL.`);
    case 408:
    case 409:
    case 429:
      return new AnalyserError('unavailable', `${answered}.`, readRetryAfterMs(error.headers));
    default:
      if (error.status >= 500) {
        return new AnalyserError('unavailable', `${answered}.`, readRetryAfterMs(error.headers));
      }
      return misconfigured(
        `${answered}: check that OPENAI_MODEL (${model}) takes chat completions with structured outputs.`,
      );
  }
}

function misconfigured(message: string): AnalyserError {
  return new AnalyserError('misconfigured', message);
}

function readRetryAfterMs(headers: Headers | undefined): number | undefined {
  const exact = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const header = headers?.get('retry-after');
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
