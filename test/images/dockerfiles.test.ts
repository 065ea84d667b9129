import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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

interface Base {
  name: string;
  reference: string;
  digest: string;
}

function readBases(folder = IMAGES): Base[] {
  const lines = readFileSync(path.join(folder, 'bases'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [name = '', reference = '', digest = ''] = line.split(' ');
    return line === '' || line.startsWith('#') ? [] : [{ name, reference, digest }];
  });
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
  test('stands on bases that are listed, and on no others', () => {
    const listed = new Map(readBases().map(({ name: base, reference }) => [base, reference]));
    const given = new Map(
      argumentsOf(name, 'ARG').map((text) => text.split('=') as [string, string]),
    );
    for (const from of argumentsOf(name, 'FROM')) {
      const base = /^\$\{(\w+)\}( AS build)?$/.exec(from)?.[1] ?? '';
      expect(listed.get(base)).toBeDefined();
      expect(given.get(base)).toBe(listed.get(base));
    }
  });

  test('holds only what it runs: what builds it is left in a stage of its own', () => {
    const stages = argumentsOf(name, 'FROM').map((from) => / AS (\w+)$/.exec(from)?.[1]);
    expect(stages).toEqual(['build', undefined]);
    const last = readLines(name).join('\n').split('\nFROM ').at(-1) ?? '';
    expect(last).toMatch(/^COPY --from=build /m);
    expect(last).not.toMatch(/^RUN .*(steps\/|npm |pip )/m);
    expect(last).not.toMatch(/^COPY (?!--from=build )/m);
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

describe('the bases', () => {
  test('are of exact versions, with a digest or an honest blank', () => {
    for (const { reference, digest } of readBases()) {
      expect(reference).toMatch(/^docker\.io\/[\w/-]+:\d+\.\d+(\.\d+)?-[\w.-]+$/);
      expect(digest).toMatch(/^(-|sha256:[0-9a-f]{64})$/);
    }
  });

  test('include what the chart runs of others', () => {
    const { images } = parse(readFileSync(path.join(ROOT, 'helm/vexa/values.yaml'), 'utf8')) as {
      images: Record<string, { repository: string; tag: string }>;
    };
    const listed = new Map(readBases().map(({ name, reference }) => [name, reference]));
    for (const name of ['postgresql', 'redis']) {
      const image = images[name];
      expect(listed.get(name.toUpperCase())).toBe(`${image?.repository}:${image?.tag}`);
    }
  });
});

describe('images/build and images/pin', () => {
  const DIGEST = /sha256:[0-9a-f]{64}/;
  let folder: string;

  /** Programs that stand in for Docker and for a registry: each manifest is its reference's name. */
  const PROGRAMS = {
    docker: '#!/bin/sh\necho "$@" >> "$LOG"\n',
    skopeo: '#!/bin/sh\nprintf %s "$3${GENERATION:-}"\n',
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bases-'));
    cpSync(IMAGES, path.join(folder, 'images'), { recursive: true });
    const chart = 'helm/vexa/Chart.yaml';
    cpSync(path.join(ROOT, chart), path.join(folder, chart));
    for (const [name, script] of Object.entries(PROGRAMS)) {
      writeFileSync(path.join(folder, name), script);
      chmodSync(path.join(folder, name), 0o755);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(command: string, env: Record<string, string> = {}) {
    const [program = '', ...args] = command.split(' ');
    const { status, stdout, stderr } = spawnSync(path.join(folder, program), args, {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        LOG: path.join(folder, 'log'),
        BUILDER: path.join(folder, 'docker'),
        ...env,
      },
    });
    return { status, said: stdout + stderr };
  }
  const readLog = (): string => readFileSync(path.join(folder, 'log'), 'utf8');

  test('build by tag while no digest is known, but release nothing so', () => {
    const bases = readFileSync(path.join(folder, 'images/bases'), 'utf8');
    const blank = bases.replaceAll(new RegExp(DIGEST, 'g'), '-');
    writeFileSync(path.join(folder, 'images/bases'), blank);
    expect(run('images/build app whisper').status).toBe(0);
    const [app, whisper] = readLog().trim().split('\n');
    expect(app).toContain('--build-arg NODE=docker.io/library/node:');
    expect(app).toContain('--tag vexa-app:1.0.0 .');
    expect(whisper).toContain('--build-arg CUDA=docker.io/nvidia/cuda:');
    expect(whisper).not.toContain('NODE=');
    const refused = run('images/build --release web');
    expect(refused.status).not.toBe(0);
    expect(refused.said).toMatch(/whose digest is not known: run images\/pin/);
    expect(readLog()).not.toContain('vexa-web');
  });

  test('release on the digests that were written', () => {
    expect(run('images/pin').status).toBe(0);
    for (const { digest } of readBases(path.join(folder, 'images'))) {
      expect(digest).toMatch(DIGEST);
    }
    expect(run('images/pin --check')).toEqual({ status: 0, said: '' });
    expect(run('images/build --release').status).toBe(0);
    const lines = readLog().trim().split('\n');
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatch(/--build-arg \w+=docker\.io\/[\w/]+@sha256:[0-9a-f]{64} /);
      expect(line).not.toMatch(/=docker\.io\/[\w/]+:/);
    }
  });

  test('tell when a tag means another digest than was written, and write nothing then', () => {
    run('images/pin');
    const before = readFileSync(path.join(folder, 'images/bases'), 'utf8');
    const { status, said } = run('images/pin --check', { GENERATION: '2' });
    expect(status).toBe(1);
    expect(said).toMatch(
      /^NODE: docker\.io\/library\/node:\S+ means sha256:\w+, images\/bases has/,
    );
    expect(readFileSync(path.join(folder, 'images/bases'), 'utf8')).toBe(before);
  });
});
