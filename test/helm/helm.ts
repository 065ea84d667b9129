import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { prepareHelm } from '../../temporal-dev/tools/helm';
import { runCommand, type CommandResult } from '../../temporal-dev/tools/run-command';
import type { KubeObject } from './objects';

export const CHART = path.join(ROOT, 'helm/vexa');
const CI = path.join(CHART, 'ci');
/** How long the first use may take: Helm is built then. */
export const HELM_BUILD_MS = 15 * 60_000;
const RELEASE = 'vexa';
const NAMESPACE = 'vexa';

/** The value sets that are shown and tested, by name. */
export const VALUE_SETS = readdirSync(CI).map((file) => file.replace('-values.yaml', ''));

export function valuesFile(set: string): string {
  return path.join(CI, `${set}-values.yaml`);
}

/** Built by `go install`, Helm takes a cluster that it cannot ask for 1.20. */
export const KUBE_VERSION = ['--kube-version', '1.34.0'];

/** Runs Helm, which is built on first use. */
export async function helm(args: string[]): Promise<CommandResult> {
  const tools = path.join(findStackDir(process.env), 'tools');
  const program = await prepareHelm(tools, (text) => process.stderr.write(`${text}\n`));
  return runCommand(program, args);
}

/** What the chart makes of a value set, and of `--set` arguments. */
export async function render(set: string, sets: string[] = []): Promise<KubeObject[]> {
  const { code, output } = await helm([
    ...['template', RELEASE, CHART, '--namespace', NAMESPACE, '--values', valuesFile(set)],
    ...[...sets.flatMap((each) => ['--set-json', each]), ...KUBE_VERSION],
  ]);
  if (code !== 0) throw new Error(`helm template ${set} failed:\n${output}`);
  return parseAllDocuments(output)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** Renders every value set once for a test file, to be looked up by its name. */
export function useRendered(): (set: string) => KubeObject[] {
  const rendered = new Map<string, KubeObject[]>();
  beforeAll(async () => {
    for (const set of VALUE_SETS) rendered.set(set, await render(set));
  }, HELM_BUILD_MS);
  return (set) => {
    const objects = rendered.get(set);
    if (!objects) throw new Error(`Expected the value set ${set}`);
    return objects;
  };
}
