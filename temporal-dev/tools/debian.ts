import fs from 'node:fs';
import path from 'node:path';
import { lastLines, runCommand, withProgress } from './run-command';

/**
 * Downloads Debian packages with all that this machine lacks for them and unpacks them into a
 * folder, without root and without touching the system. Returns false where there is no apt or the
 * packages cannot be had.
 */
export async function unpackDebianPackages(
  folder: string,
  packages: string[],
  log: (text: string) => void,
): Promise<boolean> {
  const stamp = path.join(folder, '.unpacked');
  if (fs.existsSync(stamp)) return true;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const apt = await makePrivateApt(folder);
  const plan = await runCommand('apt-get', [
    ...[...apt, '--simulate', '--no-install-recommends'],
    ...['install', ...packages],
  ]);
  const wanted = [...plan.output.matchAll(/^Inst (\S+)/gm)]
    .map((match) => match[1] as string)
    // the C library must be the one of the running system's loader
    .filter((name) => name !== 'libc6');
  if (plan.code !== 0 || wanted.length === 0) {
    log(`Debian packages: ${packages.join(', ')} cannot be had: ${lastLines(plan.output, 1)}`);
    return false;
  }
  log(`Debian packages: downloading ${wanted.length} for ${packages.join(', ')}`);
  const download = await withProgress('Debian packages: still downloading', log, () =>
    runCommand('apt-get', [...apt, 'download', ...wanted], { cwd: folder }),
  );
  if (download.code !== 0) {
    log(`Debian packages: not downloaded: ${lastLines(download.output, 1)}`);
    return false;
  }
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.deb'));
  for (const file of files) {
    const unpacked = await runCommand('dpkg-deb', ['-x', path.join(folder, file), folder]);
    if (unpacked.code !== 0) return false;
    fs.rmSync(path.join(folder, file));
  }
  fs.writeFileSync(stamp, packages.join('\n'));
  return true;
}

/** Package lists of its own, so that they are fresh and need no root; sources are the system's. */
async function makePrivateApt(folder: string): Promise<string[]> {
  const state = path.join(folder, 'apt');
  fs.mkdirSync(path.join(state, 'lists/partial'), { recursive: true });
  fs.mkdirSync(path.join(state, 'cache/archives/partial'), { recursive: true });
  const options = [
    ...['-o', `Dir::State::Lists=${state}/lists`],
    ...['-o', `Dir::Cache=${state}/cache`],
    ...['-o', 'APT::Sandbox::User=root', '-o', 'Debug::NoLocking=1'],
  ];
  await runCommand('apt-get', [...options, 'update']);
  return options;
}

/** Folders with shared libraries below an unpacked tree, for LD_LIBRARY_PATH. */
export function libraryFolders(folder: string): string[] {
  const found: string[] = [];
  for (const base of ['lib', 'usr/lib']) {
    const dir = path.join(folder, base);
    if (!fs.existsSync(dir)) continue;
    found.push(dir);
    for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
      if (entry.isDirectory() && entry.name.endsWith('-linux-gnu')) {
        found.push(path.join(dir, entry.name));
        for (const inner of fs.readdirSync(path.join(dir, entry.name), { withFileTypes: true })) {
          if (inner.isDirectory() && /^(pulseaudio|blas|lapack)$/.test(inner.name)) {
            found.push(path.join(dir, entry.name, inner.name));
          }
        }
      }
    }
  }
  return found;
}
