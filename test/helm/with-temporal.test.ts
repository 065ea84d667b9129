import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { environmentOf } from './environment';
import { helm, HELM_BUILD_MS, KUBE_VERSION } from './helm';
import { find, findSetUp, isSelected, ofKind, type KubeObject } from './objects';
import { writeWholeChart } from './whole-chart';

interface Sql {
  databaseName: string;
  connectAddr: string;
  user: string;
  existingSecret: string;
  secretKey: string;
  createDatabase: boolean;
  manageSchema: boolean;
}
interface Given {
  server: {
    config: {
      persistence: { datastores: Record<'default' | 'visibility', { sql: Sql }> };
      namespaces: { create: boolean };
    };
  };
  schema: { useHelmHooks: boolean };
}

let folder: string;
let objects: KubeObject[];
let given: Given;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'with-temporal-'));
  const whole = writeWholeChart(folder);
  const host = ['--set', 'vexa.host=meetings.example.com'];
  const { code, output } = await helm([
    'template',
    'vexa',
    whole,
    '--namespace',
    'vexa',
    ...host,
    ...KUBE_VERSION,
  ]);
  if (code !== 0) throw new Error(output);
  objects = parseAllDocuments(output)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
  given = JSON.parse(find(objects, 'ConfigMap', 'given').data?.['values'] ?? '') as Given;
}, HELM_BUILD_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the chart with Temporal in the same release', () => {
  test('keeps Temporal in the PostgreSQL of the release, with its password', () => {
    const { datastores } = given.server.config.persistence;
    const api = environmentOf(objects, 'Deployment/vexa-api/api');
    const database = new URL(api['DATABASE_URL'] ?? '');
    const stored = Object.values(datastores).map(({ sql }) => sql);
    expect(stored.map(({ databaseName }) => databaseName)).toEqual([
      'temporal',
      'temporal_visibility',
    ]);
    for (const sql of stored) {
      expect(sql).toMatchObject({
        connectAddr: database.host,
        user: database.username,
        existingSecret: 'vexa-secrets',
        secretKey: 'postgres-password',
        createDatabase: true,
        manageSchema: true,
      });
    }
    expect(find(objects, 'Service', database.hostname).spec?.ports?.[0]?.port).toBe(
      Number(database.port),
    );
  });

  test('is found by all who need it under the name that Temporal’s chart gives its frontend', () => {
    const pods = ['Deployment/vexa-api/api', `Job/${findSetUp(objects)}/set-up-temporal`];
    for (const of of pods) {
      expect(environmentOf(objects, of)).toMatchObject({
        TEMPORAL_ADDRESS: 'vexa-temporal-frontend:7233',
        TEMPORAL_NAMESPACE: 'meetings',
      });
    }
  });

  test('brings nothing into being before PostgreSQL is there', () => {
    expect(given.schema.useHelmHooks).toBe(false);
    // ours: search attributes and schedules belong to it
    expect(given.server.config.namespaces.create).toBe(false);
    const hookOf = (name: string): string | undefined =>
      find(objects, 'Job', name).metadata.annotations?.['helm.sh/hook'];
    expect(hookOf('vexa-migrate')).toBe('post-install,pre-upgrade');
    expect(hookOf(findSetUp(objects))).toBeUndefined();
  });

  test('lets Temporal’s pods reach PostgreSQL and one another', () => {
    const labels = { 'app.kubernetes.io/name': 'temporal', 'app.kubernetes.io/instance': 'vexa' };
    const names = ofKind(objects, 'NetworkPolicy')
      .filter(({ spec }) => isSelected(spec?.podSelector ?? {}, labels))
      .map(({ metadata }) => metadata.name);
    expect(names).toContain('vexa-temporal');
    const { spec } = find(objects, 'NetworkPolicy', 'vexa-temporal-to-postgresql-in');
    expect(spec?.ingress?.[0]?.from?.[0]?.podSelector?.matchLabels).toEqual(labels);
  });
});
