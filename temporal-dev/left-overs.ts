import fs from 'node:fs';
import path from 'node:path';
import { endForeignProcess, identify, isAlive, type ProcessIdentity } from './proc';
import { UserError } from './user-error';

const LEFT_OVER_GRACE_MS = 10_000;
const STACK_FILE = 'stack.json';

/** What a running stack tells other commands about itself. */
export interface StackRecord extends ProcessIdentity {
  /** Absent until every part stands. */
  env?: Record<string, string | undefined>;
}

/**
 * Ends what a stack left running that was itself killed, and takes the folder for this process, so
 * that a second start waits for nothing and ends nothing. Returns how to tell others the settings,
 * and how to give the folder back.
 */
export async function claimFolder(
  runFolder: string,
): Promise<{ publish: (env: StackRecord['env']) => void; release: () => void }> {
  await endLeftOvers(runFolder);
  const file = path.join(runFolder, STACK_FILE);
  const write = (env: StackRecord['env'], flag: 'wx' | 'w') => {
    const record = { ...identify(process.pid), env };
    fs.writeFileSync(file, JSON.stringify(record), { mode: 0o600, flag });
  };
  write(undefined, 'wx');
  return {
    publish: (env) => write(env, 'w'),
    release: () => fs.rmSync(file, { force: true }),
  };
}

/** The stack that runs from this folder now, if one does. */
export function findRunningStack(runFolder: string): StackRecord | undefined {
  const file = path.join(runFolder, STACK_FILE);
  if (!fs.existsSync(file)) return undefined;
  const record = JSON.parse(fs.readFileSync(file, 'utf8')) as StackRecord;
  return isAlive(record) ? record : undefined;
}

/** Ends what a stack left running that was itself killed; refuses while one runs. */
export async function endLeftOvers(runFolder: string): Promise<void> {
  const running = findRunningStack(runFolder);
  if (running) {
    throw new UserError(
      `A stack already runs from ${path.dirname(runFolder)} (process ${running.pid}): use that one, or end it with Ctrl-C in its terminal.`,
    );
  }
  for (const name of fs.readdirSync(runFolder)) {
    const file = path.join(runFolder, name);
    if (name !== STACK_FILE) {
      const record = JSON.parse(fs.readFileSync(file, 'utf8')) as ProcessIdentity & {
        stopSignal: NodeJS.Signals;
      };
      await endForeignProcess(record, record.stopSignal, LEFT_OVER_GRACE_MS);
    }
    fs.rmSync(file, { force: true });
  }
}
