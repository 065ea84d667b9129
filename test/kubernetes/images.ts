import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { libraryFolders } from '../../temporal-dev/tools/debian';
import { copySources, runImageSteps, type ImageName } from '../images/run-steps';
import {
  addLibrariesOfModules,
  addNode,
  copyPrograms,
  makeBase,
  writeImage,
  type Image,
} from './image';

/*
 * Images from folders: the programs by the same steps as the real images, and around them Node, Chromium
 * and ffmpeg as this machine has them.
 */

/** As the chart names them with the registry `local`, for its own version. */
export const imageName = (name: ImageName | 'room'): string => `local/vexa-${name}:1.0.0`;

/** Clears away after itself but for the archives, which belong into `folder`. */
export class ImageMaker {
  private readonly source: string;

  constructor(
    private readonly folder: string,
    private readonly busybox: string,
  ) {
    this.source = path.join(folder, 'source');
    copySources(this.source);
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.source, 'node_modules'));
  }

  /** API and workers. */
  writeApp(ffmpeg: string): string {
    return this.write('app', ['node', 'dist/api/server.js'], (root) => {
      fs.copyFileSync(fs.realpathSync(ffmpeg), path.join(root, 'usr/bin/ffmpeg'));
      fs.chmodSync(path.join(root, 'usr/bin/ffmpeg'), 0o755);
      const target = path.join(root, 'app');
      runImageSteps({ name: 'app', source: this.source, target });
      addLibrariesOfModules(root, target);
    });
  }

  /** A page of plain http at `secureOrigin` counts as secure in its browser, as `localhost` does. */
  writeBot(secureOrigin: string): string {
    return this.write('bot', ['node', 'dist/bot/src/main.js'], (root) => {
      addChromium(root, secureOrigin);
      runImageSteps({ name: 'bot', source: this.source, target: path.join(root, 'app') });
    });
  }

  /** The practice room, whose pages meet at the address of its pod. */
  writeRoom(): string {
    return this.write('room', ['node', 'server.js'], (root) => {
      const from = path.join(this.source, 'temporal-dev/practice-room');
      buildSync({
        entryPoints: [path.join(from, 'server.ts')],
        outfile: path.join(root, 'app/server.js'),
        ...{ bundle: true, platform: 'node', logLevel: 'error' },
      });
      fs.cpSync(path.join(from, 'page'), path.join(root, 'app/page'), { recursive: true });
    });
  }

  private write(name: ImageName | 'room', command: string[], fill: (root: string) => void): string {
    const root = fs.mkdtempSync(path.join(this.folder, `${name}-root-`));
    makeBase(root, this.busybox);
    addNode(root);
    fill(root);
    const environment = { NODE_ENV: 'production', HOME: '/tmp', ...ENVIRONMENTS[name] };
    const image: Image = {
      ...{ name: imageName(name), root, environment, command, workingDirectory: '/app' },
    };
    const archive = writeImage(image, this.folder);
    fs.rmSync(root, { recursive: true });
    return archive;
  }
}

const ENVIRONMENTS: Partial<Record<string, Record<string, string>>> = {
  bot: { BOT_CHROMIUM_PATH: '/usr/bin/chromium' },
};

/** Debian's, from the tools where it was unpacked, else from the system. */
function addChromium(root: string, secureOrigin: string): void {
  const unpacked = path.join(findStackDir(process.env), 'tools/chromium');
  const isUnpacked = fs.existsSync(path.join(unpacked, 'usr/lib/chromium'));
  const base = isUnpacked ? fs.realpathSync(unpacked) : '/';
  const folders = isUnpacked ? libraryFolders(base) : ['/usr/lib/x86_64-linux-gnu/nss'];
  const program = path.join(base, 'usr/lib/chromium/chromium');
  const LD_LIBRARY_PATH = [path.dirname(program), ...folders].join(':');
  const target = path.join(root, 'usr/lib/chromium');
  execFileSync('cp', ['-a', path.join(base, 'usr/lib/chromium'), target]);
  fs.rmSync(path.join(target, 'locales'), { recursive: true, force: true });
  fs.cpSync(
    path.join(base, 'usr/lib/chromium/locales/en-US.pak'),
    path.join(target, 'locales/en-US.pak'),
  );
  copyPrograms(root, [program], { ...process.env, LD_LIBRARY_PATH });
  // loaded by name while it runs
  for (const each of folders.filter((folder) => fs.existsSync(folder))) {
    execFileSync('cp', ['-aL', `${each}/.`, makeFolder(path.join(root, each))]);
  }
  fs.cpSync('/usr/share/fonts', path.join(root, 'usr/share/fonts'), { recursive: true });
  const fonts = ['/etc/fonts', path.join(base, 'etc/fonts')].find((each) => fs.existsSync(each));
  if (fonts !== undefined) {
    const options = { recursive: true, dereference: true };
    fs.cpSync(fonts, path.join(root, 'etc/fonts'), options);
  }
  const script = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH=${LD_LIBRARY_PATH}`,
    `exec /usr/lib/chromium/chromium --unsafely-treat-insecure-origin-as-secure=${secureOrigin} "$@"`,
  ];
  fs.writeFileSync(path.join(root, 'usr/bin/chromium'), `${script.join('\n')}\n`, { mode: 0o755 });
}

function makeFolder(folder: string): string {
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}
