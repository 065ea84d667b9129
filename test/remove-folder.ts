import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { listTree, signal } from '../temporal-dev/proc';

const SHIM = 'containerd-shim-runc-v2';

/** Removes a folder with all in it, also where a run that was killed left containers and mounts. */
export function removeFolder(folder: string): void {
  for (const shim of listShims(folder)) {
    for (const pid of listTree(shim)) signal(pid, 'SIGKILL');
  }
  // what still holds one loses it when it has ended
  for (const place of listMountsBelow(folder)) execFileSync('umount', ['--lazy', place]);
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Outlive their containerd, which is meant for its updates; each holds a pod's containers. */
function listShims(folder: string): number[] {
  const processes = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(Number).filter((pid) => {
    const [program = '', ...args] = readCommand(pid);
    return path.basename(program) === SHIM && args.some((arg) => arg.startsWith(`${folder}/`));
  });
}

function readCommand(pid: number): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // it ended meanwhile
    return [];
  }
}

/** The innermost first. */
function listMountsBelow(folder: string): string[] {
  const lines = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const places = lines.flatMap((line) => line.split(' ')[1] ?? []);
  return places.filter((place) => place.startsWith(`${folder}/`)).reverse();
}
