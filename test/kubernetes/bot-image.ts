import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { findStackDir, ROOT } from '../../temporal-dev/folders';
import { libraryFolders } from '../../temporal-dev/tools/debian';
import { copyPrograms, writeImage } from './image';

/** A page on plain http counts as secure in this image's browser, as `localhost` does elsewhere. */
interface BotImageOptions {
  name: string;
  folder: string;
  busybox: string;
  secureOrigin: string;
}

/**
 * The bot with its browser as an image: the program by the same steps as the real image, Node and
 * Chromium as this machine has them. Returns the archive.
 */
export function writeBotImage({ name, folder, busybox, secureOrigin }: BotImageOptions): string {
  const root = fs.mkdtempSync(path.join(folder, 'bot-root-'));
  makeBase(root, busybox);
  installProgram(path.join(root, 'app'));
  installChromium(root, secureOrigin);
  const archive = writeImage(
    {
      name,
      root,
      environment: { NODE_ENV: 'production', BOT_CHROMIUM_PATH: '/usr/bin/chromium' },
      workingDirectory: '/app',
      command: ['node', '--enable-source-maps', 'dist/bot/src/main.js'],
    },
    folder,
  );
  fs.rmSync(root, { recursive: true });
  return archive;
}

/** A shell, Node, names of users, and nothing else. */
function makeBase(root: string, busybox: string): void {
  for (const name of ['usr/bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'run', 'spool']) {
    fs.mkdirSync(path.join(root, name), { recursive: true });
  }
  for (const [link, target] of [
    ['bin', 'usr/bin'],
    ['lib', 'usr/lib'],
    ['lib64', 'usr/lib64'],
  ] as const) {
    fs.mkdirSync(path.join(root, target), { recursive: true });
    fs.symlinkSync(target, path.join(root, link));
  }
  fs.copyFileSync(busybox, path.join(root, 'usr/bin/busybox'));
  for (const name of ['sh', 'sleep', 'cat', 'ls', 'env', 'id']) {
    fs.symlinkSync('busybox', path.join(root, 'usr/bin', name));
  }
  fs.writeFileSync(
    path.join(root, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\nbot:x:10001:10001::/tmp:/bin/sh\n',
  );
  fs.writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\nbot:x:10001:\n');
  fs.writeFileSync(path.join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  copyPrograms(root, [process.execPath]);
  if (process.execPath !== '/usr/bin/node') {
    fs.symlinkSync(process.execPath, path.join(root, 'usr/bin/node'));
  }
}

function installProgram(target: string): void {
  fs.mkdirSync(path.join(target, 'dist'), { recursive: true });
  execFileSync(
    'npx',
    ['tsc', '-p', 'bot/tsconfig.build.json', '--outDir', path.join(target, 'dist')],
    {
      cwd: ROOT,
    },
  );
  for (const file of ['package.json', 'package-lock.json']) {
    fs.copyFileSync(path.join(ROOT, file), path.join(target, file));
  }
  for (const workspace of ['bot', 'client', 'web']) {
    const from = path.join(ROOT, workspace, 'package.json');
    if (!fs.existsSync(from)) continue;
    fs.mkdirSync(path.join(target, workspace), { recursive: true });
    fs.copyFileSync(from, path.join(target, workspace, 'package.json'));
  }
  const options = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['ci', ...options, '--workspace=bot'], { cwd: target, stdio: 'ignore' });
}

/** Debian's, from the tools where it was unpacked, else from the system. */
function installChromium(root: string, secureOrigin: string): void {
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
