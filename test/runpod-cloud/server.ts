/**
 * A stand-in of RunPod's serverless cloud in front of any worker function. It leaves out webhooks,
 * streams, priorities, payload limits, worker start-up and billing.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Does one job; what it returns under `error` makes the job FAILED, as in RunPod's SDK. */
export type RunPodWorker = (input: unknown) => Promise<Record<string, unknown>>;

export interface RunPodCloudOptions {
  worker: RunPodWorker;
  endpointId?: string;
  apiKey?: string;
  port?: number;
  /** Jobs at the same time; the rest is IN_QUEUE. */
  maxWorkers?: number;
  /** After this long, `/runsync` answers IN_PROGRESS with an id. */
  syncWaitMs?: number;
  syncResultTtlMs?: number;
  asyncResultTtlMs?: number;
  now?: () => number;
}

/** Answers the next requests to `/run` and `/runsync` with an HTTP error. */
export interface PlannedRefusal {
  status: number;
  times?: number;
  headers?: Record<string, string>;
}

type JobStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED';

interface CloudJob {
  id: string;
  input: unknown;
  status: JobStatus;
  isSync: boolean;
  output?: unknown;
  error?: unknown;
  finishedAt?: number;
  finished: Promise<void>;
  finish: (status: JobStatus, result?: { output?: unknown; error?: unknown }) => void;
}

export interface RunPodCloud {
  /** Base URL as an operator would configure it, endpoint included. */
  url: string;
  apiKey: string;
  /** Every job ever sent, in order, with its present status. */
  jobs: readonly Readonly<Pick<CloudJob, 'id' | 'status' | 'input'>>[];
  refuse(plan: PlannedRefusal): void;
  /** Ends a running job as RunPod does when it exceeds its execution timeout. */
  timeOut(jobId: string): void;
  close(): Promise<void>;
}

const DEFAULTS = {
  endpointId: 'whisper',
  apiKey: 'rpa_test_key',
  port: 0,
  maxWorkers: 4,
  syncWaitMs: 90_000,
  syncResultTtlMs: 60_000,
  asyncResultTtlMs: 30 * 60_000,
  now: Date.now,
};

/** Starts the stand-in on loopback. */
export async function startRunPodCloud(given: RunPodCloudOptions): Promise<RunPodCloud> {
  const options = { ...DEFAULTS, ...given };
  const cloud = new Cloud(options);
  const server = createServer((request, response) => {
    cloud.handle(request, response).catch(() => {
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v2/${options.endpointId}`,
    apiKey: options.apiKey,
    jobs: cloud.jobs,
    refuse: (plan) => cloud.refusals.push(...Array.from({ length: plan.times ?? 1 }, () => plan)),
    timeOut: (jobId) => cloud.find(jobId)?.finish('TIMED_OUT'),
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

class Cloud {
  readonly jobs: CloudJob[] = [];
  readonly refusals: PlannedRefusal[] = [];

  constructor(private readonly options: Required<RunPodCloudOptions>) {}

  find(id: string): CloudJob | undefined {
    return this.jobs.find((job) => job.id === id);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const [, version, endpoint, action, id] = path.split('/');
    const body = await readBody(request);
    if (request.headers.authorization !== `Bearer ${this.options.apiKey}`) {
      return answer(response, 401, { error: 'unauthorized' });
    }
    if (version !== 'v2' || endpoint !== this.options.endpointId) {
      return answer(response, 404, { error: 'endpoint not found' });
    }
    const route = `${request.method} ${action}`;
    if (route === 'GET health') return answer(response, 200, this.health());
    if (route === 'POST run' || route === 'POST runsync') {
      return this.accept(body, action === 'runsync', response);
    }
    if (action !== 'status' && action !== 'cancel') return answer(response, 404, {});
    const job = this.findUnexpired(id ?? '');
    if (!job) return answer(response, 404, { error: 'request does not exist' });
    if (route === 'POST cancel') job.finish('CANCELLED');
    return answer(response, 200, describe(job));
  }

  private async accept(body: string, isSync: boolean, response: ServerResponse): Promise<void> {
    const refusal = this.refusals.shift();
    if (refusal) return answer(response, refusal.status, {}, refusal.headers);
    const job = this.enqueue((JSON.parse(body) as { input: unknown }).input, isSync);
    if (!isSync) return answer(response, 200, { id: job.id, status: 'IN_QUEUE' });
    const waited = new AbortController();
    await Promise.race([job.finished, delay(this.options.syncWaitMs, waited.signal)]);
    waited.abort();
    return answer(response, 200, describe(job));
  }

  private enqueue(input: unknown, isSync: boolean): CloudJob {
    let resolve = (): void => {};
    const finished = new Promise<void>((done) => (resolve = done));
    const job: CloudJob = {
      id: `${isSync ? 'sync-' : ''}${randomUUID()}`,
      input,
      isSync,
      status: 'IN_QUEUE',
      finished,
      finish: (status, result = {}) => {
        if (job.finishedAt !== undefined) return;
        Object.assign(job, result, { status, finishedAt: this.options.now() });
        resolve();
        this.startNext();
      },
    };
    this.jobs.push(job);
    this.startNext();
    return job;
  }

  private startNext(): void {
    const running = this.jobs.filter(({ status }) => status === 'IN_PROGRESS').length;
    const next = this.jobs.find(({ status }) => status === 'IN_QUEUE');
    if (!next || running >= this.options.maxWorkers) return;
    next.status = 'IN_PROGRESS';
    this.options.worker(next.input).then(
      ({ error, ...output }) =>
        error === undefined
          ? next.finish('COMPLETED', { output })
          : next.finish('FAILED', { error }),
      (error: unknown) => next.finish('FAILED', { error: String(error) }),
    );
  }

  private findUnexpired(id: string): CloudJob | undefined {
    const job = this.find(id);
    if (job?.finishedAt === undefined) return job;
    const { syncResultTtlMs, asyncResultTtlMs, now } = this.options;
    const ttlMs = job.isSync ? syncResultTtlMs : asyncResultTtlMs;
    return now() - job.finishedAt < ttlMs ? job : undefined;
  }

  private health(): unknown {
    const count = (status: JobStatus): number =>
      this.jobs.filter((job) => job.status === status).length;
    const inProgress = count('IN_PROGRESS');
    return {
      jobs: {
        completed: count('COMPLETED'),
        failed: count('FAILED'),
        inProgress,
        inQueue: count('IN_QUEUE'),
        retried: 0,
      },
      workers: { idle: this.options.maxWorkers - inProgress, running: inProgress },
    };
  }
}

function describe({ id, status, output, error }: CloudJob): unknown {
  return { id, status, output, error };
}

function answer(
  response: ServerResponse,
  status: number,
  ...[body, headers = {}]: [unknown, Record<string, string>?]
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

/** A worker that hands each job to a real one behind the SDK's local server. */
export function forwardTo(whisperUrl: string): RunPodWorker {
  return async (input) => {
    const response = await fetch(`${whisperUrl}/runsync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input }),
    });
    const job = (await response.json()) as { output?: Record<string, unknown>; error?: unknown };
    return job.output ?? { error: job.error };
  };
}
