import path from 'node:path';
import { findStackDir } from '../folders';
import { say } from '../terminal';
import { NO_CHROMIUM, prepareChromium } from '../tools/chromium';
import { UserError } from '../user-error';
import { runProgram } from './run-program';

/** `npm run bench -- <name>`: on a stack of its own, so that nothing else is measured. */
export async function bench(args: string[]): Promise<number> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const chromiumPath = await prepareChromium(tools, process.env.CHROMIUM_PATH, say);
  if (!chromiumPath) throw new UserError(NO_CHROMIUM);
  const program = ['--import', 'tsx', 'test/bench/main.ts', ...args];
  return runProgram(process.execPath, program, { CHROMIUM_PATH: chromiumPath });
}
