import { setTimeout as pause } from 'node:timers/promises';
import { imageName } from './images';
import type { RealCluster } from './real-cluster';

/** Tries again until two rounds say the same: policies reach a pod a moment after its start. */
const SCRIPT = `
const net = require('node:net');
const targets = JSON.parse(process.argv[1]);
const connect = (target) => new Promise((resolve) => {
  const [host, port] = target.split(':');
  const socket = net.connect({ host, port: Number(port), timeout: 3000 });
  const end = (isOpen) => { socket.destroy(); resolve(isOpen); };
  socket.on('connect', () => end(true)).on('timeout', () => end(false)).on('error', () => end(false));
});
(async () => {
  let last = '';
  for (let round = 0; round < 20; round++) {
    const entries = await Promise.all(
      Object.entries(targets).map(async ([name, target]) => [name, await connect(target)]));
    const text = JSON.stringify(Object.fromEntries(entries));
    if (round > 4 && text === last) break;
    last = text;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  console.log(last);
})();`;

interface Probe {
  namespace: string;
  name: string;
  labels: Record<string, string>;
}

/** Which of the targets, by name as `host:port`, a pod with these labels can open a connection to. */
export async function probe<Name extends string>(
  { plane, kubelet }: RealCluster,
  { namespace, name, labels }: Probe,
  targets: Record<Name, string>,
): Promise<Record<Name, boolean>> {
  const { core } = plane.cluster;
  await core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name, labels },
      spec: {
        ...{ restartPolicy: 'Never', automountServiceAccountToken: false },
        securityContext: {
          ...{ runAsNonRoot: true, runAsUser: 10_001 },
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            ...{ name: 'probe', image: imageName('room'), imagePullPolicy: 'Never' },
            command: ['node', '-e', SCRIPT, JSON.stringify(targets)],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  });
  for (;;) {
    const { status } = await core.readNamespacedPod({ namespace, name });
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') break;
    await pause(200);
  }
  const log = kubelet.readLog(namespace, name, 'probe');
  const line = /\{.*\}/.exec(log)?.[0];
  if (line === undefined) throw new Error(`Expected what ${name} could reach, got: ${log}`);
  return JSON.parse(line) as Record<Name, boolean>;
}
