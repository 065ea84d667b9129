import { existsSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Not this file's own name: the compiler writes that one into the same folder. */
const BUNDLE_PATH = path.join(__dirname, 'bundled-workflows.js');
const WORKFLOWS_PATH = path.join(__dirname, '../workflows/index');

/** Where `build-workflow-bundle.ts` puts the bundle: beside the compiled workers. */
export function getBundlePath(): string {
  return BUNDLE_PATH;
}

/** Bundles the workflows' code as it stands. */
export async function bundleWorkflows(logger?: Logger): Promise<{ code: string }> {
  const extension = __filename.endsWith('.js') ? '.js' : '.ts';
  return bundleWorkflowCode({
    workflowsPath: `${WORKFLOWS_PATH}${extension}`,
    ...(logger ? { logger: quietly(logger) } : {}),
  });
}

/** The bundle that was built; in development one is made from the source. */
export async function getWorkflowBundle(
  isProduction: boolean,
  logger: Logger,
): Promise<WorkflowBundleOption> {
  if (existsSync(BUNDLE_PATH)) return { codePath: BUNDLE_PATH };
  if (isProduction) {
    throw new Error(`Expected the workflows' bundle at ${BUNDLE_PATH}: run \`npm run build\``);
  }
  return bundleWorkflows(logger);
}

/** The bundler speaks of every step; only its complaints matter. */
function quietly(logger: Logger): NonNullable<Parameters<typeof bundleWorkflowCode>[0]['logger']> {
  const ignore = (): void => undefined;
  return {
    log: ignore,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: (message) => logger.warn(message),
    error: (message) => logger.error(message),
  };
}
