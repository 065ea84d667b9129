import { runProgram } from './run-program';

/** `npm run bench -- pipeline`: on a stack of its own, so that nothing else is measured. */
export function bench(args: string[]): Promise<number> {
  return runProgram(process.execPath, ['--import', 'tsx', 'test/bench/main.ts', ...args], {});
}
