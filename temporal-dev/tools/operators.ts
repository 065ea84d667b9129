import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../folders';
import { prepareGoSource, type RunGo } from './go-source';

/** What judges objects of other people's operators as those operators would. */
export interface Operators {
  /** Definitions of their kinds, as the API server takes them. */
  kinds: string[];
  /** Reads alert rules with Prometheus' own parser and engine: test/helm/operators/main.go. */
  rules: string;
}

const MONITORING = 'github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1';
const KEDA = 'github.com/kedacore/keda/v2';
const MONITORING_KINDS = ['prometheusrules', 'servicemonitors'].map(
  (kind) => `monitoring.coreos.com_${kind}.yaml`,
);
const KEDA_KINDS = ['scaledobjects', 'triggerauthentications'].map(
  (kind) => `keda.sh_${kind}.yaml`,
);

/** The kinds of the Prometheus Operator and of KEDA, and Prometheus' rules: two minutes the first time. */
export async function prepareOperators(
  toolsDir: string,
  log: (text: string) => void,
): Promise<Operators> {
  const source = {
    title: 'Kinds of Prometheus and KEDA',
    folder: path.join(ROOT, 'test/helm/operators'),
    files: ['main.go', 'kinds.go', 'go.mod', 'go.sum'],
    name: 'operators',
    duration: 'some minutes',
    make,
  };
  const folder = await prepareGoSource(source, { toolsDir, log });
  return {
    kinds: [...MONITORING_KINDS, ...KEDA_KINDS].map((file) => path.join(folder, file)),
    rules: path.join(folder, 'rules'),
  };
}

async function make(run: RunGo, target: string): Promise<void> {
  await run('build', '-trimpath', '-ldflags', '-s -w', '-o', path.join(target, 'rules'), '.');
  // made from the operator's types by the generator that its own definitions come from
  const all = path.join(target, 'all');
  await run('tool', 'controller-gen', 'crd', `paths=${MONITORING}`, `output:crd:dir=${all}`);
  // nothing imports it, so nothing has fetched it
  await run('mod', 'download', KEDA);
  const module = (await run('list', '-m', '-f', '{{.Dir}}', KEDA)).trim();
  const bases = path.join(module, 'config/crd/bases');
  for (const file of MONITORING_KINDS)
    fs.copyFileSync(path.join(all, file), path.join(target, file));
  for (const file of KEDA_KINDS) fs.copyFileSync(path.join(bases, file), path.join(target, file));
  fs.rmSync(all, { recursive: true });
}
