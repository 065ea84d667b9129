import fs from 'node:fs';
import path from 'node:path';
import { findStackDir } from '../folders';
import { findRunningStack } from '../left-overs';
import { PART_NAMES } from '../part';
import { readPorts } from '../ports';
import { startStack } from '../stack';
import { describePart, say } from '../terminal';
import { untilInterrupted } from '../until-interrupted';
import { UserError } from '../user-error';

/** Does `work` with the settings of the stack that runs, or of one started and stopped for it. */
export async function withStack(
  work: (env: Record<string, string | undefined>) => Promise<number>,
): Promise<number> {
  const dir = findStackDir(process.env);
  const run = path.join(dir, 'run');
  const running = fs.existsSync(run) ? findRunningStack(run) : undefined;
  if (running?.env) return work(running.env);
  if (running) {
    throw new UserError('The stack is still starting: try again when `npm start` says it is up.');
  }
  say('no stack runs: starting one');
  // The work gets Ctrl-C from the terminal itself and ends; the stack is stopped after it.
  const { signal } = untilInterrupted();
  const stack = await startStack({
    dir,
    ports: readPorts(process.env),
    parts: PART_NAMES,
    env: process.env,
    log: say,
    onPart: (part) => say(describePart(part)),
    signal,
  });
  try {
    return await work(stack.env);
  } finally {
    await stack.stop();
  }
}
