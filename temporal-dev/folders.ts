import fs from 'node:fs';
import path from 'node:path';
import { UserError } from './user-error';

export const ROOT = path.resolve(__dirname, '..');

/** Where a stack keeps what it needs; all of it is ignored by git. */
export interface Folders {
  /** Downloaded once, shared by every stack of this checkout. */
  tools: string;
  data: string;
  logs: string;
  run: string;
  bots: string;
  secretsFile: string;
}

/** Folders below `dir`; tools are shared and stay in the checkout unless STACK_DIR moves them. */
export function makeFolders(dir: string, toolsDir = path.join(dir, 'tools')): Folders {
  const folders = {
    tools: toolsDir,
    data: path.join(dir, 'data'),
    logs: path.join(dir, 'logs'),
    run: path.join(dir, 'run'),
    bots: path.join(dir, 'bots'),
  };
  for (const folder of Object.values(folders)) fs.mkdirSync(folder, { recursive: true });
  return { ...folders, secretsFile: path.join(dir, 'secrets.json') };
}

/** The folder of `npm start`: the setting STACK_DIR, else `.local` in the checkout. */
export function findStackDir(env: Record<string, string | undefined>): string {
  return path.resolve(ROOT, env.STACK_DIR?.trim() || '.local');
}

/** Tools and models take about 1.5 GB; the rest is room for data. */
const NEEDED_BYTES = 3 * 1024 ** 3;
const NEEDED_BYTES_LATER = 300 * 1024 ** 2;

/** Throws one sentence when the disk is nearly full. */
export function assertRoomOnDisk(dir: string, hasTools: boolean): void {
  const { bavail, bsize } = fs.statfsSync(dir);
  const free = bavail * bsize;
  const needed = hasTools ? NEEDED_BYTES_LATER : NEEDED_BYTES;
  if (free >= needed) return;
  const inGigabytes = (bytes: number) => (bytes / 1024 ** 3).toFixed(1);
  throw new UserError(
    `The disk of ${dir} has ${inGigabytes(free)} GB left and ${inGigabytes(needed)} GB are needed: free some, or set STACK_DIR to a folder on another disk.`,
  );
}
