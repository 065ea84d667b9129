import fs from 'node:fs';
import path from 'node:path';
import { STACK_FILE } from './left-overs';
import { identify, listTree, measureMemoryBytes } from './proc';
import type { Stack } from './stack';

/** Lets `npm run demo` and others find this stack; returns how to forget it. */
export function recordStack(stack: Stack): () => void {
  const file = path.join(stack.folders.run, STACK_FILE);
  const record = { ...identify(process.pid), env: stack.env };
  fs.writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
  return () => fs.rmSync(file, { force: true });
}

/** Memory of all parts and of this process, in bytes. */
export function measureStackMemory(stack: Stack): number {
  const pids = [...stack.parts.values()].flatMap((part) => (part.pid ? listTree(part.pid) : []));
  return measureMemoryBytes([process.pid, ...pids]);
}
