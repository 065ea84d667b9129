import { spawn } from 'node:child_process';

export interface CommandResult {
  code: number | null;
  output: string;
}

/** Runs a command to its end and collects what it says; `code` is null when it could not start. */
export function runCommand(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (data: Buffer) => (output += data.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Says every ten seconds that a long step still goes on, and for how long. */
export async function withProgress<Result>(
  text: string,
  log: (text: string) => void,
  step: () => Promise<Result>,
): Promise<Result> {
  const startedAt = Date.now();
  const timer = setInterval(() => {
    log(`${text} (${Math.round((Date.now() - startedAt) / 1000)} s)`);
  }, 10_000);
  try {
    return await step();
  } finally {
    clearInterval(timer);
  }
}

/** The last lines of what a command said, for an error message. */
export function lastLines(output: string, count = 5): string {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}
