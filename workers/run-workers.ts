import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { TASK_QUEUES, type TaskQueue } from '../domain/temporal';
import { readWorkerConfig } from '../infra/config';
import { temporalAddress } from '../infra/connections';
import { logger as rootLogger } from '../infra/logger';
import { ensureUpkeepSchedules } from '../infra/upkeep-schedules';
import { startMetricsServer } from './metrics-server';
import { QUEUES } from './queues';
import { openResources, type Resources } from './resources';
import { installRuntime } from './temporal-runtime';
import { getWorkflowBundle } from './workflow-bundle';

/** Activities hand over at once; short ones may end. */
const SHUTDOWN_GRACE = '5 seconds';
/** A process that cannot end by itself by then is ended. */
const LAST_RESORT_MS = 60_000;
const RETRY_DELAY_MS = 2_000;

/**
 * Serves task queues until SIGTERM or SIGINT. Nothing that is down ends the process: it waits for
 * Temporal, and begins again when a worker fails. Only wrong settings and a taken port end it.
 */
export function startWorkers(
  environment: Record<string, string | undefined>,
  queues: readonly TaskQueue[],
): void {
  runWorkers(environment, queues).catch((err: unknown) => {
    rootLogger.fatal({ err }, 'workers could not be started');
    process.exitCode = 1;
  });
}

async function runWorkers(
  environment: Record<string, string | undefined>,
  queues: readonly TaskQueue[],
): Promise<void> {
  const config = readWorkerConfig(environment);
  const logger = rootLogger.child({ component: 'worker' });
  rootLogger.level = config.LOG_LEVEL;
  logger.level = config.LOG_LEVEL;
  const stop = listenForStop(logger);
  const sdkPort = await installRuntime(rootLogger);
  const resources = openResources({ config, environment: pickBase(environment) }, logger);
  const serving = queues.map((queue) => makeServer(queue, resources));
  const metrics = await startMetricsServer({
    port: config.WORKER_METRICS_PORT,
    registry: resources.registry,
    sdkPort,
    isReady: () => serving.every((server) => server.isPolling()),
  });
  try {
    const connection = await connect(resources, stop);
    if (connection === null) return;
    resources.releases.push(() => connection.close());
    if (queues.includes(TASK_QUEUES.meetings)) void makeSchedules(resources, stop);
    await Promise.all(serving.map((server) => server.serve(connection, stop)));
  } finally {
    metrics.close();
    for (const release of resources.releases.reverse()) await release();
    logger.info('workers ended');
  }
}

const BASE_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'LD_LIBRARY_PATH'];

function pickBase(environment: Record<string, string | undefined>): Resources['environment'] {
  return Object.fromEntries(BASE_VARIABLES.map((name) => [name, environment[name]]));
}

function listenForStop(logger: Logger): AbortSignal {
  const stop = new AbortController();
  const onSignal = (signal: string): void => {
    if (stop.signal.aborted) return;
    logger.info({ signal }, 'workers end');
    stop.abort();
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

async function connect(
  { config, logger }: Resources,
  stop: AbortSignal,
): Promise<NativeConnection | null> {
  return untilItWorks(stop, {
    work: () => NativeConnection.connect(temporalAddress(config)),
    onFailure: (err) =>
      logger.warn({ err, address: config.TEMPORAL_ADDRESS }, 'waiting for Temporal'),
  });
}

async function makeSchedules({ temporal, logger }: Resources, stop: AbortSignal): Promise<void> {
  await untilItWorks(stop, {
    work: () => ensureUpkeepSchedules(temporal.client),
    onFailure: (err) => logger.warn({ err }, 'the upkeep schedules could not be made yet'),
  });
}

interface QueueServer {
  serve(connection: NativeConnection, stop: AbortSignal): Promise<void>;
  isPolling(): boolean;
}

function makeServer(queue: TaskQueue, resources: Resources): QueueServer {
  const { config, logger } = resources;
  const work = QUEUES[queue](resources);
  let worker: Worker | null = null;
  return {
    isPolling: () => worker?.getState() === 'RUNNING',
    async serve(connection, stop) {
      const options: WorkerOptions = {
        connection,
        namespace: config.TEMPORAL_NAMESPACE,
        taskQueue: queue,
        activities: work.activities,
        maxConcurrentActivityTaskExecutions: work.maxActivities,
        shutdownGraceTime: SHUTDOWN_GRACE,
        ...(work.runsWorkflows
          ? {
              workflowBundle: await getWorkflowBundle(config.NODE_ENV === 'production', logger),
            }
          : {}),
      };
      await untilItWorks(stop, {
        work: async () => {
          worker = await Worker.create(options);
          logger.info({ queue }, 'worker polls');
          await runUntilStop(worker, stop);
        },
        onFailure: (err) => logger.error({ err, queue }, 'worker failed and begins again'),
      });
    },
  };
}

async function runUntilStop(worker: Worker, stop: AbortSignal): Promise<void> {
  const shutDown = (): void => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  stop.addEventListener('abort', shutDown);
  try {
    const running = worker.run();
    if (stop.aborted) shutDown();
    await running;
  } finally {
    stop.removeEventListener('abort', shutDown);
  }
}

/** Repeats `work` until it succeeds; null when the process ends before that. */
async function untilItWorks<Result>(
  stop: AbortSignal,
  { work, onFailure }: { work: () => Promise<Result>; onFailure: (error: unknown) => void },
): Promise<Result | null> {
  while (!stop.aborted) {
    try {
      return await work();
    } catch (error) {
      onFailure(error);
      await pause(RETRY_DELAY_MS, undefined, { signal: stop }).catch(ignoreAbort);
    }
  }
  return null;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
}
