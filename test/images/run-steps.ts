import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../temporal-dev/folders';

export type ImageName = 'app' | 'bot' | 'web' | 'whisper';

/** What git knows but for what .dockerignore leaves out. */
export function copySources(target: string): void {
  const left = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\n').filter(Boolean)) {
    if (left.some((name) => file === name || file.startsWith(`${name}/`))) continue;
    if (existsSync(path.join(ROOT, file))) cpSync(path.join(ROOT, file), path.join(target, file));
  }
}

/** Runs an image's steps as its Dockerfile does, without any engine; returns `target`. */
export function runImageSteps(
  { name, source, target }: { name: ImageName; source: string; target: string },
  ...more: string[]
): string {
  const from = name === 'whisper' ? path.join(source, 'whisper') : source;
  execFileSync('sh', [path.join(source, `images/steps/${name}.sh`), from, target, ...more], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // the packages that building needs are the same for all
    env: { ...process.env, KEEP_PACKAGES: '1', NODE_ENV: '' },
  });
  return target;
}
