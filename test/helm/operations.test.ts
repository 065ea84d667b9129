import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../temporal-dev/folders';
import { CHART, HELM_BUILD_MS, render } from './helm';
import { ofKind, type KubeObject } from './objects';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const guide = read('docs/operations.md');

let production: KubeObject[];
beforeAll(async () => {
  production = await render('production');
}, HELM_BUILD_MS);

/** The part of the guide below a heading. */
function sectionOf(heading: string): string {
  const [, text] = guide.split(`\n## ${heading}\n`);
  if (text === undefined) throw new Error(`Expected the heading ${heading}`);
  return text.split('\n## ')[0] ?? '';
}

function listAlerts(): { alert: string; expr: string }[] {
  return ofKind(production, 'PrometheusRule').flatMap(({ spec }) =>
    (spec?.groups ?? []).flatMap(({ rules }) => rules),
  );
}

/** Where the rotation of a secret, or what one does that is not taken any more, is tried. */
const ROTATIONS: Record<string, [file: string, title: string]> = {
  'postgres-password': ['test/rotation', 'another password of PostgreSQL'],
  'redis-password': ['infra/redis', 'is silent at a Redis with another password'],
  'admin-api-token': ['test/rotation', 'lets administrators go over to another key'],
  'clerk-webhook-secret': ['test/rotation', 'takes what Clerk signs with either secret'],
  'encryption-key': ['test/rotation', 'another key to encrypt with'],
  'bot-token-secret': ['test/rotation', 'another secret for bots’ tokens'],
  'runpod-api-key': ['activities/transcription-outages', 'fails on HTTP %i as %s, to be tried'],
  'openai-api-key': ['infra/analysis/openai/openai-analyser', 'names the key when the endpoint'],
  's3-secret-access-key': ['infra/audio-store-s3', 'fails its check when the secret is wrong'],
  'tts-api-key': ['infra/tts', 'says what it answered instead'],
  'temporal-api-key': ['infra/connections', 'encrypts and carries the key where both are set'],
  'outgoing-signing-secret': ['api/bot-settings', 'asks the meeting’s address with a signature'],
  'a user’s API key': ['api/api-keys', 'is refused on every replica from the moment it is revoked'],
  'a webhook’s secret': ['activities/delivery', 'is signed by the new secret alone'],
};

describe('docs/operations.md', () => {
  test('explains every alert that there is, and none that there is not', () => {
    const explained = [...sectionOf('Alerts').matchAll(/^\| `(Vexa\w+)`/gm)].map(
      ([, name]) => name,
    );
    const alerts = new Set(listAlerts().map(({ alert }) => alert));
    expect([...explained].sort()).toEqual([...alerts].sort());
  });

  test('names every key that the Secret may have', () => {
    const values = parse(read('helm/vexa/values.yaml')) as {
      secrets: { keys: Record<string, string> };
    };
    for (const key of Object.values(values.secrets.keys)) {
      expect(sectionOf('Secrets')).toContain(`\`${key}\``);
    }
  });

  test('rotates no secret that no test rotates, but for those of others', () => {
    const cells = [...sectionOf('Rotate a secret').matchAll(/^\| ([^|]+?) +\|/gm)].slice(2);
    const named = cells.flatMap(([, cell = '']) =>
      cell.split(', ').map((each) => /`([^`]+)`/.exec(each)?.[1] ?? each),
    );
    // made and ended by Clerk, which is asked at each start, and by cert-manager
    const others = ['clerk-secret-key', 'the certificate'];
    expect(named.sort()).toEqual([...Object.keys(ROTATIONS), ...others].sort());
    for (const [file, title] of Object.values(ROTATIONS)) {
      expect([file, read(`${file}.test.ts`).includes(title)]).toEqual([file, true]);
    }
  });

  test('speaks only of values that the chart has', () => {
    const values = parse(read('helm/vexa/values.yaml')) as Record<string, unknown>;
    const tops = Object.keys(values).join('|');
    const named = [...guide.matchAll(new RegExp(`\`((?:${tops})(?:\\.[a-zA-Z]+)+)[=\`]`, 'g'))];
    // the left columns of the last tables are the old system's
    const current = named.filter(
      ({ index }) => index < guide.indexOf('**Old values to new ones**'),
    );
    expect(current.length).toBeGreaterThan(20);
    for (const [, name = ''] of current)
      expect([name, hasValue(values, name)]).toEqual([name, true]);
  });

  test('gives commands for objects that the chart makes', () => {
    const names = new Set(
      production.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`),
    );
    const mentioned = guide.matchAll(/\b(deployment|statefulset|job|svc)\/(vexa-[a-z-]+[a-z])/g);
    for (const [, kind = '', name = ''] of mentioned) {
      if (name.startsWith('vexa-temporal-')) continue;
      const whole = `${kind === 'svc' ? 'service' : kind}/${name}`;
      expect([whole, names.has(whole)]).toEqual([whole, true]);
    }
  });

  test('links to headings and files that are there', () => {
    const anchors = new Set(
      [...guide.matchAll(/^## (.+)$/gm)].map(([, text = '']) =>
        text.toLowerCase().replaceAll(' ', '-'),
      ),
    );
    for (const [, anchor = ''] of guide.matchAll(/\]\(#([^)]+)\)/g)) {
      expect([anchor, anchors.has(anchor)]).toEqual([anchor, true]);
    }
  });
});

describe('dashboards', () => {
  test('can be read by Grafana, each with an id of its own', () => {
    const boards = readdirSync(path.join(CHART, 'dashboards')).map(
      (file) =>
        JSON.parse(read(`helm/vexa/dashboards/${file}`)) as {
          uid: string;
          panels: { id: number }[];
        },
    );
    expect(new Set(boards.map(({ uid }) => uid)).size).toBe(boards.length);
    for (const { panels } of boards) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    }
  });
});

function hasValue(values: Record<string, unknown>, name: string): boolean {
  let at: unknown = values;
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null) return false;
    // maps that are empty take any key
    if (Object.keys(at).length === 0) return true;
    if (!(part in at)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return true;
}
