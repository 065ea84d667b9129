import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import {
  BOT_API_PREFIX,
  EVIDENCE_TYPES,
  botAssignmentSchema,
  botCommandsSchema,
  botIdentityStateSchema,
  botJoinTokenSchema,
  botReportReceiptSchema,
  botTimeSchema,
  chunkReceiptSchema,
  type BotChatMessage,
  type BotCommandAck,
  type BotGap,
  type BotHeartbeat,
  type BotReport,
  type EvidenceName,
  type ParticipantChange,
  type SourceBinding,
} from '../../../domain/bot-api';
import type { PartMetadata } from '../recording/part-spool';
import type { SpooledMetadata } from '../spool/spool';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;
const COMMAND_WAIT_SECONDS = 20;
/** The API asks the meeting's callback address for it, which may take 10 s. */
const JOIN_TOKEN_TIMEOUT_MS = 20_000;
/** Answers after which the same request may succeed later. */
const TRANSIENT_STATUSES = new Set([408, 425, 429]);

const errorBodySchema = z.object({ error: z.object({ code: z.string() }) });

/** The API says that this attempt is over for it: its token is refused or a newer one took over. */
export class SupersededError extends Error {}

/** The API will never take this request. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`Expected the API to accept the request, got ${status} ${code}`);
  }
}

class TransientError extends Error {
  constructor(
    message: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export interface ApiClientOptions {
  apiUrl: string;
  token: string;
  logger: Logger;
}

export type ApiClient = ReturnType<typeof createApiClient>;

/**
 * The bot's side of the contract. Everything but `getTime` and `sendHeartbeat` is tried again for
 * as long as the API is down; each request names its own key, so a repeat is harmless.
 */
export function createApiClient(options: ApiClientOptions) {
  const once = <T>(schema: z.ZodType<T>, request: ApiRequest) =>
    fetchJson(options, schema, request);
  const persist = <T>(schema: z.ZodType<T>, request: ApiRequest) =>
    retry(options.logger, () => once(schema, request), request);
  const post = (path: string, body: unknown, signal?: AbortSignal): ApiRequest => ({
    method: 'POST',
    path,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    signal,
  });
  return {
    getAssignment: (signal?: AbortSignal) =>
      persist(botAssignmentSchema, { method: 'GET', path: '/assignment', signal }),
    getTime: (signal?: AbortSignal) =>
      once(botTimeSchema, { method: 'GET', path: '/time', signal }),
    sendReport: (report: BotReport, signal?: AbortSignal) =>
      persist(botReportReceiptSchema, post('/reports', report, signal)),
    sendHeartbeat: (heartbeat: BotHeartbeat) => once(z.unknown(), post('/heartbeat', heartbeat)),
    sendParticipants: (changes: ParticipantChange[], signal?: AbortSignal) =>
      persist(z.unknown(), post('/participants', { changes }, signal)),
    sendChat: (message: BotChatMessage, signal?: AbortSignal) =>
      persist(z.unknown(), post('/chat', message, signal)),
    sendSources: (bindings: SourceBinding[], signal?: AbortSignal) =>
      persist(z.unknown(), post('/sources', { bindings }, signal)),
    sendGap: (gap: BotGap, signal?: AbortSignal) =>
      persist(z.unknown(), post('/gaps', gap, signal)),
    getCommands: (after: number, signal?: AbortSignal) =>
      persist(botCommandsSchema, {
        method: 'GET',
        path: `/commands?after=${after}&wait=${COMMAND_WAIT_SECONDS}`,
        timeoutMs: COMMAND_WAIT_SECONDS * 1000 + ANSWER_TIMEOUT_MS,
        signal,
      }),
    beginCommand: (seq: number, signal?: AbortSignal) =>
      persist(z.unknown(), post(`/commands/${seq}/begin`, {}, signal)),
    acknowledgeCommand: (seq: number, ack: BotCommandAck, signal?: AbortSignal) =>
      persist(z.unknown(), post(`/commands/${seq}/ack`, ack, signal)),
    getIdentity: (signal?: AbortSignal) =>
      persist(botIdentityStateSchema, { method: 'GET', path: '/identity', signal }),
    getJoinToken: (signal?: AbortSignal) =>
      once(botJoinTokenSchema, {
        ...post('/join-token', {}, signal),
        timeoutMs: JOIN_TOKEN_TIMEOUT_MS,
      }),
    getSpeech: (speechId: string, signal?: AbortSignal): Promise<Buffer> => {
      const request: ApiRequest = { method: 'GET', path: `/speech/${speechId}`, signal };
      return retry(options.logger, () => fetchBody(options, request), request);
    },
    putEvidence: (name: EvidenceName, content: Uint8Array, signal?: AbortSignal) =>
      persist(z.unknown(), { ...makeEvidenceRequest(name, content), signal }),
    putRecordingPart: (part: { metadata: PartMetadata; bytes: Buffer }) =>
      persist(z.unknown(), makePartRequest(part)),
    putChunk: (chunk: ChunkUpload) => persist(chunkReceiptSchema, makeChunkRequest(chunk)),
  };
}

function makeEvidenceRequest(name: EvidenceName, content: Uint8Array): ApiRequest {
  return {
    method: 'PUT',
    path: `/evidence/${name}`,
    headers: { 'content-type': EVIDENCE_TYPES[name] },
    body: new Uint8Array(content),
  };
}

function makePartRequest({
  metadata,
  bytes,
}: {
  metadata: PartMetadata;
  bytes: Buffer;
}): ApiRequest {
  return {
    method: 'PUT',
    path: `/recording/${metadata.seq}`,
    body: new Uint8Array(bytes),
    headers: {
      'content-type': 'audio/webm',
      'x-part-start-at': String(Math.round(metadata.startAtMs)),
      'x-part-end-at': String(Math.round(metadata.endAtMs)),
      'x-part-sha256': metadata.sha256,
    },
  };
}

interface ChunkUpload {
  metadata: SpooledMetadata;
  wav: Buffer;
  clockOriginMs: number;
}

function makeChunkRequest({ metadata, wav, clockOriginMs }: ChunkUpload): ApiRequest {
  const startMs = Math.max(0, Math.round(metadata.startAtMs - clockOriginMs));
  const endMs = Math.max(startMs + 1, Math.round(metadata.endAtMs - clockOriginMs));
  return {
    method: 'PUT',
    path: `/chunks/${metadata.track}/${metadata.seq}`,
    body: new Uint8Array(wav),
    headers: {
      'content-type': 'audio/wav',
      'x-chunk-start-ms': String(startMs),
      'x-chunk-end-ms': String(endMs),
      'x-chunk-captured-at': String(Math.round(metadata.startAtMs)),
      'x-chunk-sha256': metadata.sha256,
      ...(metadata.participant && {
        'x-chunk-participant': encodeURIComponent(metadata.participant),
      }),
      ...(metadata.spans && {
        'x-chunk-spans': encodeURIComponent(JSON.stringify(metadata.spans)),
      }),
    },
  };
}

async function fetchJson<T>(
  options: ApiClientOptions,
  schema: z.ZodType<T>,
  request: ApiRequest,
): Promise<T> {
  const text = (await fetchBody(options, request)).toString();
  const body = schema.safeParse(text === '' ? null : parseJson(text));
  // A page of some proxy with status 200 is no acknowledgement.
  if (!body.success) throw new TransientError('the answer has another shape than agreed');
  return body.data;
}

async function fetchBody(options: ApiClientOptions, request: ApiRequest): Promise<Buffer> {
  const tooLate = new AbortController();
  // Unlike AbortSignal.timeout it keeps the process: a connection that is cut off as soon as it is
  // made leaves fetch waiting with nothing that would.
  const timer = setTimeout(() => tooLate.abort(), request.timeoutMs ?? ANSWER_TIMEOUT_MS);
  const { signal: timeout } = tooLate;
  const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
  let response: Response;
  let body: Buffer;
  try {
    response = await fetch(`${options.apiUrl}${BOT_API_PREFIX}${request.path}`, {
      method: request.method,
      headers: { ...request.headers, authorization: `Bearer ${options.token}` },
      body: request.body ?? null,
      signal,
    });
    body = Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new TransientError(error instanceof Error ? error.name : 'network');
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw explainStatus(response, body.toString());
  return body;
}

function explainStatus(response: Response, text: string): Error {
  const { status } = response;
  if (status >= 500 || TRANSIENT_STATUSES.has(status)) {
    return new TransientError(String(status), readRetryAfterMs(response));
  }
  const body = errorBodySchema.safeParse(parseJson(text));
  const code = body.success ? body.data.error.code : 'unknown';
  if (status === 401 || code === 'superseded') return new SupersededError(code);
  return new RefusedError(status, code);
}

async function retry<T>(
  logger: Logger,
  attempt: () => Promise<T>,
  request: ApiRequest,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      if (tries === 0) logger.warn({ cause: error.message }, 'api not reachable; trying again');
      const backoffMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries, 10));
      const waitMs = error.retryAfterMs ?? backoffMs * (0.75 + Math.random() / 2);
      await delay(waitMs, undefined, { signal: request.signal });
    }
  }
}

function readRetryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after'));
  return seconds > 0 ? Math.min(seconds * 1000, 60_000) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
