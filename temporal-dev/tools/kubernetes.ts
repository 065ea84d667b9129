import path from 'node:path';
import { ROOT } from '../folders';
import { prepareGoSource } from './go-source';

const VERSION = { major: '1', minor: '34', git: 'v1.34.4' };

/**
 * kube-apiserver, controller manager, scheduler, etcd, kubelet and kubectl in one program: about
 * eight minutes on two cores the first time.
 */
export async function prepareKubernetes(
  toolsDir: string,
  log: (text: string) => void,
): Promise<string> {
  const source = {
    title: 'Kubernetes',
    folder: path.join(ROOT, 'test/kubernetes/control-plane'),
    files: ['main.go', 'go.mod', 'go.sum'],
    name: 'kubernetes',
    duration: 'eight minutes or more',
    make: async (run: (...args: string[]) => Promise<string>, target: string): Promise<void> => {
      const flags = ['-trimpath', '-ldflags', listLinkerFlags()];
      await run('build', ...flags, '-o', path.join(target, 'k8s'), '.');
    },
  };
  return path.join(await prepareGoSource(source, { toolsDir, log }), 'k8s');
}

function listLinkerFlags(): string {
  const set = (name: string, value: string): string =>
    `-X k8s.io/component-base/version.${name}=${value}`;
  return [
    '-s -w',
    set('gitVersion', VERSION.git),
    set('gitMajor', VERSION.major),
    set('gitMinor', VERSION.minor),
  ].join(' ');
}
