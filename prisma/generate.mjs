// Makes the Prisma client in infra/generated/prisma, without network, when its inputs changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const output = path.join(root, 'infra/generated/prisma');
const stamp = path.join(root, 'infra/generated/prisma.stamp');
const require = createRequire(import.meta.url);

function hashInputs() {
  const hash = createHash('sha256');
  hash.update(fs.readFileSync(path.join(root, 'prisma/schema.prisma')));
  hash.update(require('prisma/package.json').version);
  return hash.digest('hex');
}

/** Returns whether it generated; throws with Prisma's own words when that failed. */
export function generatePrismaClient() {
  const wanted = hashInputs();
  const made = fs.existsSync(output) && fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8');
  if (made === wanted) return false;
  const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js');
  const result = spawnSync(process.execPath, [cli, 'generate'], {
    cwd: root,
    encoding: 'utf8',
    // CHECKPOINT_DISABLE: no look for newer versions, which would wait for the network
    env: { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  if (result.status !== 0) {
    throw new Error(`\`prisma generate\` failed:\n${result.stdout ?? ''}${result.stderr ?? ''}`);
  }
  fs.writeFileSync(stamp, wanted);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(generatePrismaClient() ? 'Prisma client generated.\n' : '');
}
