import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline/promises';
import { findStackDir } from '../folders';
import { endLeftOvers } from '../left-overs';

const DATA_FOLDERS = ['data', 'bots', 'logs', 'run'];

/** `npm run reset`: removes the local stack's data after asking; tools stay. */
export async function reset(args: string[]): Promise<number> {
  const dir = findStackDir(process.env);
  const run = path.join(dir, 'run');
  if (fs.existsSync(run)) await endLeftOvers(run);
  if (!args.includes('--yes') && !(await confirm(dir))) {
    console.log('Nothing was removed.');
    return 1;
  }
  for (const name of [...DATA_FOLDERS, 'secrets.json']) {
    fs.rmSync(path.join(dir, name), { recursive: true, force: true });
  }
  console.log(
    'All meetings, audio and secrets of the local stack are removed; the tools are kept.',
  );
  return 0;
}

async function confirm(dir: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.log('Expected a terminal to ask in; use `npm run reset -- --yes` in scripts.');
    return false;
  }
  const terminal = readline.createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Remove all local meetings and audio in ${dir}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
