import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { prepareHelm } from '../../temporal-dev/tools/helm';
import { runCommand } from '../../temporal-dev/tools/run-command';
import type { ControlPlane } from './control-plane';

const guide = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');

/** The lines of the guide's blocks of commands below a heading, those that go on made into one. */
export function readBlocks(heading: string): string[][] {
  const [, section = ''] = guide.split(`\n## ${heading}\n`);
  const text = section.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)].map(([, indent = '', block = '']) =>
    block
      .replaceAll(/\s*\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.slice(indent.length))
      .filter((line) => line !== ''),
  );
}

/** The only line of the guide below a heading that matches. */
export function readLine(heading: string, wanted: RegExp): string {
  const found = readBlocks(heading)
    .flat()
    .filter((line) => wanted.test(line));
  if (found.length !== 1) throw new Error(`Expected one line ${wanted}, got ${found.join('\n')}`);
  return found[0] ?? '';
}

/** A shell of an operator of that cluster: runs lines of the guide, in a folder, for a namespace. */
export async function openShell(
  plane: ControlPlane,
  folder: string,
): Promise<(namespace: string, lines: string[]) => Promise<string>> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const helm = await prepareHelm(path.join(findStackDir(process.env), 'tools'), say);
  const programs = path.join(plane.directory, 'programs');
  mkdirSync(programs, { recursive: true });
  const write = (name: string, command: string): void => {
    const file = path.join(programs, name);
    writeFileSync(file, `#!/bin/sh\nexec ${command} "$@"\n`);
    chmodSync(file, 0o755);
  };
  write('kubectl', `'${plane.executable}' kubectl`);
  write('helm', `'${helm}'`);
  const env = {
    ...{ HOME: plane.directory, KUBECONFIG: plane.kubeconfig('admin') },
    PATH: `${programs}:${process.env.PATH}`,
  };
  return async (namespace, lines) => {
    const script = lines.join('\n').replaceAll('-n vexa ', `-n ${namespace} `);
    const options = { cwd: folder, env };
    const { code, output } = await runCommand('sh', ['-euc', script], options);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${output}`);
    return output;
  };
}
