import path from 'node:path';
import { findStackDir } from '../folders';
import { findRunningStack } from '../left-overs';
import { PART_NAMES } from '../part';
import { readPorts } from '../ports';
import { startStack } from '../stack';
import { describePart, say } from '../terminal';
import fs from 'node:fs';

/** Does `work` with the settings of the stack that runs, or of one started and stopped for it. */
export async function withStack(
  work: (env: Record<string, string | undefined>) => Promise<number>,
): Promise<number> {
  const dir = findStackDir(process.env);
  const run = path.join(dir, 'run');
  const running = fs.existsSync(run) ? findRunningStack(run) : undefined;
  if (running) return work(running.env);
  say('no stack runs: starting one');
  const stack = await startStack({
    dir,
    ports: readPorts(process.env),
    parts: PART_NAMES,
    env: process.env,
    log: say,
    onPart: (part) => say(describePart(part)),
  });
  try {
    return await work(stack.env);
  } finally {
    await stack.stop();
  }
}
