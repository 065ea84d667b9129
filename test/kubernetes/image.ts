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

function listLibraries(program: string, environment: NodeJS.ProcessEnv): string[] {
  const output = execFileSync('ldd', [program], { encoding: 'utf8', env: environment });
  return [...output.matchAll(/(\/\S+) \(0x/g)].flatMap(([, file]) => file ?? []);
}

function copyFile(from: string, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  // what is a link here is a file there: its target may lie elsewhere
  fs.copyFileSync(fs.realpathSync(from), to);
}
