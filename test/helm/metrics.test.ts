import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { TASK_QUEUES } from '../../domain/temporal';
import { ROOT } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { createTestDatabase } from '../database';
import { getRedisUrl } from '../redis-url';
import { openTcpProxy, type TcpProxy } from '../tcp-proxy';
import { createTestNamespace, getTemporalAddress } from '../temporal';
import { environmentOf, SECRETS } from './environment';
import { CHART, HELM_BUILD_MS, render } from './helm';
import { find, ofKind, type KubeObject } from './objects';
import { askPrometheus, type Rule, type Selector } from './rules';

/** Two programs start beside whatever else this machine does. */
const START_MS = 5 * 60_000;

let folder: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ground: Record<string, string>;
const objects = new Map<string, KubeObject[]>();
const children: ChildProcess[] = [];

beforeAll(async () => {
  for (const set of ['production', 'external']) objects.set(set, await render(set));
  folder = mkdtempSync(path.join(tmpdir(), 'metrics-'));
  database = await createTestDatabase();
  ground = {
    DATABASE_URL: database.url,
    DATABASE_PASSWORD: '',
    REDIS_URL: getRedisUrl(),
    REDIS_PASSWORD: '',
    TEMPORAL_ADDRESS: getTemporalAddress(),
    TEMPORAL_NAMESPACE: await createTestNamespace(),
    ...{ REDIS_SENTINELS: '', REDIS_SENTINEL_PASSWORD: '', TEMPORAL_TLS: '', TEMPORAL_API_KEY: '' },
    ...{ S3_BUCKET: '', AUDIO_DIR: path.join(folder, 'audio'), NODE_EXTRA_CA_CERTS: '' },
  };
}, HELM_BUILD_MS);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

function objectsOf(set: string): KubeObject[] {
  return objects.get(set) ?? [];
}

/** A program of ours as a process of its own, ready when it answers. */
async function start(program: string, env: Record<string, string>, url: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  const deadlineMs = performance.now() + START_MS;
  while (!(await fetch(url).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`Expected ${program} to run`);
    if (performance.now() > deadlineMs) throw new Error(`Expected an answer of ${url}`);
    await pause(100);
  }
}

/** The API as its pod would start it, but for the servers that it finds here. */
async function startApi(set: string): Promise<string> {
  const { api: port } = await findFreePorts();
  const url = `http://127.0.0.1:${port}`;
  const env = environmentOf(objectsOf(set), 'Deployment/vexa-api/api');
  const here = { ...env, ...ground, API_HOST: '127.0.0.1', API_PORT: String(port) };
  await start('api/server.ts', here, `${url}/ready`);
  return url;
}

/** What Prometheus would ask for and send, by the ServiceMonitor. */
function readScrape(set: string): { path: string; headers: Record<string, string> } {
  const { spec } = find(objectsOf(set), 'ServiceMonitor', 'vexa-api');
  const [endpoint] = spec?.endpoints ?? [];
  const { authorization } = endpoint ?? {};
  const token = SECRETS[authorization?.credentials.key ?? ''];
  return {
    path: endpoint?.path ?? '',
    headers: authorization ? { authorization: `${authorization.type} ${token}` } : {},
  };
}

/** What ingress-nginx adds to a request from outside. */
const THROUGH_INGRESS = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };

describe.each(['production', 'external'])('an API with the settings of %s', (set) => {
  let url: string;
  beforeAll(async () => {
    url = await startApi(set);
  }, START_MS);

  test('shows its metrics to Prometheus as the ServiceMonitor asks, and to nobody from outside', async () => {
    const { path: place, headers } = readScrape(set);
    const scraped = await fetch(`${url}${place}`, { headers });
    expect(scraped.status).toBe(200);
    expect(await scraped.text()).toContain('api_request_duration_seconds_bucket');
    const outside = await fetch(`${url}${place}`, { headers: THROUGH_INGRESS });
    expect(outside.status).toBe(401);
    const guessed = { ...THROUGH_INGRESS, authorization: 'Bearer example' };
    expect((await fetch(`${url}${place}`, { headers: guessed })).status).toBe(401);
  });
});

/** Figures that other programs of a cluster give, and what Prometheus adds to every one. */
const FOREIGN = /^(up$|kube_|kubelet_|certmanager_)/;
const ADDED_LABELS = ['namespace', 'pod', 'job', 'app_kubernetes_io_component'];

/** What all alerts and panels ask of our own programs. */
async function listAsked(): Promise<Selector[]> {
  const [rules] = ofKind(objectsOf('production'), 'PrometheusRule');
  const boards = readdirSync(path.join(CHART, 'dashboards')).flatMap((file) =>
    listPanelRules(file),
  );
  const groups = (rules?.spec?.groups ?? []) as { name: string; rules: Rule[] }[];
  const { asked } = await askPrometheus([...groups, { name: 'boards', rules: boards }]);
  return Object.values(asked)
    .flat()
    .filter(({ metric }) => !FOREIGN.test(metric));
}

function listPanelRules(file: string): Rule[] {
  const board = JSON.parse(readFileSync(path.join(CHART, 'dashboards', file), 'utf8')) as {
    panels: { id: number; targets?: { expr: string }[] }[];
  };
  return board.panels.flatMap(({ id, targets = [] }) =>
    targets.map(({ expr }, index) => ({
      alert: `${file} ${id}.${index}`,
      expr: expr.replaceAll('$namespace', 'vexa'),
    })),
  );
}

/** By name, the labels seen on its lines; a figure that has counted nothing yet has only its type. */
function readFigures(text: string): Map<string, Set<string>> {
  const figures = new Map<string, Set<string>>();
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\w+) (\w+)/gm)) {
    const names =
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => name + end) : [name];
    for (const each of names) figures.set(each, new Set());
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{([^\n]*)\} /gm)) {
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) figures.get(name)?.add(label);
  }
  return figures;
}

describe('the figures that alerts and dashboards ask for', () => {
  let api: string;
  let workers: string;
  let wire: TcpProxy;
  beforeAll(async () => {
    api = await startApi('production');
    wire = await openTcpProxy(`http://${getTemporalAddress()}`);
    const { web: port } = await findFreePorts();
    workers = `http://127.0.0.1:${port}`;
    const env = environmentOf(objectsOf('production'), 'Deployment/vexa-worker-meetings/worker');
    const own = {
      ...{ NODE_ENV: 'test', WORKER_METRICS_PORT: String(port), WHISPER_URL: 'http://127.0.0.1:9' },
      ...{ BOT_LAUNCHER: 'local', BOT_DIR: path.join(folder, 'bots') },
      TEMPORAL_ADDRESS: new URL(wire.url).host,
    };
    await start('workers/all.ts', { ...env, ...ground, ...own }, `${workers}/ready`);
  }, START_MS);
  afterAll(() => wire?.close());

  /** A workflow that nobody knows, and an activity that fails. */
  async function makeTrouble(): Promise<void> {
    const { TEMPORAL_NAMESPACE: namespace = '' } = ground;
    const connection = await Connection.connect({ address: getTemporalAddress() });
    const { workflow } = new Client({ connection, namespace });
    const options = { taskQueue: TASK_QUEUES.meetings, workflowId: randomUUID() };
    await workflow.start('nobodyKnows', { ...options, args: [] });
    const args = [{ meetingId: 'no number' }];
    await workflow.start('deletionWorkflow', { ...options, workflowId: randomUUID(), args });
    await connection.close();
  }

  async function readAll(): Promise<Map<string, Set<string>>> {
    await fetch(`${api}/api/meetings`);
    const texts = await Promise.all(
      [api, workers].map(async (url) => (await fetch(`${url}/metrics`)).text()),
    );
    return readFigures(texts.join('\n'));
  }

  test(
    'are given by the running programs, with the labels asked for',
    async () => {
      const asked = await listAsked();
      expect(asked.length).toBeGreaterThan(30);
      await makeTrouble();
      const listMissing = (figures: Map<string, Set<string>>): string[] =>
        asked.flatMap(({ metric, isPattern, labels }) => {
          const names = [...figures.keys()].filter((name) =>
            isPattern ? new RegExp(`^(?:${metric})$`).test(name) : name === metric,
          );
          if (names.length === 0) return [metric];
          const seen = names.flatMap((name) => [...(figures.get(name) ?? [])]);
          if (seen.length === 0) return [];
          return labels
            .filter((label) => ![...seen, ...ADDED_LABELS].includes(label))
            .map((label) => `${metric}{${label}}`);
        });
      const isOfOutage = (name: string): boolean => name.includes('request_failure');
      const before = await listMissingUntil(listMissing, (each) => each.every(isOfOutage));
      expect(before.filter((name) => !isOfOutage(name))).toEqual([]);
      await wire.cut();
      expect(await listMissingUntil(listMissing, (each) => each.length === 0)).toEqual([]);
      // what the alert on Temporal out of reach looks for
      const text = await (await fetch(`${workers}/metrics`)).text();
      expect(text).toMatch(
        /^temporal_long_request_failure_total\{.*status_code="(TRANSPORT_ERROR|UNAVAILABLE)"/m,
      );
    },
    START_MS,
  );

  /** What is missing once `isEnough` says so, or after a long time. */
  async function listMissingUntil(
    list: (figures: Map<string, Set<string>>) => string[],
    isEnough: (missing: string[]) => boolean,
  ): Promise<string[]> {
    const deadlineMs = performance.now() + 100_000;
    for (;;) {
      const missing = [...new Set(list(await readAll()))];
      if (isEnough(missing) || performance.now() > deadlineMs) return missing;
      await pause(250);
    }
  }
});
