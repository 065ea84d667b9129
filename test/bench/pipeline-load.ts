import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { makeTranscriptWorkflowId, TASK_QUEUES } from '../../domain/temporal';
import { WORKFLOW_TYPES } from '../../domain/workflow-messages';
import { closeIntake } from '../../infra/database/intakes';
import type { Database } from '../../infra/database/client';
import { Load, makeLoadMeetings, type Delivery } from './load';
import { percentile } from './percentiles';
import { measureUsage, type Usage } from './process-usage';

export interface PipelineTarget {
  db: Database;
  apiUrl: string;
  userId: number;
  userToken: string;
  botTokenSecret: string;
  temporalAddress: string;
  temporalNamespace: string;
  /** Name and process id of each part whose CPU and memory count. */
  processes: Record<string, number>;
}

export interface PipelineResult {
  meetings: number;
  chunks: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  greatestBacklog: number;
  lost: number;
  repeated: number;
  refused: number;
  /** Per part: CPU milliseconds per chunk, and memory at the end in bytes. */
  usage: Record<string, { cpuMsPerChunk: number; memoryBytes: number }>;
}

/** Longest wait for what is still pending once the last chunk was sent. */
const DRAIN_TIMEOUT_MS = 120_000;

/** Runs `count` meetings for `durationMs` and measures chunk acknowledged -> segment delivered. */
export async function runPipeline(
  target: PipelineTarget,
  { count, durationMs }: { count: number; durationMs: number },
): Promise<PipelineResult> {
  const { db, apiUrl, userToken } = target;
  const meetings = await makeLoadMeetings(db, { ...target, count });
  const ids = meetings.map((meeting) => meeting.meetingId);
  await startTranscripts(target, ids);
  const load = new Load({ apiUrl, userToken, meetings });
  try {
    await load.follow();
    await load.warmUp();
    const before = measureAll(target.processes);
    const backlog = watchBacklog(db, ids);
    await load.send(durationMs);
    await waitForDelivery(load);
    const after = measureAll(target.processes);
    return summarise({ count, load, greatestBacklog: await backlog.stop(), before, after });
  } finally {
    load.close();
    for (const id of ids) await closeIntake(db, id);
  }
}

async function startTranscripts(target: PipelineTarget, ids: number[]): Promise<void> {
  const connection = await Connection.connect({ address: target.temporalAddress });
  try {
    const client = new Client({ connection, namespace: target.temporalNamespace });
    for (const meetingId of ids) {
      await client.workflow.start(WORKFLOW_TYPES.transcript, {
        taskQueue: TASK_QUEUES.meetings,
        workflowId: makeTranscriptWorkflowId(meetingId, 1),
        args: [{ meetingId, version: 1 }],
      });
    }
  } finally {
    await connection.close();
  }
}

function measureAll(processes: Record<string, number>): Map<string, Usage> {
  return new Map(Object.entries(processes).map(([name, pid]) => [name, measureUsage(pid)]));
}

function watchBacklog(db: Database, ids: number[]): { stop(): Promise<number> } {
  const stopped = new AbortController();
  const watch = async (): Promise<number> => {
    let greatest = 0;
    while (!stopped.signal.aborted) {
      const { rows } = await db.query<{ pending: number }>(
        `SELECT count(*)::int AS pending FROM audio_chunks
         WHERE status = 'pending' AND meeting_id = ANY($1::int[])`,
        [ids],
      );
      greatest = Math.max(greatest, rows[0]?.pending ?? 0);
      await delay(1_000, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
    return greatest;
  };
  const watching = watch();
  return {
    stop() {
      stopped.abort();
      return watching;
    },
  };
}

async function waitForDelivery(load: Load): Promise<void> {
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  const isWaiting = (): boolean => load.results().some((each) => each.deliveredAtMs === null);
  while (isWaiting() && Date.now() < deadline) await delay(250);
}

interface Measured {
  count: number;
  load: Load;
  greatestBacklog: number;
  before: Map<string, Usage>;
  after: Map<string, Usage>;
}

function summarise({ count, load, greatestBacklog, before, after }: Measured): PipelineResult {
  const results: Delivery[] = load.results();
  const delays = results.flatMap((each) =>
    each.deliveredAtMs === null ? [] : [Math.max(0, each.deliveredAtMs - each.acknowledgedAtMs)],
  );
  const usage = [...after].map(([name, used]) => {
    const cpuSeconds = used.cpuSeconds - (before.get(name)?.cpuSeconds ?? 0);
    const cpuMsPerChunk = (cpuSeconds * 1000) / results.length;
    return [name, { cpuMsPerChunk, memoryBytes: used.memoryBytes }] as const;
  });
  return {
    meetings: count,
    chunks: results.length,
    p50Ms: percentile(delays, 0.5),
    p95Ms: percentile(delays, 0.95),
    p99Ms: percentile(delays, 0.99),
    greatestBacklog,
    lost: results.length - delays.length,
    repeated: results.reduce((sum, each) => sum + each.repeats, 0),
    refused: load.refused,
    usage: Object.fromEntries(usage),
  };
}
