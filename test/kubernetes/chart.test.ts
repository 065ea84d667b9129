import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findStackDir } from '../../temporal-dev/folders';
import { prepareOperators } from '../../temporal-dev/tools/operators';
import { CHART, helm, KUBE_VERSION, VALUE_SETS, valuesFile } from '../helm/helm';
import { writeWholeChart } from '../helm/whole-chart';
import { readRefusal, type Cluster } from '../../infra/kubernetes/cluster';
import {
  KUBERNETES_BUILD_MS,
  makeNamespace,
  startControlPlane,
  type ControlPlane,
} from './control-plane';

const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
};

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
  const tools = path.join(findStackDir(process.env), 'tools');
  const { kinds } = await prepareOperators(tools, (text) => process.stderr.write(`${text}\n`));
  // too long for the annotation that an ordinary apply writes
  for (const file of kinds) plane.kubectl('apply', '--server-side', '-f', file);
  plane.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  plane.kubectl('apply', '-f', writeRuntimeClass(plane.directory));
}, KUBERNETES_BUILD_MS);
afterAll(() => plane.stop());

/** What NVIDIA's operator makes on a cluster with GPUs. */
function writeRuntimeClass(directory: string): string {
  const file = path.join(directory, 'nvidia.json');
  const metadata = { name: 'nvidia' };
  const kind = 'RuntimeClass';
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'node.k8s.io/v1', kind, metadata, handler: 'nvidia' }),
  );
  return file;
}

/** Helm as an administrator of the test's cluster. */
async function runHelm(...args: string[]): Promise<string> {
  const { code, output } = await helm([...args, '--kubeconfig', plane.kubeconfig('admin')]);
  if (code !== 0) throw new Error(`helm ${args.join(' ')}:\n${output}`);
  return output;
}

async function install(set: string, namespace: string): Promise<void> {
  await makeNamespace(plane.cluster, namespace, RESTRICTED);
  const values = ['--values', valuesFile(set)];
  // without nodes no hook's Job would ever end: those are applied below
  await runHelm('install', 'vexa', CHART, '--namespace', namespace, ...values, '--no-hooks');
}

/** What hooks make, taken by the API server as it is rendered. */
async function applyHooks(namespace: string): Promise<string> {
  const file = path.join(plane.directory, `${namespace}-hooks.yaml`);
  writeFileSync(file, await runHelm('get', 'hooks', 'vexa', '--namespace', namespace));
  const strictly = ['--server-side', '--force-conflicts', '--validate=strict'];
  return plane.kubectl('apply', ...strictly, '-n', namespace, '-f', file);
}

interface Owner {
  kind: string;
  name: string;
}

/** The controllers' pods, by the workload that wanted them. */
async function untilPods(cluster: Cluster, namespace: string, wanted: string[]): Promise<string[]> {
  const deadlineMs = performance.now() + 45_000;
  for (;;) {
    const { items } = await cluster.core.listNamespacedPod({ namespace });
    const owners = items.flatMap(({ metadata }) => (metadata?.ownerReferences ?? []) as Owner[]);
    const names = new Set(
      owners.map(({ kind, name }) =>
        kind === 'ReplicaSet' ? name.replace(/-[a-z0-9]+$/, '') : name,
      ),
    );
    const found = wanted.filter((name) => names.has(name));
    if (found.length === wanted.length || performance.now() > deadlineMs) return found;
    await pause(100);
  }
}

function listNames(namespace: string, kinds: string): string[] {
  const listed = plane.kubectl(
    'get',
    kinds,
    '-n',
    namespace,
    '-o',
    'jsonpath={.items[*].metadata.name}',
  );
  return listed.split(' ').filter(Boolean).sort();
}

describe.each(VALUE_SETS)('a real API server, given the chart with the values %s', (set) => {
  const namespace = `chart-${set}`;

  test('takes every object, and Pod Security "restricted" admits every pod', async () => {
    await install(set, namespace);
    expect(await applyHooks(namespace)).toContain('migrate serverside-applied');
    const workloads = listNames(namespace, 'deployments,statefulsets,jobs');
    expect(workloads.length).toBeGreaterThan(6);
    expect(await untilPods(plane.cluster, namespace, workloads)).toEqual(workloads);
  });
});

describe('what is said after an install', () => {
  const said = [
    'https://meetings.example.com',
    '"vexa-secrets" and "vexa-keys"',
    'helm -n notes test',
  ];
  beforeAll(() => makeNamespace(plane.cluster, 'notes', RESTRICTED));

  async function readNotes(chart: string, host: string): Promise<string> {
    const values = ['--namespace', 'notes', '--set', `${host}=meetings.example.com`];
    const output = await runHelm('install', 'vexa', chart, ...values, '--dry-run=server');
    return output.split('\nNOTES:\n')[1] ?? '';
  }

  test('names page, secrets and next steps', async () => {
    const notes = await readNotes(CHART, 'host');
    for (const each of said) expect(notes).toContain(each);
    expect(notes).not.toContain('<no value>');
  });

  test('names them, and Temporal’s page, when Temporal comes in the same release', async () => {
    const folder = path.join(plane.directory, 'whole');
    const notes = await readNotes(writeWholeChart(folder), 'vexa.host');
    for (const each of [...said, 'svc/vexa-temporal-web']) expect(notes).toContain(each);
    expect(notes).toContain('vexa-temporal-frontend:7233');
    expect(notes).not.toContain('<no value>');
  });
});

describe('kinds of other people’s operators', () => {
  test.each([
    ['ServiceMonitor', 'templates/monitoring.yaml', 'podTargetLabels', 'podTargetLabel'],
    ['ServiceMonitor', 'templates/monitoring.yaml', 'interval: 30s', 'interval: often'],
    ['PrometheusRule', 'templates/alerts.yaml', 'expr:', 'expression:'],
    ['ScaledObject', 'templates/autoscaling.yaml', 'minReplicaCount', 'minReplicas'],
  ])('refuse a %s of %s with %s written %s', async (...[, template, right, wrong]) => {
    const values = ['--namespace', 'default', '--values', valuesFile('production')];
    const shown = ['--show-only', template];
    const { output } = await helm([
      'template',
      'vexa',
      CHART,
      ...values,
      ...shown,
      ...KUBE_VERSION,
    ]);
    const file = path.join(plane.directory, 'foreign.yaml');
    const apply = (): string =>
      plane.kubectl('apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', file);
    writeFileSync(file, output);
    expect(apply()).toContain('serverside-applied');
    writeFileSync(file, output.replaceAll(right, wrong));
    expect(apply).toThrow(
      /unknown field|Invalid value|field not declared in schema|Required value/,
    );
  });
});

describe('the service accounts', () => {
  const namespace = 'accounts';
  beforeAll(async () => {
    await install('minimal', namespace);
    await makeNamespace(plane.cluster, 'elsewhere');
  });

  async function actAs(name: string): Promise<Cluster> {
    const asked = await plane.cluster.core.createNamespacedServiceAccountToken({
      namespace,
      name,
      body: { spec: { audiences: [], expirationSeconds: 3_600 } },
    });
    return plane.openAs(asked.status?.token ?? '');
  }

  /** 0 for what was done, else the status it was refused with. */
  async function tryIt(work: Promise<unknown>): Promise<number> {
    return work.then(
      () => 0,
      (error: unknown) => readRefusal(error) ?? -1,
    );
  }

  const pod = {
    restartPolicy: 'Never',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10_001,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'bot',
        image: 'vexa-bot:1.0.0',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
  const job = { metadata: { name: 'bot-1-1' }, spec: { template: { spec: pod } } };
  const secret = { metadata: { name: 'bot-1-1-token' }, stringData: { token: 'example' } };

  /** What the launcher needs, and its neighbours that it does not. */
  function listTries(cluster: Cluster, place: string): Record<string, () => Promise<unknown>> {
    const { batch, core } = cluster;
    const at = { namespace: place };
    return {
      'create secret': () => core.createNamespacedSecret({ ...at, body: secret }),
      'create job': () => batch.createNamespacedJob({ ...at, body: job }),
      'read job': () => batch.readNamespacedJob({ ...at, name: 'bot-1-1' }),
      'list jobs': () => batch.listNamespacedJob(at),
      'list pods': () => core.listNamespacedPod(at),
      'list events': () => core.listNamespacedEvent(at),
      'delete job': () => batch.deleteNamespacedJob({ ...at, name: 'bot-1-1' }),
      'change job': () =>
        batch.replaceNamespacedJob({ ...at, name: 'bot-1-1', body: { ...job, kind: 'Job' } }),
      'read secret': () => core.readNamespacedSecret({ ...at, name: 'bot-1-1-token' }),
      'list secrets': () => core.listNamespacedSecret(at),
      'delete secret': () => core.deleteNamespacedSecret({ ...at, name: 'bot-1-1-token' }),
      'create pod': () =>
        core.createNamespacedPod({ ...at, body: { metadata: { name: 'own' }, spec: pod } }),
      'read log': () => core.readNamespacedPodLog({ ...at, name: 'own' }),
      'list config maps': () => core.listNamespacedConfigMap(at),
      'list nodes': () => core.listNode(),
      'list namespaces': () => core.listNamespace(),
      'make a token': () =>
        core.createNamespacedServiceAccountToken({
          ...at,
          name: 'default',
          body: { spec: { audiences: [] } },
        }),
    };
  }

  async function tryAll(name: string, place: string): Promise<Record<string, number>> {
    const results: Record<string, number> = {};
    for (const [what, work] of Object.entries(listTries(await actAs(name), place))) {
      results[what] = await tryIt(work());
    }
    return results;
  }

  test('let the launcher make, see and end Jobs, write tokens, and do nothing else', async () => {
    const results = await tryAll('vexa-launcher', namespace);
    const done = Object.keys(results).filter((what) => results[what] === 0);
    expect(done.sort()).toEqual([
      ...['create job', 'create secret', 'delete job', 'list events', 'list jobs', 'list pods'],
      'read job',
    ]);
    const refused = Object.values(results).filter((status) => status !== 0);
    expect(new Set(refused)).toEqual(new Set([403]));
  });

  test('let the launcher do nothing in any other namespace', async () => {
    const results = await tryAll('vexa-launcher', 'elsewhere');
    expect(new Set(Object.values(results))).toEqual(new Set([403]));
  });

  test.each(['api', 'web', 'worker', 'bot', 'data'])('let %s do nothing at all', async (name) => {
    const results = await tryAll(`vexa-${name}`, namespace);
    expect(new Set(Object.values(results))).toEqual(new Set([403]));
  });
});
