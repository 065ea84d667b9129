import { readFileSync } from 'node:fs';
import { listTree, measureMemoryBytes } from '../../temporal-dev/proc';

/** Clock ticks per second in /proc/<pid>/stat: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  cpuSeconds: number;
  memoryBytes: number;
}

/**
 * CPU seconds used so far and memory held now by a process and its descendants; of this process
 * itself without them, since it has started all the others.
 */
export function measureUsage(pid: number): Usage {
  const pids = pid === process.pid ? [pid] : listTree(pid);
  return {
    cpuSeconds: pids.reduce((sum, each) => sum + readCpuSeconds(each), 0),
    memoryBytes: measureMemoryBytes(pids),
  };
}

/** Own time and that of children which have ended and were waited for. */
function readCpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields
      .slice(11, pid === process.pid ? 13 : 15)
      .reduce((sum, field) => sum + Number(field), 0);
    return ticks / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
