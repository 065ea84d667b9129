import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../user-error';
import { lastLines, runCommand } from './run-command';

/** What Clerk's own network serves to pages, as npm carries it. Licence: MIT. */
const PACKAGES = { js: '@clerk/clerk-js@6.40.0', ui: '@clerk/ui@1.36.0' } as const;

export type ClerkPackages = Record<keyof typeof PACKAGES, string>;

/** Folders of Clerk's scripts for pages, fetched once. No dependencies: the scripts are whole. */
export async function prepareClerkScripts(toolsDir: string): Promise<ClerkPackages> {
  const [js, ui] = [await prepare(toolsDir, PACKAGES.js), await prepare(toolsDir, PACKAGES.ui)];
  return { js, ui };
}

async function prepare(toolsDir: string, name: string): Promise<string> {
  const target = path.join(toolsDir, name.replace(/^@clerk\//, 'clerk-'));
  if (fs.existsSync(target)) return target;
  fs.mkdirSync(toolsDir, { recursive: true });
  const folder = fs.mkdtempSync(path.join(toolsDir, 'clerk-'));
  try {
    const packed = await runCommand('npm', [
      'pack',
      name,
      '--silent',
      '--pack-destination',
      folder,
    ]);
    const [archive] = fs.readdirSync(folder);
    const unpacked =
      packed.code === 0 && archive !== undefined
        ? await runCommand('tar', ['-xzf', path.join(folder, archive), '-C', folder])
        : packed;
    if (unpacked.code !== 0) {
      throw new UserError(
        `${name} could not be fetched; check the network. npm says:\n${lastLines(unpacked.output)}`,
      );
    }
    // whoever fetched it at the same time has the same files
    if (!fs.existsSync(target)) fs.renameSync(path.join(folder, 'package'), target);
    return target;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
