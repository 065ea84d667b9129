import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { ROOT } from '../folders';
import { UserError } from '../user-error';
import { takeTurn } from './turn';

/** What the page is made of, beside the packages. */
const SOURCES = ['web', 'client/src', 'domain', 'package-lock.json'];
/** What the build writes among the sources itself, and what it does not read. */
const NO_SOURCES =
  /^(?:node_modules|\.next|\.gitignore|next-env\.d\.ts)$|\.tsbuildinfo$|\.test\.ts$|\.md$/;
/** Of earlier ones, some stay for those who go back and forth. */
const KEPT_BUILDS = 3;
/** Whoever was given a build starts its server within this time. */
const FRESH_MS = 3_600_000;

/** Folder of the built page, made by `next build` unless one of the same sources is there. */
export async function prepareWeb(tools: string, log: (text: string) => void): Promise<string> {
  const builds = path.join(tools, 'web');
  const known = findBuild(builds);
  if (known !== null) return known;
  fs.mkdirSync(builds, { recursive: true });
  return takeTurn(
    builds,
    async () => findBuild(builds) ?? makeBuild(builds, log),
    () => log('web: waiting for another build of the page'),
  );
}

/** A build of the sources as they are now; whoever is given it has an hour to start it. */
function findBuild(builds: string): string | null {
  const target = path.join(builds, hashSources(ROOT));
  if (!fs.existsSync(target)) return null;
  fs.utimesSync(target, new Date(), new Date());
  return target;
}

async function makeBuild(builds: string, log: (text: string) => void): Promise<string> {
  log('web: building the page, half a minute after each change of it');
  for (;;) {
    const hash = hashSources(ROOT);
    await build();
    // somebody who types on meanwhile gets what is of one piece
    if (hashSources(ROOT) !== hash) continue;
    const target = path.join(builds, hash);
    keep(target);
    removeOldBuilds(builds);
    return target;
  }
}

/** Changes with whatever the page is made of, and with nothing else. */
export function hashSources(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const source of SOURCES) addToHash(hash, root, path.join(root, source));
  return hash.digest('hex').slice(0, 20);
}

function addToHash(hash: ReturnType<typeof createHash>, root: string, file: string): void {
  if (!fs.statSync(file).isDirectory()) {
    hash.update(path.relative(root, file)).update(fs.readFileSync(file));
    return;
  }
  for (const name of fs.readdirSync(file).sort()) {
    if (!NO_SOURCES.test(name)) addToHash(hash, root, path.join(file, name));
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

/** Removes all but the newest builds. One that a server runs from stays, and one just given out. */
export function removeOldBuilds(builds: string, now = Date.now()): void {
  const byAge = fs
    .readdirSync(builds)
    .map((name) => {
      const folder = path.join(builds, name);
      return { folder, usedAt: fs.statSync(folder).mtimeMs };
    })
    .sort((a, b) => b.usedAt - a.usedAt);
  const used = listWorkingFolders();
  for (const { folder, usedAt } of byAge.slice(KEPT_BUILDS)) {
    const isInUse = used.some((each) => each.startsWith(`${fs.realpathSync(folder)}/`));
    if (isInUse || now - usedAt < FRESH_MS) continue;
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the processes of this machine work: a page's server in its build. */
function listWorkingFolders(): string[] {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [fs.readlinkSync(`/proc/${pid}/cwd`)];
    } catch {
      // it ended meanwhile, or is somebody else's
      return [];
    }
  });
}
