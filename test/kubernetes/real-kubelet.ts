import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { ManagedProcess, readLastLines } from '../../temporal-dev/managed-process';
import { libraryFolders, unpackDebianPackages } from '../../temporal-dev/tools/debian';
import type { ControlPlane } from './control-plane';
import { writeImage } from './image';
import { describePodNetwork, DNS_ADDRESS, HOST_ADDRESS, NODE, readSysctl } from './node-network';

/*
 * A real kubelet with containerd and runc of Debian, as root on this machine. Its pods are on a bridge
 * and reach the host at its address.
 */

const READY_TIMEOUT_MS = 180_000;
/** The kubelet changes these. */
const SYSCTLS = [
  'vm.overcommit_memory',
  'kernel.panic',
  'kernel.panic_on_oops',
  'net.ipv4.ip_forward',
];

export interface RealKubelet {
  /** Makes an image known to it. */
  load(archive: string): void;
  /** Process ids of a pod's container. */
  listProcesses(podUid: string, container: string): number[];
  readLog(namespace: string, podName: string, container: string): string;
  stop(): Promise<void>;
}

/** Joins the cluster as a node that really runs pods. */
export async function startRealKubelet(plane: ControlPlane): Promise<RealKubelet> {
  const tools = await prepareContainerd();
  const folder = path.join(plane.directory, NODE);
  fs.mkdirSync(folder);
  const groups = makeControlGroups();
  const before = SYSCTLS.map((name) => `${name}=${readSysctl(name)}`);
  const environment = {
    PATH: [`${tools}/usr/sbin`, `${tools}/usr/bin`, process.env.PATH].join(':'),
    LD_LIBRARY_PATH: libraryFolders(tools).join(':'),
    HOME: folder,
  };
  const socket = path.join(folder, 'containerd.sock');
  const ctr = (...args: string[]): string =>
    execFileSync('ctr', ['-a', socket, '-n', 'k8s.io', ...args], {
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const load = (archive: string): void => void ctr('images', 'import', archive);
  const containerd = await startContainerd({ folder, tools, environment });
  let kubelet: ManagedProcess | undefined;
  const stop = async (): Promise<void> => {
    if (kubelet !== undefined) {
      await endPods(plane, ctr);
      await kubelet.kill();
      removeContainers(ctr);
    }
    await containerd.stop();
    groups.remove();
    execFileSync('sysctl', ['-q', '-w', ...before]);
  };
  try {
    await until('containerd answers', () => ctr('version') !== '');
    load(writePauseImage(folder, findBusybox(tools)));
    kubelet = await startKubelet({ plane, folder, environment });
    await until('the node is ready', () => isReady(plane), path.join(folder, 'kubelet.log'));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    load,
    stop,
    listProcesses: (podUid, container) => listProcesses(ctr, podUid, container),
    readLog(namespace, podName, container) {
      const logs = path.join(folder, 'pod-logs');
      const pod = fs.readdirSync(logs).find((name) => name.startsWith(`${namespace}_${podName}_`));
      const file = path.join(logs, pod ?? '', container, '0.log');
      return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    },
  };
}

/** Debian's containerd with what belongs to it, unpacked; returns the folder. */
export async function prepareContainerd(): Promise<string> {
  const tools = path.join(findStackDir(process.env), 'tools/containerd');
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const packages = ['containerd', 'runc', 'busybox-static', 'containernetworking-plugins'];
  if (await unpackDebianPackages(tools, packages, say)) return tools;
  throw new Error('Expected containerd and runc from Debian');
}

/** Debian's static busybox, for images. */
export function findBusybox(tools: string): string {
  return path.join(tools, 'bin/busybox');
}

const CONTROL_GROUPS = '/sys/fs/cgroup';

/** The kubelet ends what it does not know within its own part of the machine, and nothing else. */
function makeControlGroups(): { remove(): void } {
  const isUnified = fs.existsSync(path.join(CONTROL_GROUPS, 'cgroup.controllers'));
  const controllers = isUnified ? ['.'] : fs.readdirSync(CONTROL_GROUPS);
  const folders = controllers.map((name) => path.join(CONTROL_GROUPS, name, NODE));
  for (const folder of folders) {
    fs.mkdirSync(folder, { recursive: true });
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const own = path.join(folder, file);
      const value = fs.existsSync(own)
        ? fs.readFileSync(path.join(folder, '..', file), 'utf8')
        : '';
      if (value.trim() !== '') fs.writeFileSync(own, value);
    }
  }
  return {
    remove: () => {
      for (const folder of folders) removeControlGroup(folder);
    },
  };
}

function removeControlGroup(folder: string): void {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeControlGroup(path.join(folder, entry.name));
  }
  try {
    fs.rmdirSync(folder);
  } catch {
    // a process of it is on its way out; an empty group harms nobody
  }
}

type Ctr = (...args: string[]) => string;

interface NodeFolder {
  folder: string;
  environment: Record<string, string>;
}

function startContainerd({ folder, tools, environment }: NodeFolder & { tools: string }) {
  const cni = path.join(folder, 'cni');
  fs.mkdirSync(cni);
  const network = describePodNetwork(path.join(folder, 'addresses'));
  fs.writeFileSync(path.join(cni, '10-bridge.conflist'), JSON.stringify(network));
  fs.writeFileSync(path.join(folder, 'containerd.toml'), describeContainerd(folder, tools));
  return ManagedProcess.start(
    {
      command: path.join(tools, 'usr/bin/containerd'),
      args: ['-c', path.join(folder, 'containerd.toml')],
      env: environment,
      cwd: ROOT,
    },
    recordIn(folder, 'containerd'),
  );
}

function recordIn(folder: string, name: string): { logPath: string; recordPath: string } {
  return {
    logPath: path.join(folder, `${name}.log`),
    recordPath: path.join(folder, `run/${name}.json`),
  };
}

function describeContainerd(folder: string, tools: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${folder}/containers"
state = "${folder}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs","io.containerd.snapshotter.v1.btrfs","io.containerd.snapshotter.v1.devmapper","io.containerd.snapshotter.v1.zfs","io.containerd.internal.v1.opt","io.containerd.tracing.processor.v1.otlp","io.containerd.internal.v1.tracing"]
[grpc]
  address = "${folder}/containerd.sock"
[${cri}]
  sandbox_image = "local/pause:1"
  disable_apparmor = true
  # where lowering it is forbidden, as within other containers, nothing would start
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
[${cri}.cni]
  bin_dir = "${tools}/usr/lib/cni"
  conf_dir = "${folder}/cni"
[${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

function writePauseImage(folder: string, busybox: string): string {
  const root = path.join(folder, 'pause');
  fs.mkdirSync(path.join(root, 'bin'), { recursive: true });
  fs.copyFileSync(busybox, path.join(root, 'bin/sleep'));
  return writeImage({ name: 'local/pause:1', root, command: ['/bin/sleep', '1000000'] }, folder);
}

function startKubelet({ plane, folder, environment }: NodeFolder & { plane: ControlPlane }) {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    ...{ address: HOST_ADDRESS, port: 26_250, readOnlyPort: 0, healthzPort: 0 },
    containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
    ...{ cgroupDriver: 'cgroupfs', cgroupRoot: `/${NODE}`, enforceNodeAllocatable: [] },
    ...{ failSwapOn: false, failCgroupV1: false, localStorageCapacityIsolation: false },
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
    authorization: { mode: 'Webhook' },
    podLogsDir: path.join(folder, 'pod-logs'),
    volumePluginDir: path.join(folder, 'plugins'),
    ...{ imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99 },
    evictionHard: {
      ...{ 'memory.available': '100Mi', 'nodefs.available': '1%' },
      ...{ 'imagefs.available': '1%', 'nodefs.inodesFree': '1%' },
    },
    ...{ clusterDNS: [DNS_ADDRESS], clusterDomain: 'cluster.local' },
    resolvConf: '/etc/resolv.conf',
    ...{ nodeStatusUpdateFrequency: '5s', fileCheckFrequency: '5s', syncFrequency: '10s' },
  };
  fs.mkdirSync(path.join(folder, 'pod-logs'));
  fs.writeFileSync(path.join(folder, 'kubelet.yaml'), JSON.stringify(config));
  return ManagedProcess.start(
    {
      command: plane.executable,
      args: [
        ...['kubelet', `--config=${path.join(folder, 'kubelet.yaml')}`],
        ...[
          `--kubeconfig=${plane.kubeconfig('kubelet')}`,
          `--root-dir=${path.join(folder, 'root')}`,
        ],
        ...[`--cert-dir=${path.join(folder, 'pki')}`, `--hostname-override=${NODE}`],
        ...[`--node-ip=${HOST_ADDRESS}`, '--v=2'],
      ],
      env: environment,
      cwd: ROOT,
    },
    recordIn(folder, 'kubelet'),
  );
}

async function isReady({ cluster }: ControlPlane): Promise<boolean> {
  const node = await cluster.core.readNode({ name: NODE }).catch(() => null);
  const conditions = node?.status?.conditions ?? [];
  const isTainted = (node?.spec?.taints ?? []).length > 0;
  return !isTainted && conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  log?: string,
): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    try {
      if (await isTrue()) return;
    } catch {
      // not yet
    }
    await pause(200);
  }
  const lines = log === undefined ? [] : readLastLines(log, 12);
  throw new Error(`Expected that ${what}:\n${lines.join('\n')}`);
}

function listProcesses(ctr: Ctr, podUid: string, container: string): number[] {
  const lines = ctr('tasks', 'ls').split('\n').slice(1);
  return lines.flatMap((line) => {
    const [id = '', pid] = line.trim().split(/\s+/);
    if (id === '') return [];
    const labels = ctr('containers', 'info', id);
    const isIt =
      labels.includes(`"io.kubernetes.pod.uid": "${podUid}"`) &&
      labels.includes(`"io.kubernetes.container.name": "${container}"`);
    return isIt ? [Number(pid)] : [];
  });
}

async function endPods(plane: ControlPlane, ctr: Ctr): Promise<void> {
  plane.kubectl(
    'delete',
    'jobs,deployments,statefulsets,pods',
    '--all',
    '-A',
    '--grace-period=1',
    '--wait=false',
  );
  await until('no container runs', () => ctr('tasks', 'ls', '-q').trim() === '').catch(
    () => undefined,
  );
}

function removeContainers(ctr: Ctr): void {
  for (const id of ctr('containers', 'ls', '-q').split('\n').filter(Boolean)) {
    for (const args of [
      ['tasks', 'kill', '-s', 'KILL', id],
      ['tasks', 'rm', '-f', id],
      ['containers', 'rm', id],
    ]) {
      try {
        ctr(...args);
      } catch {
        // gone already
      }
    }
  }
}
