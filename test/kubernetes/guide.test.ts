import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CHART, render } from '../helm/helm';
import { find } from '../helm/objects';
import { writeWholeChart } from '../helm/whole-chart';
import {
  KUBERNETES_BUILD_MS,
  makeNamespace,
  startControlPlane,
  type ControlPlane,
} from './control-plane';
import { openShell, readBlocks, readLine } from './guide';
import { startPaperKubelet, type PaperKubelet } from './paper-kubelet';

/*
 * Commands of docs/operations.md, as they stand there, with hooks that run on a node on paper.
 */

const CHARTS = {
  'vexa-with-temporal': '--set vexa.host=meetings.example.com',
  vexa: '--set host=meetings.example.com --set temporal.address=temporal-frontend.temporal:7233',
};
type Chart = keyof typeof CHARTS;

let plane: ControlPlane;
let kubelet: PaperKubelet;
let shell: Awaited<ReturnType<typeof openShell>>;
beforeAll(async () => {
  plane = await startControlPlane();
  kubelet = await startPaperKubelet(plane.cluster);
  writeWholeChart(path.join(plane.directory, 'helm'));
  shell = await openShell(plane, plane.directory);
}, KUBERNETES_BUILD_MS);
afterAll(async () => {
  await kubelet.close();
  await plane.stop();
});

async function install(namespace: string, chart: Chart, folder = 'helm'): Promise<void> {
  await makeNamespace(plane.cluster, namespace);
  await shell(namespace, [`helm -n vexa install vexa ${folder}/${chart} ${CHARTS[chart]}`]);
}

/** The guide's line that upgrades an installation of that chart. */
function upgradeLine(heading: string, chart: Chart): string {
  return readLine(heading, new RegExp(`^helm .* upgrade vexa helm/${chart} `));
}

function readReplicas(namespace: string): Record<string, number> {
  const listed = plane.kubectl(
    ...['get', 'deployment', '-n', namespace, '-o'],
    'jsonpath={range .items[*]}{.metadata.name} {.spec.replicas}{"\\n"}{end}',
  );
  const lines = listed.trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(' ')).map(([a, b]) => [a, Number(b)]));
}

/** Of our own Deployments. */
function readImages(namespace: string): Set<string> {
  const own = ['-l', 'app.kubernetes.io/name=vexa', '-o'];
  const listed = plane.kubectl(
    ...['get', 'deployments', '-n', namespace, ...own],
    'jsonpath={.items[*].spec.template.spec.containers[*].image}',
  );
  return new Set(listed.split(' '));
}

describe.each(Object.keys(CHARTS) as Chart[])('a restore of the chart %s', (chart) => {
  const namespace = `restored-${chart}`;
  const restore = readBlocks('Back-up and restore').slice(1);

  test('after an upgrade has nobody write, and then everybody as before, whom an autoscaler scales included', async () => {
    await install(namespace, chart);
    await shell(namespace, [upgradeLine('Upgrade', chart)]);
    expect(readImages(namespace)).toEqual(new Set(['vexa-app:1.1.0', 'vexa-web:1.1.0']));
    // as the autoscaler may have it
    plane.kubectl('scale', 'deployment', 'vexa-api', '-n', namespace, '--replicas=4');
    const before = readReplicas(namespace);
    expect(before).toMatchObject({ 'vexa-api': 4, 'vexa-worker-meetings': 2 });
    expect('vexa-temporal-frontend' in before).toBe(chart === 'vexa-with-temporal');

    const [stop = [], ...starts] = restore;
    await shell(
      namespace,
      stop.filter((line) => !line.includes(' exec ')),
    );
    expect(new Set(Object.values(readReplicas(namespace)))).toEqual(new Set([0]));
    const pods = plane.kubectl('get', 'pods', '-n', namespace, '-l', 'pod-template-hash');
    expect(pods).toBe('');

    const start = starts.filter((lines) => lines.join().includes(` helm/${chart} `));
    expect(start).toHaveLength(1);
    await shell(namespace, start.flat());
    expect(readReplicas(namespace)).toEqual(before);
  }, 120_000);
});

describe('moving over', () => {
  const blocks = readBlocks('Moving over from the old system').map((lines) =>
    lines.map((line) => line.replaceAll('<old>', 'old').replaceAll('<new>', 'new')),
  );
  const blockWith = (words: string): string[] => {
    const found = blocks.find((lines) => lines.join('\n').includes(words));
    if (!found) throw new Error(`Expected a block with ${words}`);
    return found;
  };

  test('takes the old Secret into the new namespace as it is', async () => {
    await makeNamespace(plane.cluster, 'old');
    const data = { 'postgres-password': 'b2xk', 'clerk-jwt-key': btoa('-----\nof lines\n-----') };
    await plane.cluster.core.createNamespacedSecret({
      namespace: 'old',
      body: { metadata: { name: 'vexa-secrets' }, data },
    });
    await shell('new', blockWith('get secret vexa-secrets -o jsonpath=\'{"apiVersion'));
    const copied = await plane.cluster.core.readNamespacedSecret({
      ...{ namespace: 'new', name: 'vexa-secrets' },
    });
    expect(copied.data).toEqual(data);
  });

  test('lets the API of the new system out to PostgreSQL of the old one, and nobody else', async () => {
    await shell('new', blockWith('kind: NetworkPolicy'));
    const read = (path: string): object =>
      JSON.parse(
        plane.kubectl('get', 'networkpolicy', 'move-over', '-n', 'new', '-o', `jsonpath={${path}}`),
      ) as object;
    const { spec } = find(await render('minimal'), 'Deployment', 'vexa-api');
    expect(spec?.template?.metadata?.labels).toMatchObject(read('.spec.podSelector.matchLabels'));
    expect(read('.spec.egress')).toEqual([
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'old' } } }],
        ports: [{ protocol: 'TCP', port: 5432 }],
      },
    ]);
  });
});

describe('an upgrade', () => {
  test('takes what is new from the new chart, keeps what was set, and makes what is gone', async () => {
    const namespace = 'upgraded';
    // a chart from before there was a value
    const old = path.join(plane.directory, 'old/vexa');
    cpSync(CHART, old, { recursive: true });
    const file = path.join(old, 'values.yaml');
    const values = readFileSync(file, 'utf8');
    writeFileSync(file, values.replace(/^logLevel: info\n/m, ''));
    await install(namespace, 'vexa', 'old');
    const env = (): string =>
      plane.kubectl('get', 'deployment', 'vexa-api', '-n', namespace, '-o', 'yaml');
    expect(env()).not.toContain('value: info');
    await shell(namespace, [upgradeLine('Upgrade', 'vexa')]);
    expect(env()).toContain('value: info');
    expect(env()).toContain('value: https://meetings.example.com');

    // as after the loss of Temporal's databases
    const setUp = '-l app.kubernetes.io/component=set-up-temporal';
    const readJobs = (): Promise<string> => shell(namespace, [`kubectl -n vexa get job ${setUp}`]);
    await shell(namespace, [`kubectl -n vexa delete job ${setUp}`]);
    expect(await readJobs()).not.toContain('vexa-set-up-temporal-');
    await shell(namespace, [upgradeLine('Upgrade', 'vexa')]);
    expect(await readJobs()).toContain('vexa-set-up-temporal-');
  }, 120_000);
});

describe('the keys that the first install makes', () => {
  const namespace = 'keys';
  const read = (): Record<string, string> =>
    JSON.parse(
      plane.kubectl('get', 'secret', 'vexa-keys', '-n', namespace, '-o', 'jsonpath={.data}'),
    ) as Record<string, string>;
  const decode = (text = ''): string => Buffer.from(text, 'base64').toString();

  test('stay as they are and as they were rotated, whatever becomes of the release', async () => {
    await install(namespace, 'vexa');
    const made = read();
    expect(Buffer.from(decode(made['encryption-key']), 'base64')).toHaveLength(32);
    expect(decode(made['bot-token-secret']).length).toBeGreaterThan(31);

    const upgrade = upgradeLine('Upgrade', 'vexa');
    await shell(namespace, [upgrade]);
    expect(read()).toEqual(made);

    const rotated = {
      ...made,
      'encryption-key': Buffer.from('a new key').toString('base64'),
      'encryption-old-keys': made['encryption-key'],
    };
    const patch = JSON.stringify({ data: rotated });
    plane.kubectl('patch', 'secret', 'vexa-keys', '-n', namespace, '-p', patch);
    await shell(namespace, [upgrade]);
    expect(read()).toEqual(rotated);
    // to before the rotation, and as `--atomic` would
    await shell(namespace, ['helm -n vexa rollback vexa 1']);
    expect(read()).toEqual(rotated);
    await shell(namespace, ['helm -n vexa rollback vexa']);
    expect(read()).toEqual(rotated);

    await shell(namespace, ['helm -n vexa uninstall vexa']);
    expect(read()).toEqual(rotated);
    await shell(namespace, [`helm -n vexa install vexa helm/vexa ${CHARTS.vexa}`]);
    expect(read()).toEqual(rotated);
  }, 240_000);
});
