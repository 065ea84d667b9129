// Entry of `npm start`, `npm test` and the others. Runs on a fresh clone, so it uses Node alone:
// installs the npm packages, makes the Prisma and the API client, then hands over to main.ts in
// this process.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = [20, 19];

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
  } catch {
    return undefined;
  }
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isOldEnough =
    major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (!isOldEnough) {
    fail(`Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}.`);
  }
}

/** Compared by content: the times of the two files say nothing after a copy or a checkout. */
function arePackagesInstalled() {
  const wanted = readJson('package-lock.json')?.packages;
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([where, { version, optional, link }]) => {
    if (!where.includes('node_modules/') || optional || link) return true;
    return installed[where]?.version === version;
  });
}

function installPackages() {
  process.stdout.write('npm packages: installing, a few minutes on the first start\n');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: 'inherit',
    // Prisma's packages would download an engine that prisma/schema-engine.mjs replaces
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: path.join(root, 'prisma/schema-engine.mjs'),
      PRISMA_SKIP_POSTINSTALL_GENERATE: '1',
    },
  });
  if (result.error) fail(`npm could not be started (${result.error.message}): install npm.`);
  if (result.status !== 0) fail('The npm packages could not be installed; npm says why above.');
}

checkNode();
process.chdir(root);
try {
  if (!arePackagesInstalled()) installPackages();
  const { generatePrismaClient } = await import('../prisma/generate.mjs');
  if (generatePrismaClient()) process.stdout.write('Prisma client: made from the schema\n');
  const { buildClient } = await import('../client/build.mjs');
  if (buildClient()) process.stdout.write('API client: built\n');
} catch (error) {
  fail(
    error.code === 'ENOSPC'
      ? `No room on the disk of ${root}: free some and try again.`
      : error.message,
  );
}
const { register } = await import('tsx/cjs/api');
register();
createRequire(import.meta.url)('./main.ts');
