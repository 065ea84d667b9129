import type { V1Job, V1PodSpec, V1Secret } from '@kubernetes/client-node';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findStackDir } from '../../temporal-dev/folders';
import { prepareOperators } from '../../temporal-dev/tools/operators';
import { CHART, helm, KUBE_VERSION, render, VALUE_SETS, valuesFile } from '../helm/helm';
import { environmentOf } from '../helm/environment';
import { writeWholeChart } from '../helm/whole-chart';
import type { BotLaunch } from '../../infra/bot-launcher';
import { makeBotJob, makeTokenSecret } from '../../infra/kubernetes/bot-job';
import { makeLaunch } from '../bot-launcher-contract';
import { readRefusal, type Cluster } from '../../infra/kubernetes/cluster';
import {
  KUBERNETES_BUILD_MS,
  makeNamespace,
  startControlPlane,
  type ControlPlane,
} from './control-plane';
import { makeJobOptions } from './launchers';

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
    serviceAccountName: 'vexa-bot',
    automountServiceAccountToken: false,
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
  const labels = {
    ...{ 'app.kubernetes.io/name': 'vexa', 'app.kubernetes.io/instance': 'vexa' },
    'app.kubernetes.io/component': 'bot',
  };
  const job = {
    metadata: { name: 'bot-1-1', labels },
    spec: { template: { metadata: { labels }, spec: pod } },
  };
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

  /** What the launcher makes by the settings that its pod has from the chart. */
  async function makeRealJob(launch: BotLaunch): Promise<V1Job> {
    const settings = environmentOf(await render('minimal'), 'Deployment/vexa-worker-bots/worker');
    return makeBotJob(launch, makeJobOptions({ ...settings, BOT_NAMESPACE: namespace }));
  }

  /** The API server learns of a new policy a moment later. */
  async function untilHeld({ batch }: Cluster): Promise<void> {
    const foreign = { ...job, metadata: { name: 'foreign' } };
    const tried = { namespace, body: foreign, dryRun: 'All' };
    const deadlineMs = performance.now() + 30_000;
    while ((await tryIt(batch.createNamespacedJob(tried))) !== 403) {
      if (performance.now() > deadlineMs) throw new Error('Expected the policy to be kept');
      await pause(100);
    }
  }

  describe('with the policy on what the launcher makes', () => {
    let launcher: Cluster;
    let launch: BotLaunch;
    let real: V1Job;
    beforeAll(async () => {
      launcher = await actAs('vexa-launcher');
      await untilHeld(launcher);
      launch = makeLaunch(7);
      real = await makeRealJob(launch);
    });

    const makeJob = (by: Cluster, body: V1Job): Promise<number> =>
      tryIt(by.batch.createNamespacedJob({ namespace, body, dryRun: 'All' }));
    const podOf = (changed: V1Job): V1PodSpec => {
      const spec = changed.spec?.template.spec;
      if (!spec) throw new Error('Expected a pod');
      return spec;
    };
    const fromSecret = {
      name: 'STOLEN',
      valueFrom: { secretKeyRef: { name: 'vexa-secrets', key: 'postgres-password' } },
    };
    const FAULTS: [string, (job: V1Job) => void][] = [
      ['of another name', (changed) => (changed.metadata = { name: 'vexa-api-1' })],
      [
        'with the labels of the API, to which PostgreSQL is open',
        ({ spec }) =>
          (spec!.template.metadata = {
            labels: { ...labels, 'app.kubernetes.io/component': 'api' },
          }),
      ],
      ['without labels', ({ spec }) => delete spec!.template.metadata],
      [
        'under the account of the launcher',
        (changed) => (podOf(changed).serviceAccountName = 'vexa-launcher'),
      ],
      [
        'with a token of its account',
        (changed) => delete podOf(changed).automountServiceAccountToken,
      ],
      ['in the network of its node', (changed) => (podOf(changed).hostNetwork = true)],
      [
        'that mounts the Secret of the installation',
        (changed) =>
          podOf(changed).volumes?.push({ name: 'x', secret: { secretName: 'vexa-secrets' } }),
      ],
      [
        'that mounts the token of another bot',
        (changed) =>
          podOf(changed).volumes?.push({ name: 'x', secret: { secretName: 'bot-1-1-abc' } }),
      ],
      [
        'that mounts a Secret by a projected volume',
        (changed) =>
          podOf(changed).volumes?.push({
            name: 'x',
            projected: { sources: [{ secret: { name: 'vexa-secrets' } }] },
          }),
      ],
      [
        'that is told a key of a Secret',
        (changed) => podOf(changed).containers[0]?.env?.push(fromSecret),
      ],
      [
        'that is told a Secret in its sidecar',
        (changed) =>
          (podOf(changed).initContainers![0]!.envFrom = [{ secretRef: { name: 'vexa-secrets' } }]),
      ],
    ];

    test('lets it make a bot as it is', async () => {
      expect(await makeJob(launcher, real)).toBe(0);
    });

    test.each(FAULTS)('refuses it a Job %s, which others may make', async (_, spoil) => {
      const body = structuredClone(real);
      spoil(body);
      expect(await makeJob(launcher, body)).toBe(403);
      expect(await makeJob(plane.cluster, body)).toBe(0);
    });

    const makeSecret = (body: V1Secret): Promise<number> =>
      tryIt(launcher.core.createNamespacedSecret({ namespace, body, dryRun: 'All' }));

    test('lets it make a bot’s Secret, and none that others would read or that gets a token', async () => {
      const made = makeTokenSecret(launch, { metadata: { uid: randomUUID() } });
      expect(await makeSecret(made)).toBe(0);
      const metadata = { name: 'vexa-secrets-2' };
      expect(await makeSecret({ ...made, metadata })).toBe(403);
      const token = {
        metadata: {
          ...made.metadata,
          annotations: { 'kubernetes.io/service-account.name': 'vexa-launcher' },
        },
        type: 'kubernetes.io/service-account-token',
      };
      expect(await makeSecret(token)).toBe(403);
    });

    test('lets it delete bots, and neither pods nor Jobs of others', async () => {
      await plane.cluster.batch.createNamespacedJob({ namespace, body: real });
      const [setUp = ''] = listNames(namespace, 'jobs').filter((name) => /set-up/.test(name));
      const [api = ''] = listNames(namespace, 'pods').filter((name) => /^vexa-api-/.test(name));
      const { batch, core } = launcher;
      expect(await tryIt(batch.deleteNamespacedJob({ namespace, name: setUp }))).toBe(403);
      expect(await tryIt(core.deleteNamespacedPod({ namespace, name: api }))).toBe(403);
      const { name } = launch;
      expect(await tryIt(batch.deleteNamespacedJob({ namespace, name }))).toBe(0);
    });
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
