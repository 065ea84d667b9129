import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../folders';
import { UserError } from '../user-error';
import { prepareGo } from './go-program';
import { lastLines, runCommand, withProgress } from './run-command';

const SOURCE = path.join(ROOT, 'test/kubernetes/control-plane');
const VERSION = { major: '1', minor: '34', git: 'v1.34.4' };

/**
 * kube-apiserver, controller manager, scheduler, etcd, kubelet and kubectl in one program, built
 * from their Go modules because no registry carries them ready-made: about eight minutes on two
 * cores the first time. Kept under the hash of its source: what it is made of decides what it is.
 */
export async function prepareKubernetes(
  toolsDir: string,
  log: (text: string) => void,
): Promise<string> {
  const target = path.join(toolsDir, `kubernetes-${hashSource()}`);
  const executable = path.join(target, 'k8s');
  if (fs.existsSync(executable)) return executable;
  fs.mkdirSync(toolsDir, { recursive: true });
  const folder = fs.mkdtempSync(path.join(toolsDir, 'kubernetes-build-'));
  try {
    const go = await prepareGo(folder, { toolsDir, log });
    log('Kubernetes: building a control plane, eight minutes or more the first time');
    await withProgress('Kubernetes: still building', log, () => build(go, folder));
    fs.mkdirSync(target, { recursive: true });
    // Whoever built it at the same time has made the same file: builds are reproducible.
    fs.renameSync(path.join(folder, 'k8s'), executable);
    return executable;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function hashSource(): string {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum']) {
    hash.update(fs.readFileSync(path.join(SOURCE, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** With the machine's own caches where it has Go, so that a second build takes seconds. */
async function build(go: string, folder: string): Promise<void> {
  const set = (name: string, value: string): string =>
    `-X k8s.io/component-base/version.${name}=${value}`;
  const flags = [
    '-s -w',
    set('gitVersion', VERSION.git),
    set('gitMajor', VERSION.major),
    set('gitMinor', VERSION.minor),
  ].join(' ');
  const own = {
    GOPATH: path.join(folder, 'path'),
    GOCACHE: path.join(folder, 'cache'),
    GOFLAGS: '-modcacherw',
  };
  const { code, output } = await runCommand(
    go,
    ['build', '-trimpath', '-ldflags', flags, '-o', path.join(folder, 'k8s'), '.'],
    {
      cwd: SOURCE,
      env: { ...process.env, ...(go !== 'go' && own), CGO_ENABLED: '0', GOTOOLCHAIN: 'local' },
    },
  );
  if (code === 0) return;
  throw new UserError(
    `The Kubernetes control plane could not be built; check the network and the disk. Go says:\n${lastLines(output)}`,
  );
}
