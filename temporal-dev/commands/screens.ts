import path from 'node:path';
import { findStackDir } from '../folders';
import { say } from '../terminal';
import { NO_CHROMIUM, prepareChromium } from '../tools/chromium';
import { UserError } from '../user-error';
import { runProgram } from './run-program';

/** `npm run screens`: takes the pictures of docs/screens anew, on a stack of its own. */
export async function screens(): Promise<number> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const chromiumPath = await prepareChromium(tools, process.env.CHROMIUM_PATH, say);
  if (!chromiumPath) throw new UserError(NO_CHROMIUM);
  const program = ['--import', 'tsx', 'test/web/screens.ts'];
  return runProgram(process.execPath, program, { CHROMIUM_PATH: chromiumPath });
}
