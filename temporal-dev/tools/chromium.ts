import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from '../folders';
import { libraryFolders, unpackDebianPackages } from './debian';
import { UserError } from '../user-error';
import { runCommand, withProgress } from './run-command';

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

export const NO_CHROMIUM =
  'no Chromium: bots cannot start. Install chromium, or set CHROMIUM_PATH to one, and start again.';

/**
 * Finds the bots' browser: the setting, the system's, Playwright's own, Debian's unpacked into the
 * tools. Fetches one, in that order, when there is none; undefined when that fails too.
 */
export async function prepareChromium(
  toolsDir: string,
  setting: string | undefined,
  log: (text: string) => void,
): Promise<string | undefined> {
  const unpacked = path.join(toolsDir, 'chromium');
  if (setting && !(await works(setting))) {
    throw new UserError(
      `CHROMIUM_PATH=${setting} does not start as a browser: set it to a Chromium or Chrome, or take the setting out.`,
    );
  }
  const candidates = [setting, ...findOnPath(), findPlaywrights(), path.join(unpacked, 'chromium')];
  for (const candidate of candidates) {
    if (candidate && fs.existsSync(candidate) && (await works(candidate))) return candidate;
  }
  log('Chromium: none found, fetching one');
  return (await fetchPlaywrights(log)) ?? (await fetchDebians(unpacked, log));
}

function findOnPath(): string[] {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
  return SYSTEM_NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
}

function findPlaywrights(): string {
  return chromium.executablePath();
}

async function works(executable: string): Promise<boolean> {
  const args = ['--headless', '--no-sandbox', '--version'];
  return (await runCommand(executable, args)).code === 0;
}

async function fetchPlaywrights(log: (text: string) => void): Promise<string | undefined> {
  const cli = path.join(ROOT, 'node_modules/playwright-core/cli.js');
  const result = await withProgress('Chromium: still downloading', log, () =>
    runCommand(process.execPath, [cli, 'install', '--no-shell', 'chromium']),
  );
  const executable = findPlaywrights();
  if (result.code === 0 && (await works(executable))) return executable;
  log('Chromium: Playwright has none that runs here');
  return undefined;
}

async function fetchDebians(
  folder: string,
  log: (text: string) => void,
): Promise<string | undefined> {
  const packages = ['chromium', 'fonts-dejavu-core'];
  if (!(await unpackDebianPackages(folder, packages, log))) return undefined;
  const wrapper = path.join(folder, 'chromium');
  const libraries = libraryFolders(folder).join(':');
  const fonts = path.join(folder, 'usr/share/fonts');
  const fontConfig = path.join(folder, 'fonts.conf');
  fs.writeFileSync(
    fontConfig,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/font-cache</cachedir></fontconfig>\n`,
  );
  fs.writeFileSync(
    wrapper,
    [
      '#!/bin/sh',
      `export LD_LIBRARY_PATH='${libraries}'`,
      `[ -f /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE='${fontConfig}'`,
      `exec '${folder}/usr/lib/chromium/chromium' "$@"`,
      '',
    ].join('\n'),
    { mode: 0o755 },
  );
  return (await works(wrapper)) ? wrapper : undefined;
}
