import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DiscoveryV1Api, makeInformer, type V1Service } from '@kubernetes/client-node';
import { findStackDir } from '../../temporal-dev/folders';
import { libraryFolders, unpackDebianPackages } from '../../temporal-dev/tools/debian';
import type { ControlPlane } from './control-plane';
import { copyPrograms, makeBase, writeImage } from './image';
import { DNS_ADDRESS } from './node-network';

/*
 * The cluster's name server: Debian's dnsmasq in a pod of `kube-system`, with a file for each Service,
 * which is written here. Knows Services alone, and forwards nothing.
 */

const NAMESPACE = 'kube-system';
const IMAGE = 'local/dns:1';
const NAME = 'kube-dns';
const LOOK_INTERVAL_MS = 200;

export interface ClusterDns {
  image: string;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function makeClusterDns(plane: ControlPlane, busybox: string): Promise<ClusterDns> {
  const folder = path.join(plane.directory, 'names');
  fs.mkdirSync(folder);
  const names = keepNames(plane, folder);
  return {
    image: await writeDnsImage(plane.directory, busybox),
    async start() {
      await names.start();
      const { directory, cluster } = plane;
      const file = path.join(directory, 'dns.json');
      const items = [describePod(folder), describeService()];
      fs.writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      plane.kubectl('apply', '-f', file);
      const isRunning = async (): Promise<boolean> => {
        const pod = await cluster.core.readNamespacedPod({ namespace: NAMESPACE, name: NAME });
        return (
          pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true
        );
      };
      while (!(await isRunning())) await pause(LOOK_INTERVAL_MS);
    },
    close: () => names.stop(),
  };
}

async function writeDnsImage(directory: string, busybox: string): Promise<string> {
  const tools = path.join(findStackDir(process.env), 'tools/dnsmasq');
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  if (!(await unpackDebianPackages(tools, ['dnsmasq-base'], say))) {
    throw new Error('Expected dnsmasq from Debian');
  }
  const root = fs.mkdtempSync(path.join(directory, 'dns-root-'));
  makeBase(root, busybox);
  const program = path.join(tools, 'usr/sbin/dnsmasq');
  const folders = libraryFolders(tools);
  copyPrograms(root, [program], { ...process.env, LD_LIBRARY_PATH: folders.join(':') });
  fs.symlinkSync(program, path.join(root, 'usr/bin/dnsmasq'));
  return writeImage(
    { name: IMAGE, root, command: [], environment: { LD_LIBRARY_PATH: folders.join(':') } },
    directory,
  );
}

function describePod(folder: string): object {
  const labels = { 'k8s-app': NAME };
  const port = (protocol: string) => ({ containerPort: 53, protocol });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: NAME, namespace: NAMESPACE, labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          ...{ name: 'dnsmasq', image: IMAGE, imagePullPolicy: 'Never' },
          command: [
            ...['dnsmasq', '--keep-in-foreground', '--no-resolv', '--no-hosts', '--user=root'],
            ...['--hostsdir=/names', '--local=/cluster.local/', '--log-facility=-'],
          ],
          ports: [port('UDP'), port('TCP')],
          readinessProbe: { tcpSocket: { port: 53 }, periodSeconds: 1 },
          volumeMounts: [{ name: 'names', mountPath: '/names', readOnly: true }],
        },
      ],
      volumes: [{ name: 'names', hostPath: { path: folder } }],
    },
  };
}

function describeService(): object {
  const port = (protocol: string) => ({ name: protocol.toLowerCase(), port: 53, protocol });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      clusterIP: DNS_ADDRESS,
      selector: { 'k8s-app': NAME },
      ports: [port('UDP'), port('TCP')],
    },
  };
}

/** Writes a file of addresses for each Service, as long as it is there. */
function keepNames({ cluster }: ControlPlane, folder: string) {
  const { core, config } = cluster;
  const discovery = config.makeApiClient(DiscoveryV1Api);
  const write = (service: V1Service, addresses: string[]): void => {
    const { name = '', namespace = '' } = service.metadata ?? {};
    const lines = addresses.map((each) => `${each} ${name}.${namespace}.svc.cluster.local\n`);
    fs.writeFileSync(path.join(folder, `${namespace}.${name}`), lines.join(''));
  };
  const update = async (service: V1Service): Promise<void> => {
    const { name = '', namespace = '' } = service.metadata ?? {};
    const address = service.spec?.clusterIP ?? 'None';
    if (address !== 'None') return write(service, [address]);
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const { items } = await discovery.listNamespacedEndpointSlice({ namespace, labelSelector });
    write(
      service,
      items.flatMap(({ endpoints }) => endpoints ?? []).flatMap((e) => e.addresses),
    );
  };
  const services = makeInformer<V1Service>(config, '/api/v1/services', () =>
    core.listServiceForAllNamespaces(),
  );
  const see = (service: V1Service): void => void update(service).catch(() => undefined);
  services.on('add', see);
  services.on('update', see);
  let isClosed = false;
  const resume = (): void => {
    if (!isClosed) void services.start();
  };
  services.on('error', () => void setTimeout(resume, 500).unref());
  // those without an address follow their pods
  const again = setInterval(() => {
    for (const service of services.list()) if (service.spec?.clusterIP === 'None') see(service);
  }, 1_000);
  return {
    start: () => services.start(),
    async stop() {
      isClosed = true;
      clearInterval(again);
      await services.stop();
    },
  };
}
