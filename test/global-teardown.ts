import fs from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  await globalThis.testStack?.stop();
  const dir = process.env.TEST_STACK_DIR;
  if (dir) fs.rmSync(dir, { recursive: true, force: true });
}
