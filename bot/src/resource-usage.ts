import { readdir, readFile } from 'node:fs/promises';

/** Linux counts CPU time in hundredths of a second for every reader of /proc. */
const TICKS_PER_SECOND = 100;

export interface ResourceUsage {
  cpuSeconds: number;
  /** Proportional set size: shared pages count once. */
  memoryBytes: number;
}

interface ProcessUsage {
  pid: number;
  parent: number;
  ticks: number;
}

/** CPU and memory of a process and all its descendants; null where there is no /proc. */
export async function measureResourceUsage(rootPid = process.pid): Promise<ResourceUsage | null> {
  if (process.platform !== 'linux') return null;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(pids.map(readProcess))).filter((one) => one !== null);
  const family = new Set([rootPid]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const ours = all.filter(({ pid }) => family.has(pid));
  const memory = await Promise.all(ours.map(({ pid }) => readMemory(pid)));
  return {
    cpuSeconds: ours.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND,
    memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
  };
}

async function readProcess(pid: string): Promise<ProcessUsage | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the fields after it do not.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    // Fields 14 to 17 of proc(5): own time, and that of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    return { pid: Number(pid), parent, ticks };
  } catch {
    return null;
  }
}

async function readMemory(pid: number): Promise<number> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
