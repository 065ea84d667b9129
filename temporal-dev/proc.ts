import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Names one process for good: a process id alone is used again by the system. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks from boot to its start, as /proc/<pid>/stat has it. */
  startTime: string;
}

interface ProcessStat extends ProcessIdentity {
  state: string;
  parentPid: number;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the command's name, in brackets, may itself hold spaces and brackets
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = '', parentPid = '0'] = fields;
    return { pid, state, parentPid: Number(parentPid), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** Identity of a running process, or undefined when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && stat.state !== 'Z' ? { pid, startTime: stat.startTime } : undefined;
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === String(startTime);
}

/** Process ids of `pid` and all that descend from it. */
export function listTree(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of fs.readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat) parents.set(stat.parentPid, [...(parents.get(stat.parentPid) ?? []), stat.pid]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(parents.get(member) ?? []));
  return tree;
}

/** Sends a signal to a process or, with a negative id, a group; one that is gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks a process that is not our child to end, and kills it and its group after `graceMs`. */
export async function endForeignProcess(
  identity: ProcessIdentity,
  name: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!isAlive(identity)) return;
  signal(identity.pid, name);
  const deadline = Date.now() + graceMs;
  while (isAlive(identity) && Date.now() < deadline) await sleep(50);
  if (isAlive(identity)) signal(identity.pid, 'SIGKILL');
  signal(-identity.pid, 'SIGKILL');
}

/** Proportional share of memory (PSS) of the processes, in bytes; 0 where it can't be read. */
export function measureMemoryBytes(pids: Iterable<number>): number {
  let kilobytes = 0;
  for (const pid of new Set(pids)) {
    try {
      const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    } catch {
      // the process ended meanwhile
    }
  }
  return kilobytes * 1024;
}
