import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureDatabase } from '../../temporal-dev/parts/postgres';
import { SESSION_PUBLIC_KEY } from '../api-server';
import { CHART, helm } from '../helm/helm';
import { getRedisUrl } from '../redis-url';
import { getTemporalAddress } from '../temporal';
import { makeNamespace, type ControlPlane } from './control-plane';
import { imageName } from './images';
import { openLine, type Line } from './line';
import { HOST_ADDRESS } from './node-network';

/*
 * The chart with small values. PostgreSQL, Redis, Temporal and Whisper are outside of the cluster, as
 * values can say: those of all tests, reached at the host's address.
 */

export const NAMESPACE = 'vexa';
export const HOST = 'meetings.example.com';
const DATABASE = 'chart';
/** This node does not count what is on its disk. */
const NO_DISK = { 'ephemeral-storage': '0' };
const SMALL = {
  requests: { cpu: '10m', memory: '64Mi', ...NO_DISK },
  limits: { cpu: '2', memory: '1Gi', ...NO_DISK },
};
const BOTS = {
  requests: { cpu: '200m', memory: '512Mi', ...NO_DISK },
  limits: { memory: '1Gi', ...NO_DISK },
};

export interface Installation {
  /** Of the API's Service; the host reaches it as pods do. */
  apiUrl: string;
  /** The test's own way to the database. */
  databaseUrl: string;
  helm(...args: string[]): Promise<string>;
  close(): void;
}

/** Ends when every Deployment is there with all its pods. */
export async function installChart(plane: ControlPlane, roomUrl: string): Promise<Installation> {
  const lines: Line[] = [];
  // those servers hold themselves to loopback
  const outside = async (url: URL): Promise<number> => {
    const line = await openLine(Number(url.port), HOST_ADDRESS);
    lines.push(line);
    return line.port;
  };
  const database = new URL(process.env.DATABASE_URL ?? '');
  await ensureDatabase(makeUrl(database, 'postgres'), DATABASE);
  await makeNamespace(plane.cluster, NAMESPACE, {
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  const address = HOST_ADDRESS;
  const values = {
    host: HOST,
    images: { registry: 'local', pullPolicy: 'Never' },
    database: {
      ...{ host: address, port: await outside(database), name: DATABASE },
      user: decodeURIComponent(database.username),
    },
    redisConnection: {
      ...{ host: address, port: await outside(new URL(getRedisUrl())), password: false },
    },
    temporal: {
      address: `${address}:${await outside(new URL(`http://${getTemporalAddress()}`))}`,
    },
    whisper: {
      url: `http://${address}:${await outside(new URL(process.env.WHISPER_URL ?? ''))}`,
    },
    settings: { PRACTICE_ROOM_URL: roomUrl },
    bots: {
      resources: { default: BOTS },
      // the practice room is a pod; the internet it is not
      allowedCidrs: [`${new URL(roomUrl).hostname}/32`],
    },
    ...describeSize(),
  };
  const valuesFile = path.join(plane.directory, 'values.json');
  fs.writeFileSync(valuesFile, JSON.stringify(values));
  applyPrerequisites(plane, decodeURIComponent(database.password));
  const run = (...args: string[]): Promise<string> => runHelm(plane, args);
  await run(...['install', 'vexa', CHART, '--values', valuesFile, '--wait', '--timeout', '12m']);
  const service = await plane.cluster.core.readNamespacedService({
    ...{ namespace: NAMESPACE, name: 'vexa-api' },
  });
  return {
    apiUrl: `http://${service.spec?.clusterIP}:8000`,
    databaseUrl: makeUrl(database, DATABASE),
    helm: run,
    close: () => lines.forEach((line) => line.close()),
  };
}

/** One of each, with little. */
function describeSize(): object {
  const one = { replicas: 1, resources: SMALL };
  const queues = ['meetings', 'bots', 'whisper', 'analysis', 'delivery'];
  return {
    postgresql: { enabled: false },
    redis: { enabled: false },
    web: { enabled: false },
    api: { ...one, autoscaling: { enabled: false } },
    workers: Object.fromEntries(queues.map((queue) => [queue, one])),
    migrations: { resources: SMALL },
  };
}

function makeUrl(base: URL, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}

/** What an operator has before the chart: the Secret, and a volume that a claim can have. */
function applyPrerequisites(plane: ControlPlane, databasePassword: string): void {
  const audio = path.join(plane.directory, 'audio');
  fs.mkdirSync(audio);
  fs.chmodSync(audio, 0o777);
  const items = [
    {
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: 'vexa-secrets', namespace: NAMESPACE },
      stringData: {
        'postgres-password': databasePassword,
        'clerk-publishable-key': `pk_live_${btoa('clerk.example.com$')}`,
        'clerk-jwt-key': SESSION_PUBLIC_KEY,
      },
    },
    {
      ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'audio' } },
      spec: {
        capacity: { storage: '100Gi' },
        accessModes: ['ReadWriteMany'],
        hostPath: { path: audio },
      },
    },
  ];
  const file = path.join(plane.directory, 'prerequisites.json');
  fs.writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  plane.kubectl('apply', '-f', file);
}

async function runHelm(plane: ControlPlane, args: string[]): Promise<string> {
  const where = ['--namespace', NAMESPACE, '--kubeconfig', plane.kubeconfig('admin')];
  const { code, output } = await helm([...args, ...where]);
  if (code === 0) return output;
  const pods = plane.kubectl('get', 'pods', '-A', '-o', 'wide');
  const events = plane.kubectl('get', 'events', '-n', NAMESPACE, '--sort-by=.lastTimestamp');
  throw new Error(
    `helm ${args[0]}:\n${output}\n${pods}\n${events.split('\n').slice(-30).join('\n')}`,
  );
}

/** The practice room as a pod in a namespace of its own; resolves with where its pages are. */
export async function startRoom(plane: ControlPlane, namespace = 'room'): Promise<string> {
  await makeNamespace(plane.cluster, namespace);
  const port = 8004;
  const fromPod = { fieldRef: { fieldPath: 'status.podIP' } };
  await plane.cluster.core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name: namespace },
      spec: {
        ...{
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
        },
        containers: [
          {
            ...{ name: namespace, image: imageName('room'), imagePullPolicy: 'Never' },
            env: [
              { name: 'PRACTICE_ROOM_HOST', valueFrom: fromPod },
              { name: 'PRACTICE_ROOM_PORT', value: String(port) },
            ],
            readinessProbe: { httpGet: { path: '/health', port }, periodSeconds: 1 },
          },
        ],
      },
    },
  });
  for (;;) {
    const { status } = await plane.cluster.core.readNamespacedPod({ namespace, name: namespace });
    const isReady = status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
    if (isReady) return `http://${status?.podIP}:${port}`;
    await pause(200);
  }
}
