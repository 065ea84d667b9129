import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { ROOT } from '../folders';
import { UserError } from '../user-error';

/** What the page is made of, beside the packages. */
const SOURCES = ['web', 'client/src', 'domain', 'package-lock.json'];
const NO_SOURCES = /^(?:node_modules|\.next|\.gitignore)$|\.test\.ts$/;
/** Of earlier ones, some stay for those who go back and forth. */
const KEPT_BUILDS = 3;

/** Folder of the built page, made by `next build` unless one of the same sources is there. */
export async function prepareWeb(tools: string, log: (text: string) => void): Promise<string> {
  const builds = path.join(tools, 'web');
  const target = path.join(builds, hashSources());
  if (fs.existsSync(target)) {
    fs.utimesSync(target, new Date(), new Date());
    return target;
  }
  log('web: building the page, half a minute after each change of it');
  await build();
  keep(target);
  removeOld(builds);
  return target;
}

function hashSources(): string {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) addToHash(hash, path.join(ROOT, source));
  return hash.digest('hex').slice(0, 20);
}

function addToHash(hash: ReturnType<typeof createHash>, file: string): void {
  if (!fs.statSync(file).isDirectory()) {
    hash.update(path.relative(ROOT, file)).update(fs.readFileSync(file));
    return;
  }
  for (const name of fs.readdirSync(file).sort()) {
    if (!NO_SOURCES.test(name)) addToHash(hash, path.join(file, name));
  }
}

function build(): Promise<void> {
  const next = path.join(ROOT, 'node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'build'], {
    cwd: path.join(ROOT, 'web'),
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (said += text.toString()));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new UserError(`The page could not be built:\n${said.slice(-4_000)}`));
    });
  });
}

/** The standalone server with what it serves, complete once it has its name. */
function keep(target: string): void {
  const made = path.join(ROOT, 'web/.next');
  const unfinished = `${target}.${process.pid}`;
  fs.cpSync(path.join(made, 'standalone'), unfinished, { recursive: true, verbatimSymlinks: true });
  fs.cpSync(path.join(made, 'static'), path.join(unfinished, 'web/.next/static'), {
    recursive: true,
  });
  if (fs.existsSync(target)) fs.rmSync(unfinished, { recursive: true });
  else fs.renameSync(unfinished, target);
}

function removeOld(builds: string): void {
  const byAge = fs
    .readdirSync(builds)
    .map((name) => path.join(builds, name))
    .sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);
  for (const old of byAge.slice(KEPT_BUILDS)) fs.rmSync(old, { recursive: true, force: true });
}
