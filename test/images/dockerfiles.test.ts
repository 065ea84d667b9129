import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../temporal-dev/folders';

const IMAGES = path.join(ROOT, 'images');
const NAMES = readdirSync(IMAGES).flatMap(
  (file) => /^(.+)\.Dockerfile$/.exec(file)?.slice(1, 2) ?? [],
);

function readLines(name: string): string[] {
  const text = readFileSync(path.join(IMAGES, `${name}.Dockerfile`), 'utf8');
  return text.replaceAll('\\\n', ' ').split('\n');
}

function argumentsOf(name: string, instruction: string): string[] {
  return readLines(name).flatMap((line) =>
    line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : [],
  );
}

test('there is an image for everything that the chart runs of ours', () => {
  const values = parse(readFileSync(path.join(ROOT, 'helm/vexa/values.yaml'), 'utf8')) as {
    images: Record<string, { repository: string } | string>;
  };
  const own = Object.values(values.images).flatMap((image) =>
    typeof image === 'object' && image.repository?.startsWith('vexa-') ? [image.repository] : [],
  );
  expect(NAMES.map((name) => `vexa-${name}`).sort()).toEqual(own.sort());
});

describe.each(NAMES)('the image %s', (name) => {
  test('stands on bases of exact versions', () => {
    const bases = argumentsOf(name, 'FROM').map((base) => base.split(' ')[0]);
    for (const base of bases) expect(base).toMatch(/^docker\.io\/[\w/-]+:\d+\.\d+\.\d+-[\w.-]+$/);
  });

  test('runs as the user that the chart runs it as, and never as root', () => {
    expect(argumentsOf(name, 'USER')).toEqual(['10001:10001']);
    expect(readLines(name).findLastIndex((line) => line.startsWith('USER '))).toBeGreaterThan(
      readLines(name).findLastIndex((line) => line.startsWith('RUN ')),
    );
  });

  test('is built by scripts that are there and that a shell can read', () => {
    const scripts = argumentsOf(name, 'RUN')
      .join(' ')
      .match(/\S*steps\/[\w.]+/g);
    for (const script of scripts ?? []) {
      expect(existsSync(path.join(IMAGES, 'steps', path.basename(script)))).toBe(true);
    }
    expect(scripts).not.toBeNull();
  });

  test('takes nothing secret in', () => {
    const text = readLines(name).join('\n');
    expect(text).not.toMatch(/(PASSWORD|TOKEN|SECRET|API_KEY)\s*=/);
  });
});

test('nothing of this machine gets into an image', () => {
  const ignored = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').split('\n');
  for (const name of ['.git', '.local', '**/node_modules', '.env', '**/dist']) {
    expect(ignored).toContain(name);
  }
});
