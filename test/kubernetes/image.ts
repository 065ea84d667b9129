import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** An image as containers have it, made from a folder without any engine. */
export interface Image {
  /** Name and tag, as a pod asks for it. */
  name: string;
  /** The folder that becomes its root. */
  root: string;
  environment?: Record<string, string>;
  workingDirectory?: string;
  command: string[];
}

/** Writes an archive of one layer, as `docker save` would; everything in it belongs to root. */
export function writeImage(image: Image, folder: string): string {
  const build = fs.mkdtempSync(path.join(folder, 'image-'));
  const layer = path.join(build, 'layer.tar');
  tar(layer, image.root, ['.']);
  const diffId = hashFile(layer);
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Cmd: image.command,
      Env: Object.entries({ PATH: '/usr/bin:/bin', ...image.environment }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      WorkingDir: image.workingDirectory ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${diffId}`] },
    history: [{ created_by: 'a folder' }],
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  fs.writeFileSync(path.join(build, configName), config);
  const manifest = [{ Config: configName, RepoTags: [image.name], Layers: ['layer.tar'] }];
  fs.writeFileSync(path.join(build, 'manifest.json'), JSON.stringify(manifest));
  const archive = `${build}.tar`;
  tar(archive, build, ['manifest.json', configName, 'layer.tar']);
  fs.rmSync(build, { recursive: true });
  return archive;
}

function tar(archive: string, folder: string, names: string[]): void {
  const owner = ['--numeric-owner', '--owner=0', '--group=0'];
  execFileSync('tar', [...owner, '-C', folder, '-cf', archive, ...names]);
}

function hashFile(file: string): string {
  return execFileSync('sha256sum', [file], { encoding: 'utf8' }).slice(0, 64);
}

/** A shell with what scripts use, names of users, and nothing else. */
export function makeBase(root: string, busybox: string): void {
  for (const name of ['usr/bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'run', 'var']) {
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
  for (const name of BUSYBOX_NAMES) fs.symlinkSync('busybox', path.join(root, 'usr/bin', name));
  fs.writeFileSync(
    path.join(root, 'etc/passwd'),
    [
      'root:x:0:0::/root:/bin/sh',
      'data:x:999:999::/tmp:/bin/sh',
      'app:x:10001:10001::/tmp:/bin/sh\n',
    ].join('\n'),
  );
  fs.writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\ndata:x:999:\napp:x:10001:\n');
  fs.writeFileSync(path.join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
}

const BUSYBOX_NAMES = [
  ...['sh', 'sleep', 'cat', 'ls', 'env', 'id', 'sed', 'grep', 'mkdir', 'wget', 'nc', 'nslookup'],
  ...['kill', 'printf'],
];

/** Node as this machine has it, found under its usual name. */
export function addNode(root: string): void {
  copyPrograms(root, [process.execPath]);
  if (process.execPath !== '/usr/bin/node') {
    fs.symlinkSync(process.execPath, path.join(root, 'usr/bin/node'));
  }
}

/** Copies files of this machine to the same place below `root`, with the libraries they need. */
export function copyPrograms(
  root: string,
  programs: string[],
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const needed = new Set<string>();
  for (const program of programs) {
    needed.add(program);
    for (const library of listLibraries(program, environment)) needed.add(library);
  }
  for (const file of needed) copyFile(file, path.join(root, file));
}

/** What native modules below a folder of `root` need: they are loaded by name while it runs. */
export function addLibrariesOfModules(root: string, folder: string): void {
  const found = execFileSync('find', [folder, '-name', '*.node'], { encoding: 'utf8' });
  for (const file of found.split('\n').filter(Boolean)) {
    for (const library of listLibraries(file, process.env)) {
      copyFile(library, path.join(root, library));
    }
  }
}

function listLibraries(program: string, environment: NodeJS.ProcessEnv): string[] {
  const output = execFileSync('ldd', [program], { encoding: 'utf8', env: environment });
  return [...output.matchAll(/(\/\S+) \(0x/g)].flatMap(([, file]) => file ?? []);
}

function copyFile(from: string, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  // what is a link here is a file there: its target may lie elsewhere
  fs.copyFileSync(fs.realpathSync(from), to);
}
