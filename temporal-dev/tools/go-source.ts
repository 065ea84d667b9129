import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../user-error';
import { prepareGo } from './go-program';
import { lastLines, runCommand, withProgress } from './run-command';

/** Programs and files that are made from Go modules, because no registry carries them ready-made. */
export interface GoSource {
  /** As people call it. */
  title: string;
  /** The folder with its go.mod. */
  folder: string;
  /** What decides what comes out, in that folder. */
  files: string[];
  /** The folder it becomes, to which the hash of the files is added. */
  name: string;
  /** How long it takes the first time, for people. */
  duration: string;
  /** Runs Go's commands in the folder with the source; what belongs into `target` is written there. */
  make(run: RunGo, target: string): Promise<void>;
}
/** Runs Go; what it prints is returned, and a failure is thrown with its last lines. */
export type RunGo = (...args: string[]) => Promise<string>;

/** Where its files are; they are made the first time, and again when the source has changed. */
export async function prepareGoSource(
  source: GoSource,
  { toolsDir, log }: { toolsDir: string; log: (text: string) => void },
): Promise<string> {
  const target = path.join(toolsDir, `${source.name}-${hashFiles(source)}`);
  if (fs.existsSync(target)) return target;
  fs.mkdirSync(toolsDir, { recursive: true });
  const folder = fs.mkdtempSync(path.join(toolsDir, `${source.name}-build-`));
  try {
    const go = await prepareGo(folder, { toolsDir, log });
    log(`${source.title}: building it, ${source.duration} the first time`);
    const made = path.join(folder, 'made');
    fs.mkdirSync(made);
    const run = makeRunner(source, { go, folder });
    await withProgress(`${source.title}: still building`, log, () => source.make(run, made));
    // Whoever built it at the same time has made the same files: builds are reproducible.
    if (!fs.existsSync(target)) fs.renameSync(made, target);
    return target;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function hashFiles({ folder, files }: GoSource): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fs.readFileSync(path.join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}

/** With the machine's own caches where it has Go, so that a second build takes seconds. */
function makeRunner(source: GoSource, { go, folder }: { go: string; folder: string }): RunGo {
  const own = {
    GOPATH: path.join(folder, 'path'),
    GOCACHE: path.join(folder, 'cache'),
    GOFLAGS: '-modcacherw',
  };
  const env = { ...process.env, ...(go !== 'go' && own), CGO_ENABLED: '0', GOTOOLCHAIN: 'local' };
  return async (...args) => {
    const { code, output } = await runCommand(go, args, { cwd: source.folder, env });
    if (code === 0) return output;
    throw new UserError(
      `${source.title} could not be built; check the network and the disk. Go says:\n${lastLines(output)}`,
    );
  };
}
