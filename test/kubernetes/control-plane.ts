import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { ManagedProcess, readLastLines } from '../../temporal-dev/managed-process';
import { findFreePorts } from '../../temporal-dev/ports';
import { prepareKubernetes } from '../../temporal-dev/tools/kubernetes';
import { openCluster, type Cluster } from '../../infra/kubernetes/cluster';
import { removeFolder } from '../remove-folder';

/** How long the first start may take, for hooks: the control plane is built then. */
export const KUBERNETES_BUILD_MS = 20 * 60_000;
const READY_TIMEOUT_MS = 180_000;
const LOOK_INTERVAL_MS = 100;

/** Without node-lifecycle-controller no node loses its taint, and no pod is ever scheduled. */
const CONTROLLERS = [
  ...['namespace', 'serviceaccount', 'root-ca-certificate-publisher', 'job', 'cronjob'],
  ...['ttl-after-finished', 'garbage-collector', 'pod-garbage-collector', 'deployment'],
  ...['replicaset', 'statefulset', 'endpointslice', 'resourcequota', 'disruption'],
  ...['clusterrole-aggregation', 'node-lifecycle', 'taint-eviction', 'persistentvolume-binder'],
].map((name) => `${name}-controller`);

/** Who may speak to the API server by a token of its own; others get one from it. */
const USERS = {
  admin: { name: 'admin', groups: 'system:masters' },
  controllers: { name: 'system:kube-controller-manager', groups: '' },
  scheduler: { name: 'system:kube-scheduler', groups: '' },
  kubelet: { name: 'system:node:real-0', groups: 'system:nodes' },
  proxy: { name: 'system:kube-proxy', groups: '' },
} as const;
type User = keyof typeof USERS;

/** A real Kubernetes without nodes: etcd, API server, controllers and scheduler. */
export interface ControlPlane {
  /** As an administrator. */
  cluster: Cluster;
  /** The program that is all parts at once, `kubectl` included. */
  executable: string;
  directory: string;
  server: string;
  kubeconfig(user: User): string;
  /** Opens the cluster with a token of somebody else. */
  openAs(token: string): Cluster;
  /** Opens it as an administrator by another way that leads to its API server. */
  openAdmin(by: string): Cluster;
  kubectl(...args: string[]): string;
  /** As a crash would end it; `start` brings it back with what etcd has. */
  apiServer: { kill(): Promise<void>; start(): Promise<void> };
  stop(): Promise<void>;
}

export interface Address {
  host: string;
  port: number;
}

/** Builds it the first time. Ready within some seconds after that. */
export async function startControlPlane(address?: Address): Promise<ControlPlane> {
  const stackDir = findStackDir(process.env);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const executable = await prepareKubernetes(path.join(stackDir, 'tools'), say);
  const ports = await findFreePorts();
  const { host, port } = address ?? { host: '127.0.0.1', port: ports.api };
  const base = process.env.TEST_STACK_DIR ?? stackDir;
  fs.mkdirSync(base, { recursive: true });
  const directory = fs.mkdtempSync(path.join(base, 'kubernetes-'));
  const server = `https://${host}:${port}`;
  const tokens = writeTokens(directory);
  const kubeconfig = (user: User): string =>
    writeKubeconfig(directory, { name: user, server, token: tokens[user] });
  const parts: ManagedProcess[] = [];
  const part = makeStarter({ executable, directory, parts });
  const etcd = {
    client: `http://127.0.0.1:${ports.whisper}`,
    peer: `http://127.0.0.1:${ports.redis}`,
  };
  let apiServer: ManagedProcess;
  const startApiServer = async (): Promise<void> => {
    const args = listApiServerArguments({ directory, etcd: etcd.client, host, port });
    apiServer = await part('kube-apiserver', args);
    await untilAnswering(`${server}/readyz`, apiServer, directory);
  };
  const adminFile = kubeconfig('admin');
  const open = (name: string, at: string, token: string): Cluster =>
    openCluster(writeKubeconfig(directory, { name, server: at, token }));
  const plane: ControlPlane = {
    cluster: open('test', server, tokens.admin),
    executable,
    directory,
    server,
    kubeconfig,
    openAs: (token) => open('other', server, token),
    openAdmin: (by) => open('by', by, tokens.admin),
    kubectl: (...args) => runKubectl(executable, ['--kubeconfig', adminFile, ...args]),
    apiServer: { kill: () => apiServer.kill(), start: startApiServer },
    async stop() {
      await Promise.all(parts.map((each) => each.kill()));
      removeFolder(directory);
    },
  };
  try {
    writeSigningKey(directory);
    await part('etcd', listEtcdArguments(directory, etcd));
    await startApiServer();
    await part('kube-controller-manager', [
      ...[`--kubeconfig=${kubeconfig('controllers')}`, '--leader-elect=false', '--secure-port=0'],
      ...['--use-service-account-credentials', '--kube-api-qps=200', '--kube-api-burst=400'],
      `--service-account-private-key-file=${path.join(directory, 'service-accounts.key')}`,
      `--root-ca-file=${path.join(directory, 'apiserver.crt')}`,
      `--controllers=${CONTROLLERS.join(',')}`,
    ]);
    await part('kube-scheduler', [
      ...[`--kubeconfig=${kubeconfig('scheduler')}`, '--leader-elect=false', '--secure-port=0'],
    ]);
    await untilServiceAccount(plane.cluster, 'default');
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** Makes a namespace in which pods can be made. */
export async function makeNamespace(
  { core }: Cluster,
  name: string,
  labels: Record<string, string> = {},
): Promise<void> {
  await core.createNamespace({ body: { metadata: { name, labels } } });
  await untilServiceAccount({ core }, name);
}

/** Before that the controllers refuse every pod of the namespace. */
async function untilServiceAccount({ core }: Pick<Cluster, 'core'>, namespace: string) {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const found = await core
      .readNamespacedServiceAccount({ namespace, name: 'default' })
      .catch(() => null);
    if (found !== null) return;
    if (performance.now() > deadlineMs) throw new Error(`Expected ${namespace} to be ready`);
    await pause(LOOK_INTERVAL_MS);
  }
}

/** Starts a part of it, and adds it to those that have been. */
function makeStarter({
  executable,
  directory,
  parts,
}: {
  executable: string;
  directory: string;
  parts: ManagedProcess[];
}) {
  return async (name: string, args: string[]): Promise<ManagedProcess> => {
    const started = await ManagedProcess.start(
      {
        command: executable,
        args: [name, ...args],
        env: { PATH: process.env.PATH, HOME: directory },
        cwd: ROOT,
      },
      {
        logPath: path.join(directory, `${name}.log`),
        recordPath: path.join(directory, `run/${name}.json`),
      },
    );
    parts.push(started);
    return started;
  };
}

function listEtcdArguments(directory: string, etcd: { client: string; peer: string }): string[] {
  return [
    ...['--name', 'one', '--data-dir', path.join(directory, 'etcd'), '--unsafe-no-fsync'],
    ...['--listen-client-urls', etcd.client, '--advertise-client-urls', etcd.client],
    ...['--listen-peer-urls', etcd.peer, '--initial-advertise-peer-urls', etcd.peer],
    ...['--initial-cluster', `one=${etcd.peer}`, '--log-level', 'warn'],
  ];
}

function listApiServerArguments({
  directory,
  etcd,
  host,
  port,
}: Address & { directory: string; etcd: string }): string[] {
  const key = path.join(directory, 'service-accounts.key');
  return [
    ...[`--etcd-servers=${etcd}`, `--bind-address=${host}`, `--secure-port=${port}`],
    // it makes a certificate for itself there
    ...[`--cert-dir=${directory}`, `--advertise-address=${host}`],
    // pods reach it by the Service "kubernetes"; an address of loopback cannot stand behind one
    `--endpoint-reconciler-type=${host.startsWith('127.') ? 'none' : 'lease'}`,
    '--service-cluster-ip-range=10.96.0.0/24',
    ...[`--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`],
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--token-auth-file=${path.join(directory, 'tokens.csv')}`,
    ...['--authorization-mode=Node,RBAC', '--allow-privileged=true'],
  ];
}

function writeTokens(directory: string): Record<User, string> {
  const made = Object.entries(USERS).map(([key, user]) => {
    const token = randomBytes(16).toString('hex');
    return { key, token, line: `${token},${user.name},${key},"${user.groups}"` };
  });
  const text = made.map(({ line }) => line).join('\n');
  fs.writeFileSync(path.join(directory, 'tokens.csv'), `${text}\n`, { mode: 0o600 });
  return Object.fromEntries(made.map(({ key, token }) => [key, token])) as Record<User, string>;
}

function writeSigningKey(directory: string): void {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  fs.writeFileSync(path.join(directory, 'service-accounts.key'), privateKey, { mode: 0o600 });
}

function writeKubeconfig(
  directory: string,
  { name, server, token }: { name: string; server: string; token: string },
): string {
  const file = path.join(directory, `${name}.kubeconfig`);
  const certificate = path.join(directory, 'apiserver.crt');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
    'current-context': 'test',
  };
  fs.writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

async function untilAnswering(
  url: string,
  started: ManagedProcess,
  directory: string,
): Promise<void> {
  const agent = new Agent({ rejectUnauthorized: false });
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (started.isRunning && performance.now() < deadlineMs) {
    const status = await new Promise((resolve) => {
      const asked = request(url, { agent }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', () => resolve(0));
      asked.end();
    });
    if (status === 200) return;
    await pause(LOOK_INTERVAL_MS);
  }
  const lines = readLastLines(path.join(directory, 'kube-apiserver.log'), 8);
  throw new Error(`Expected the API server to become ready:\n${lines.join('\n')}`);
}

function runKubectl(executable: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(executable, ['kubectl', ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
