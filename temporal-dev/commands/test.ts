import path from 'node:path';
import { findStackDir, ROOT } from '../folders';
import { say } from '../terminal';
import { prepareChromium } from '../tools/chromium';
import { prepareHelm } from '../tools/helm';
import { prepareKubernetes } from '../tools/kubernetes';
import { prepareLivekit } from '../tools/livekit';
import { prepareOperators } from '../tools/operators';
import { preparePython } from '../tools/python';
import { prepareWeb } from '../tools/web';
import { UserError } from '../user-error';
import { runProgram } from './run-program';

const E2E = 'test/e2e/';
const KUBERNETES = 'test/(kubernetes|helm)/';
const FULL = '\\.full\\.test\\.ts$';
const ignore = (...paths: string[]): string[] => [
  '--testPathIgnorePatterns',
  '/node_modules/',
  '/dist/',
  '/.local/',
  ...paths,
];

/**
 * `npm test`: gets what the tests need, runs Whisper's pytest, then jest with the given words.
 * With `--full`, or where one is named, the long tests run as well; with `--kubernetes` those of the
 * cluster alone, all of them.
 */
export async function test(args: string[]): Promise<number> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const python = await preparePython(tools, say);
  const chromiumPath = await prepareChromium(tools, process.env.CHROMIUM_PATH, say);
  if (!chromiumPath) {
    throw new UserError(
      'The tests need a Chromium and none could be found or fetched: install chromium, or set CHROMIUM_PATH.',
    );
  }
  const runJest = (words: string[]): Promise<number> => {
    const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
    return runProgram(process.execPath, [jest, ...words], { CHROMIUM_PATH: chromiumPath });
  };
  if (args.includes('--kubernetes')) return runJest(['--runInBand', KUBERNETES, ...ignore()]);
  const isFull = args.includes('--full');
  const words = args.filter((word) => word !== '--full');
  // a test's own time is not for building the page
  if (words.some((word) => word.includes('e2e'))) await prepareWeb(tools, say);
  if (words.some((word) => word.includes('full'))) return runJest([...words, ...ignore()]);
  if (words.length > 0) return runJest(words);
  const pytest = await runProgram(python.python, ['-m', 'pytest', '-q', 'whisper'], {});
  if (pytest !== 0) return pytest;
  await prepareLivekit(tools, say);
  await prepareHelm(tools, say);
  await prepareKubernetes(tools, say);
  await prepareOperators(tools, say);
  const parallel = await runJest(ignore(E2E, FULL));
  await prepareWeb(tools, say);
  // each holds a meeting with several browsers on this machine: nothing else beside it
  const whole = await runJest(['--runInBand', E2E]);
  // one run tells of everything that fails
  if (parallel !== 0 || whole !== 0 || !isFull) return parallel || whole;
  return runJest(['--runInBand', FULL, ...ignore()]);
}
