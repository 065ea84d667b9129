import { setTimeout as sleep } from 'node:timers/promises';
import type { Heard } from '../../domain/transcription';
import { jobSchema, whisperOutputSchema, type Job, type WhisperInput } from './contract';
import { WhisperError } from './whisper-error';

export interface RunPodClientOptions {
  /** `https://api.runpod.ai/v2/<endpoint>`, or the address of the SDK's own server. */
  baseUrl: string;
  /** Bearer key; the SDK's own server needs none. */
  apiKey?: string | undefined;
  fetch?: typeof fetch;
  /** Longest wait for one job, in milliseconds. RunPod ends jobs after 10 minutes by default. */
  jobTimeoutMs?: number;
  /** Pauses between two looks at a job, in milliseconds; the last one repeats. */
  pollDelaysMs?: readonly number[];
}

/** Whisper behind RunPod's serverless API. Every method throws `WhisperError`, or the abort reason. */
export interface WhisperClient {
  /** Transcribes and waits for the result. Cannot be resumed by another process. */
  runSync(input: WhisperInput, signal?: AbortSignal): Promise<Heard>;
  /** Sends a job and returns its id at once. */
  run(input: WhisperInput, signal?: AbortSignal): Promise<string>;
  /** Waits for the result of a job that was sent by `run`. */
  waitFor(jobId: string, signal?: AbortSignal): Promise<Heard>;
  /** Cancels a job; false when the server knows no such job or cannot cancel. */
  cancel(jobId: string): Promise<boolean>;
  /** Throws when Whisper does not answer or refuses the key. Starts no job. */
  check(signal?: AbortSignal): Promise<void>;
}

const DEFAULT_JOB_TIMEOUT_MS = 10 * 60_000;
const DEFAULT_POLL_DELAYS_MS = [250, 500, 1_000, 2_000, 4_000];
const SHORT_TIMEOUT_MS = 10_000;
const LONGEST_ERROR_TEXT = 300;

interface Answer {
  status: number;
  retryAfter: string | null;
  text: string;
}

interface Request {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs: number;
}

/** Makes a client of one RunPod endpoint, or of the worker SDK's local server. */
export function createRunPodClient(options: RunPodClientOptions): WhisperClient {
  const jobTimeoutMs = options.jobTimeoutMs ?? DEFAULT_JOB_TIMEOUT_MS;
  const pollDelaysMs = options.pollDelaysMs ?? DEFAULT_POLL_DELAYS_MS;
  const send = (request: Request): Promise<Answer> => sendRequest(options, request);
  // The cloud answers GET; the SDK's own server knows only POST, and says so by 405.
  let statusMethod: 'GET' | 'POST' = 'GET';

  async function readStatus(jobId: string, signal?: AbortSignal): Promise<Job> {
    const path = `/status/${encodeURIComponent(jobId)}`;
    const request = { path, signal, timeoutMs: jobTimeoutMs };
    let answer = await send({ ...request, method: statusMethod });
    if (answer.status === 405) {
      statusMethod = 'POST';
      answer = await send({ ...request, method: statusMethod });
    }
    if (answer.status === 404) {
      throw new WhisperError('job_lost', 'Whisper knows no such job, or its result has expired');
    }
    return readJob(answer);
  }

  async function waitFor(jobId: string, signal?: AbortSignal): Promise<Heard> {
    const deadline = AbortSignal.timeout(jobTimeoutMs);
    const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
    for (let look = 0; ; look += 1) {
      const heard = readResult(await readStatus(jobId, signal));
      if (heard) return heard;
      const delayMs = pollDelaysMs[Math.min(look, pollDelaysMs.length - 1)] ?? 0;
      await sleep(delayMs, undefined, { signal: either }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new WhisperError('timeout', `No result after ${jobTimeoutMs} ms`, { cause: error });
      });
    }
  }

  return {
    waitFor,
    async runSync(input, signal) {
      const request = { path: '/runsync', body: { input }, signal, timeoutMs: jobTimeoutMs };
      const job = readJob(await send({ ...request, method: 'POST' }));
      return readResult(job) ?? waitFor(job.id, signal);
    },
    async run(input, signal) {
      const request = { path: '/run', body: { input }, signal, timeoutMs: SHORT_TIMEOUT_MS };
      const job = readJob(await send({ ...request, method: 'POST' }));
      return job.id;
    },
    async cancel(jobId) {
      const path = `/cancel/${encodeURIComponent(jobId)}`;
      const answer = await send({ method: 'POST', path, timeoutMs: SHORT_TIMEOUT_MS });
      return answer.status === 200;
    },
    async check(signal) {
      const request = { path: '/health', signal, timeoutMs: SHORT_TIMEOUT_MS };
      const answer = await send({ ...request, method: 'GET' });
      // The SDK's own server has no such route; that it answers is what matters.
      if (answer.status !== 200 && answer.status !== 404) throw classifyStatus(answer);
    },
  };
}

async function sendRequest(options: RunPodClientOptions, request: Request): Promise<Answer> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const { signal, body } = request;
  const url = options.baseUrl.replace(/\/$/, '') + request.path;
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method: request.method,
      redirect: 'error',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(options.apiKey && { authorization: `Bearer ${options.apiKey}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    const retryAfter = response.headers.get('retry-after');
    return { status: response.status, retryAfter, text: await response.text() };
  } catch (error) {
    signal?.throwIfAborted();
    const kind = deadline.aborted ? 'timeout' : 'unavailable';
    const message = deadline.aborted
      ? `Whisper gave no answer within ${request.timeoutMs} ms`
      : 'Whisper cannot be reached';
    throw new WhisperError(kind, message, { cause: error });
  }
}

function readJob(answer: Answer): Job {
  if (answer.status !== 200) throw classifyStatus(answer);
  const job = jobSchema.safeParse(parseJson(answer.text));
  if (job.success) return job.data;
  throw new WhisperError('worker_error', 'The answer is not a RunPod job', { cause: job.error });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The result of a finished job, or null while it is waiting or at work. */
function readResult(job: Job): Heard | null {
  switch (job.status) {
    case 'IN_QUEUE':
    case 'IN_PROGRESS':
      return null;
    case 'COMPLETED':
      return readOutput(job.output);
    case 'TIMED_OUT':
      throw new WhisperError('timeout', 'RunPod ended the job because it took too long');
    case 'CANCELLED':
      throw new WhisperError('job_lost', 'The job was cancelled');
    case 'FAILED':
      throw classifyWorkerError(job.error ?? readErrorOf(job.output));
  }
}

function readOutput(output: unknown): Heard {
  const error = readErrorOf(output);
  if (error !== undefined) throw classifyWorkerError(error);
  const heard = whisperOutputSchema.safeParse(output);
  if (heard.success) return heard.data;
  throw new WhisperError('worker_error', 'The output is not a faster-whisper worker’s', {
    cause: heard.error,
  });
}

function readErrorOf(output: unknown): unknown {
  return typeof output === 'object' && output !== null && 'error' in output
    ? output.error
    : undefined;
}

/**
 * Our worker says "audio could not be decoded" or "is not base64"; the public worker lets the
 * exceptions of PyAV and of Python's base64 through.
 */
const BAD_AUDIO =
  /could not be decoded|is not base64|Expected at most \d+ (s|bytes)|InvalidDataError|Invalid data found when processing input|binascii\.Error/;

function classifyWorkerError(error: unknown): WhisperError {
  const text = typeof error === 'string' ? error : (JSON.stringify(error) ?? 'no reason given');
  if (text.includes('Job ID not found')) {
    return new WhisperError('job_lost', 'Whisper has forgotten the job');
  }
  const kind = BAD_AUDIO.test(text) ? 'bad_audio' : 'worker_error';
  return new WhisperError(kind, text.slice(0, LONGEST_ERROR_TEXT));
}

function classifyStatus({ status, retryAfter }: Answer): WhisperError {
  const message = `Whisper answered ${status}`;
  if (status === 402) return new WhisperError('out_of_credit', message);
  // 404 outside of /status means that the endpoint in the address does not exist.
  if ([401, 403, 404].includes(status)) return new WhisperError('unauthorized', message);
  if (status === 429) {
    const retryAfterMs = readRetryAfter(retryAfter);
    return new WhisperError('rate_limited', message, retryAfterMs === null ? {} : { retryAfterMs });
  }
  if (status === 408 || status === 504) return new WhisperError('timeout', message);
  // 500 may come from this one job, as when its result cannot be written: the chunk is suspect too.
  return new WhisperError(status > 500 ? 'unavailable' : 'worker_error', message);
}

/** `Retry-After` is a number of seconds or a date. */
function readRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
