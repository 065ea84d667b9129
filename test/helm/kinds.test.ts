import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../temporal-dev/folders';
import { HELM_BUILD_MS, render, VALUE_SETS } from './helm';

/** One row for each kind, as docs/kubernetes.md shows it. */
function describeKinds(countsBySet: Map<string, number>[]): string[][] {
  const kinds = new Set(countsBySet.flatMap((counts) => [...counts.keys()]));
  const rows = [...kinds]
    .sort()
    .map((kind) => [kind, ...countsBySet.map((counts) => String(counts.get(kind) ?? 0))]);
  const totals = countsBySet.map((counts) => [...counts.values()].reduce((a, b) => a + b, 0));
  return [['kind', ...VALUE_SETS], ...rows, ['all', ...totals.map(String)]];
}

test(
  'the table of docs/kubernetes.md counts what the chart renders, by kind and value set',
  async () => {
    const countsBySet: Map<string, number>[] = [];
    for (const set of VALUE_SETS) {
      const counts = new Map<string, number>();
      for (const { kind } of await render(set)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      countsBySet.push(counts);
    }
    const docs = readFileSync(path.join(ROOT, 'docs/kubernetes.md'), 'utf8').split('\n');
    const start = docs.findIndex((line) => /^\| kind /.test(line));
    const end = docs.findIndex((line, i) => i > start && !line.startsWith('|'));
    const shown = docs
      .slice(start, end)
      .filter((line) => !/^\| -/.test(line))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(shown).toEqual(describeKinds(countsBySet));
  },
  HELM_BUILD_MS,
);
