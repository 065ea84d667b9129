import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../temporal-dev/folders';

const FILE = path.join(ROOT, 'docs/benchmarks.md');

/** Today, as figures are dated. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** Replaces the section between its markers in docs/benchmarks.md, or adds it at the end. */
export function writeSection(name: string, section: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = fs.existsSync(FILE) ? fs.readFileSync(FILE, 'utf8') : '# Benchmarks\n';
  const block = `${begin}\n${section}\n${end}`;
  const pattern = new RegExp(`${begin}[\\s\\S]*${end}`);
  const next = pattern.test(text) ? text.replace(pattern, () => block) : `${text}\n${block}\n`;
  fs.writeFileSync(FILE, next);
}

/**
 * The rows of a section's table, each with the name of what it is about first: the new ones in place
 * of what stands there about the same, the others as they are, in the order of `names`.
 */
export function mergeRows(section: string, rows: string[][], names: readonly string[]): string[][] {
  const text = fs.readFileSync(FILE, 'utf8');
  const [, written = ''] =
    new RegExp(`<!-- ${section} -->([\\s\\S]*)<!-- /${section} -->`).exec(text) ?? [];
  const lines = written.split('\n').filter((line) => line.startsWith('| '));
  const old = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const all = [...old.filter(([name]) => !rows.some(([other]) => other === name)), ...rows];
  return names.flatMap((name) => all.filter(([other]) => other === name));
}

/** What the figures were measured on. */
export function describeMachine(): string {
  const cpus = os.cpus();
  const gigabytes = Math.round(os.totalmem() / 1024 ** 3);
  return `${cpus.length} cores (${cpus[0]?.model ?? 'unknown'}), ${gigabytes} GiB, Node ${process.versions.node}, ${today()}`;
}

/** A table in Markdown. */
export function formatTable(head: string[], rows: (string | number)[][]): string[] {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
