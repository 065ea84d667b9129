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
