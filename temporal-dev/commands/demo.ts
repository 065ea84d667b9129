import { NO_CHROMIUM } from '../tools/chromium';
import { UserError } from '../user-error';
import { runProgram } from './run-program';
import { withStack } from './with-stack';

/** `npm run demo`: one meeting, told on the terminal, on the stack that runs or one of its own. */
export function demo(args: string[]): Promise<number> {
  return withStack((env) => {
    if (!env.CHROMIUM_PATH) throw new UserError(NO_CHROMIUM);
    return runProgram(process.execPath, ['--import', 'tsx', 'temporal-dev/demo.ts', ...args], env);
  });
}
