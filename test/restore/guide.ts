import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { libraryFolders, unpackDebianPackages } from '../../temporal-dev/tools/debian';
import { runCommand } from '../../temporal-dev/tools/run-command';
import type { Place } from './temporal';

/** How the guide reaches PostgreSQL, whose programs are on this machine here. */
const IN_THE_POD = /^kubectl -n vexa exec (?:-i )?vexa-postgresql-0 -- /;

/** The lines of the guide that use a program of PostgreSQL on its databases, without the pod. */
export function readCommands(program: string): string[] {
  const guide = fs.readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
  const [, section = ''] = guide.split('\n## Back-up and restore\n');
  const lines = (section.split('\n## ')[0] ?? '').split('\n');
  return lines
    .filter((line) => IN_THE_POD.test(line))
    .map((line) => line.replace(IN_THE_POD, ''))
    .filter((line) => line.startsWith(`${program} `));
}

/** A shell with PostgreSQL's programs, in a folder, as the database's owner. */
export async function openShell(
  folder: string,
  place: Place,
): Promise<(command: string) => Promise<string>> {
  const env = {
    ...process.env,
    ...(await preparePrograms()),
    ...{ PGHOST: place.host, PGPORT: String(place.port), PGPASSWORD: place.password },
  };
  return async (command) => {
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', command], { cwd: folder, env });
    const [said, complained, [code]] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      once(shell, 'close') as Promise<[number | null]>,
    ]);
    if (code === 0) return said;
    throw new Error(`${command} ended with ${code}: ${complained}`);
  };
}

/** This machine's, else Debian's; the npm package that carries the server has none of them. */
async function preparePrograms(): Promise<Record<string, string>> {
  const { code } = await runCommand('pg_dump', ['--version']);
  if (code === 0) return {};
  const tools = path.join(findStackDir(process.env), 'tools/postgresql-client');
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  if (!(await unpackDebianPackages(tools, ['postgresql-client-15'], say))) {
    throw new Error('Expected pg_dump, which Debian has in postgresql-client-15');
  }
  return {
    PATH: [`${tools}/usr/lib/postgresql/15/bin`, process.env.PATH].join(':'),
    LD_LIBRARY_PATH: libraryFolders(tools).join(':'),
  };
}
