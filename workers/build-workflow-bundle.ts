import { writeFile } from 'node:fs/promises';
import { logger } from '../infra/logger';
import { bundleWorkflows, getBundlePath } from './workflow-bundle';

async function main(): Promise<void> {
  const { code } = await bundleWorkflows(logger);
  await writeFile(getBundlePath(), code);
  logger.info({ path: getBundlePath(), sizeBytes: code.length }, 'workflows bundled');
}

void main();
