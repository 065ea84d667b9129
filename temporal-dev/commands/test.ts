import path from 'node:path';
import { findStackDir, ROOT } from '../folders';
import { say } from '../terminal';
import { prepareChromium } from '../tools/chromium';
import { preparePython } from '../tools/python';
import { UserError } from '../user-error';
import { runProgram } from './run-program';

/** `npm test`: gets what the tests need, runs Whisper's pytest, then jest with the given words. */
export async function test(args: string[]): Promise<number> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const python = await preparePython(tools, say);
  const chromiumPath = await prepareChromium(tools, process.env.CHROMIUM_PATH, say);
  if (!chromiumPath) {
    throw new UserError(
      'The tests need a Chromium and none could be found or fetched: install chromium, or set CHROMIUM_PATH.',
    );
  }
  if (args.length === 0) {
    const code = await runProgram(python.python, ['-m', 'pytest', '-q', 'whisper'], {});
    if (code !== 0) return code;
  }
  const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  return runProgram(process.execPath, [jest, ...args], { CHROMIUM_PATH: chromiumPath });
}
