import fs from 'node:fs';
import path from 'node:path';
import { bench } from './commands/bench';
import { demo } from './commands/demo';
import { reset } from './commands/reset';
import { screens } from './commands/screens';
import { signIn } from './commands/sign-in';
import { start } from './commands/start';
import { test } from './commands/test';
import { ROOT } from './folders';
import { messageOf, UserError } from './user-error';

const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  start,
  reset,
  demo,
  bench,
  screens,
  'sign-in': signIn,
  test,
};

async function main(): Promise<number> {
  const envFile = path.join(ROOT, '.env');
  if (fs.existsSync(envFile)) process.loadEnvFile(envFile);
  const [name = 'start', ...args] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (!command) {
    throw new UserError(`Expected one of ${Object.keys(COMMANDS).join(', ')}, got ${name}.`);
  }
  return command(args);
}

function explain(error: unknown): string {
  const { code, path: file } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof UserError) return error.message;
  if (code === 'ENOSPC') return 'No room on the disk: free some, or set STACK_DIR to another disk.';
  if (code === 'EACCES' || code === 'EPERM') {
    return `This user may not write ${file}: start as the user it belongs to, or set STACK_DIR to a folder of your own.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(explain(error));
    process.exit(1);
  },
);
