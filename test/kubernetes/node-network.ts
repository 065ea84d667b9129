import { execFileSync, type StdioOptions } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { ManagedProcess } from '../../temporal-dev/managed-process';
import { libraryFolders, unpackDebianPackages } from '../../temporal-dev/tools/debian';
import { prepareGoProgram } from '../../temporal-dev/tools/go-program';
import type { ControlPlane } from './control-plane';

/*
 * The network of pods on this machine: a bridge, kube-proxy for Services, and kube-router for network
 * policies. Both write rules of the kernel's packet filter, which are removed again.
 */

/** The only node. */
export const NODE = 'real-0';
const BRIDGE = 'kubetest0';
/** Where pods reach the host, and the API server on it. */
export const HOST_ADDRESS = '10.247.0.1';
export const API_ADDRESS = { host: HOST_ADDRESS, port: 6443 };
const POD_NETWORK = '10.247.0.0/24';
/** Of the Service of the name server, as kubelets tell their pods. */
export const DNS_ADDRESS = '10.96.0.10';
/** The host once more, by an address that counts as the internet. */
export const OUTSIDE_ADDRESS = '203.0.113.1';
/** Pods on one bridge speak without the packet filter otherwise. */
const FILTER_BRIDGED = 'net.bridge.bridge-nf-call-iptables';

/** The host's side of the network: before the control plane, which listens there. */
export function openBridge(): { close(): void } {
  closeBridge();
  ip('link', 'add', BRIDGE, 'type', 'bridge');
  ip('link', 'set', BRIDGE, 'up');
  ip('addr', 'replace', `${HOST_ADDRESS}/24`, 'dev', BRIDGE);
  ip('addr', 'replace', `${OUTSIDE_ADDRESS}/32`, 'dev', BRIDGE);
  return { close: closeBridge };
}

/** With the networks of all pods that are on it, those of a run that was killed included. */
function closeBridge(): void {
  if (!fs.existsSync(`/sys/class/net/${BRIDGE}`)) return;
  const text = ip('-json', 'link', 'show', 'master', BRIDGE);
  for (const { link_netns: network } of JSON.parse(text) as { link_netns?: string }[]) {
    if (network !== undefined) ip('netns', 'delete', network);
  }
  ip('link', 'delete', BRIDGE);
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

/** What the plug-in `bridge` is told, for every pod. */
export function describePodNetwork(addressesFolder: string): object {
  return {
    cniVersion: '0.4.0',
    name: 'kube-test',
    plugins: [
      {
        ...{ type: 'bridge', bridge: BRIDGE, isGateway: true, isDefaultGateway: true },
        ...{ ipMasq: false, hairpinMode: true },
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: POD_NETWORK }]],
          dataDir: addressesFolder,
        },
      },
    ],
  };
}

export interface NodeNetwork {
  /** From now on policies hold. */
  enforcePolicies(): Promise<void>;
  stop(): Promise<void>;
}

/** Brings Services to this machine, for pods and for the host itself. */
export async function startNodeNetwork(plane: ControlPlane): Promise<NodeNetwork> {
  const environment = await preparePacketFilter(plane.directory);
  // of a run that was killed
  removeRules(environment);
  const before = `${FILTER_BRIDGED}=${readSysctl(FILTER_BRIDGED)}`;
  execFileSync('sysctl', ['-q', '-w', `${FILTER_BRIDGED}=1`]);
  const start = (name: string, command: string, args: string[]): Promise<ManagedProcess> =>
    ManagedProcess.start(
      { command, args, env: environment, cwd: ROOT },
      {
        logPath: path.join(plane.directory, `${name}.log`),
        recordPath: path.join(plane.directory, `run/${name}.json`),
      },
    );
  const proxyFile = path.join(plane.directory, 'kube-proxy.yaml');
  fs.writeFileSync(proxyFile, JSON.stringify(describeProxy(plane)));
  const started = [
    await start('kube-proxy', plane.executable, ['kube-proxy', `--config=${proxyFile}`]),
  ];
  return {
    async enforcePolicies() {
      const args = [
        ...['--run-firewall=true', '--run-router=false', '--run-service-proxy=false'],
        ...[`--kubeconfig=${plane.kubeconfig('admin')}`, `--hostname-override=${NODE}`],
        ...['--service-cluster-ip-range=10.96.0.0/24', '--iptables-sync-period=1m'],
        ...['--health-port=0', '--metrics-port=0', '--enable-ipv6=false'],
      ];
      started.push(await start('kube-router', await prepareKubeRouter(), args));
    },
    async stop() {
      await Promise.all(started.map((each) => each.kill()));
      removeRules(environment);
      execFileSync('sysctl', ['-q', '-w', before]);
    },
  };
}

export function readSysctl(name: string): string {
  return fs.readFileSync(path.join('/proc/sys', name.replaceAll('.', '/')), 'utf8').trim();
}

function describeProxy(plane: ControlPlane): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: plane.kubeconfig('proxy') },
    ...{ mode: 'nftables', clusterCIDR: POD_NETWORK, hostnameOverride: NODE },
    ...{ healthzBindAddress: '127.0.0.1:26256', metricsBindAddress: '127.0.0.1:26249' },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** The programs of the packet filter, as Debian has them, under the names they are called by. */
async function preparePacketFilter(directory: string): Promise<Record<string, string>> {
  const tools = path.join(findStackDir(process.env), 'tools/packet-filter');
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const packages = ['nftables', 'iptables', 'ipset', 'conntrack'];
  if (!(await unpackDebianPackages(tools, packages, say))) {
    throw new Error('Expected nftables, iptables, ipset and conntrack from Debian');
  }
  const names = path.join(directory, 'packet-filter');
  fs.mkdirSync(names);
  for (const family of ['iptables', 'ip6tables']) {
    for (const name of [family, `${family}-save`, `${family}-restore`]) {
      fs.symlinkSync(path.join(tools, 'usr/sbin/xtables-nft-multi'), path.join(names, name));
    }
  }
  return {
    PATH: [names, `${tools}/usr/sbin`, `${tools}/sbin`, process.env.PATH].join(':'),
    LD_LIBRARY_PATH: libraryFolders(tools).join(':'),
    XTABLES_LIBDIR: libraryFolders(tools)
      .map((folder) => path.join(folder, 'xtables'))
      .filter((folder) => fs.existsSync(folder))
      .join(':'),
    HOME: directory,
  };
}

function prepareKubeRouter(): Promise<string> {
  const program = {
    title: 'kube-router',
    fileName: 'kube-router-2.1.0',
    module: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router@v2.1.0',
  };
  const toolsDir = path.join(findStackDir(process.env), 'tools');
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  return prepareGoProgram(program, { toolsDir, log });
}

/** Those of kube-proxy stand in tables of its own; those of kube-router among everybody's. */
function removeRules(environment: Record<string, string>): void {
  const run = (program: string, args: string[], input?: string): string => {
    try {
      const stdio: StdioOptions = ['pipe', 'pipe', 'ignore'];
      return execFileSync(program, args, { env: environment, encoding: 'utf8', input, stdio });
    } catch {
      return '';
    }
  };
  for (const family of ['ip', 'ip6']) run('nft', ['delete', 'table', family, 'kube-proxy']);
  const rules = run('iptables-save', ['-t', 'filter']).split('\n');
  const others = rules.filter((rule) => !/KUBE-(ROUTER|POD-FW|NWPLCY)/.test(rule));
  if (others.length < rules.length) run('iptables-restore', [], others.join('\n'));
  for (const set of run('ipset', ['list', '-n']).split('\n')) {
    if (/^(inet6:)?(KUBE-|kube-router)/.test(set)) run('ipset', ['destroy', set]);
  }
}
