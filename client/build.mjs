// Builds the package into client/dist, when what it is made from changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));
const output = path.join(folder, 'dist');
const stamp = path.join(output, '.stamp');
const require = createRequire(import.meta.url);

function hashInputs() {
  const hash = createHash('sha256');
  const inputs = ['src/index.ts', 'src/schema.ts', 'tsconfig.json', '../tsconfig.json'];
  for (const input of inputs) hash.update(fs.readFileSync(path.join(folder, input)));
  hash.update(require('typescript/package.json').version);
  return hash.digest('hex');
}

/** Returns whether it built; throws with the compiler's own words when that failed. */
export function buildClient() {
  const wanted = hashInputs();
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return false;
  fs.rmSync(output, { recursive: true, force: true });
  const compiler = require.resolve('typescript/bin/tsc');
  const result = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
  if (result.status !== 0) {
    throw new Error(`The client could not be built:\n${result.stdout ?? ''}${result.stderr ?? ''}`);
  }
  fs.writeFileSync(stamp, wanted);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(buildClient() ? 'Client built.\n' : '');
}
