import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import type { PartName } from '../../temporal-dev/part';
import { findFreePorts } from '../../temporal-dev/ports';
import { answers } from '../../temporal-dev/probes';
import { startStack } from '../../temporal-dev/stack';
import { say } from '../../temporal-dev/terminal';
import { createDatabase } from '../../infra/database/client';
import { runPipeline, type PipelineResult, type PipelineTarget } from './pipeline-load';
import { describeMachine, writeSection } from './docs-section';
import { formatReport } from './report';

const COUNTS = [10, 100, 300, 1_000];
const DURATION_MS = 60_000;
/** Runs that look for the limit are shorter. */
const SEARCH_DURATION_MS = 30_000;
const TARGET_P99_MS = 1_000;
/** The limit is said to within this share. */
const SEARCH_STEP = 1.15;
const PARTS: PartName[] = ['postgres', 'redis', 'temporal', 'api', 'workers'];

/** `npm run bench -- pipeline`: acknowledged chunk -> segment stored -> delivered on a WebSocket. */
export async function benchPipeline(): Promise<void> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, 'bench');
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const ports = await findFreePorts();
  const whisper = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, 'instant-whisper.ts'), String(ports.whisper)],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const { PATH, HOME, CHROMIUM_PATH } = process.env;
  const whisperUrl = `http://127.0.0.1:${ports.whisper}`;
  while (!(await answers(whisperUrl, 'any'))) await delay(100);
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports,
    parts: PARTS,
    // The practice room is not part of what is measured: any address will do.
    env: {
      ...{ PATH, HOME, CHROMIUM_PATH, LOG_LEVEL: 'warn', NODE_ENV: 'development' },
      ...{ WHISPER_URL: whisperUrl, WHISPER_CONCURRENCY: '64', DATABASE_MAX_CONNECTIONS: '20' },
      // One user follows every meeting.
      ...{ MAX_SOCKETS_PER_USER: '2000', MAX_SOCKETS_PER_ADDRESS: '2000' },
      RATE_LIMIT_USER: '100000',
    },
    log: say,
  });
  const db = createDatabase({ url: stack.env.DATABASE_URL ?? '', maxConnections: 10 });
  try {
    const processes: Record<string, number> = { 'load generator': process.pid };
    for (const [part, running] of stack.parts) if (running.pid) processes[part] = running.pid;
    if (whisper.pid) processes['instant whisper'] = whisper.pid;
    const target = { ...(await signIn(stack.env, db)), db, processes };
    const { results, limit } = await measure(target);
    const report = formatReport({ results, limit, machine: describeMachine() });
    console.log(report);
    writeSection('pipeline', report);
  } finally {
    await db.close();
    await stack.stop();
    whisper.kill();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function signIn(
  env: Record<string, string | undefined>,
  db: PipelineTarget['db'],
): Promise<Omit<PipelineTarget, 'db' | 'processes'>> {
  const api = new DemoApiClient(env.API_URL ?? '');
  const userToken = await api.signIn('bench@example.org');
  const user = await db.prisma.user.findFirstOrThrow();
  return {
    apiUrl: env.API_URL ?? '',
    userId: user.id,
    userToken,
    botTokenSecret: env.BOT_TOKEN_SECRET ?? '',
    temporalAddress: env.TEMPORAL_ADDRESS ?? '',
    temporalNamespace: env.TEMPORAL_NAMESPACE ?? '',
  };
}

async function measure(
  target: PipelineTarget,
): Promise<{ results: PipelineResult[]; limit: number }> {
  const results: PipelineResult[] = [];
  for (const count of COUNTS) {
    say(`${count} meetings for ${DURATION_MS / 1000} s`);
    results.push(await runPipeline(target, { count, durationMs: DURATION_MS }));
    say(describe(results.at(-1) as PipelineResult));
  }
  const passed = results.filter(isWithinTarget).map((each) => each.meetings);
  const failed = results.filter((each) => !isWithinTarget(each)).map((each) => each.meetings);
  let low = Math.max(0, ...passed);
  let high = Math.min(...failed.filter((count) => count > low), Infinity);
  while (high !== Infinity && low > 0 && high / low > SEARCH_STEP) {
    const count = Math.round(Math.sqrt(low * high));
    const result = await runPipeline(target, { count, durationMs: SEARCH_DURATION_MS });
    say(describe(result));
    if (isWithinTarget(result)) low = count;
    else high = count;
  }
  return { results, limit: low };
}

function isWithinTarget(result: PipelineResult): boolean {
  const isWhole = result.lost === 0 && result.repeated === 0 && result.refused === 0;
  return isWhole && result.p99Ms < TARGET_P99_MS;
}

function describe(result: PipelineResult): string {
  return `${result.meetings} meetings: p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms, backlog ${result.greatestBacklog}, lost ${result.lost}, repeated ${result.repeated}, refused ${result.refused}`;
}
