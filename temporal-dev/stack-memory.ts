import { listTree, measureMemoryBytes } from './proc';
import type { Stack } from './stack';

/** Memory of all parts and of this process, in bytes. */
export function measureStackMemory(stack: Stack): number {
  const pids = [...stack.parts.values()].flatMap((part) => (part.pid ? listTree(part.pid) : []));
  return measureMemoryBytes([process.pid, ...pids]);
}
