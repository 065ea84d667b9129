import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProcessEnd, ProcessSpec } from './managed-process';
import { Part, type PartSpec } from './part';
import { identify, isAlive, type ProcessIdentity } from './proc';

describe('Part', () => {
  let dir: string;
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(tmpdir(), 'part-'));
  });
  afterEach(() => {
    fs.rmSync(dir, { recursive: true });
  });

  const inDir = (name: string): string => path.join(dir, name);

  /** A part whose program is a shell script that says it is ready by making a file. */
  function makePart(script: string, spec: Partial<PartSpec & ProcessSpec> = {}): Part {
    const launch = async (): Promise<ProcessSpec> => ({
      command: 'sh',
      args: ['-c', script],
      env: { PATH: process.env.PATH },
      cwd: dir,
      graceMs: spec.graceMs ?? 5_000,
    });
    const base = { name: 'redis', purpose: 'a test', address: 'here', launch } as const;
    const isReady = async (): Promise<boolean> => fs.existsSync(inDir('ready'));
    return new Part({ ...base, isReady, ...spec }, { logs: inDir('logs'), run: inDir('run') });
  }

  test('start fails with the log’s path and last lines when the program ends early', async () => {
    const part = makePart('echo no room for me; exit 3');

    await expect(part.start()).rejects.toThrow(
      new RegExp(`redis ended with code 3\\. Its log is ${part.logPath}:\\n +no room for me`),
    );
    expect(part.pid).toBeUndefined();
  });

  test('start ends a program that does not answer in time', async () => {
    const part = makePart('exec sleep 600', { readyTimeoutMs: 200 });

    await expect(part.start()).rejects.toThrow('redis did not answer in time');
    expect(part.pid).toBeUndefined();
  });

  test('start tries again when the log says that the cause passes', async () => {
    const part = makePart(
      '[ -e tried ] || { touch tried; echo still locked; exit 1; }; touch ready; exec sleep 600',
      { retryWhen: /still locked/ },
    );

    await part.start();

    expect(part.pid).toBeDefined();
    await part.stop();
  });

  test('stop kills a program that ignores the request, and what it started', async () => {
    const part = makePart(
      'trap "" TERM; sleep 600 & echo $! > child; touch ready; while true; do sleep 600; done',
      { graceMs: 100 },
    );
    await part.start();
    const child = identify(Number(fs.readFileSync(inDir('child'), 'utf8')));
    expect(child).toBeDefined();

    await part.stop();

    expect(part.pid).toBeUndefined();
    expect(fs.readdirSync(inDir('run'))).toEqual([]);
    // the kernel ends it in its own time; a survivor would hold this test until its time limit
    while (isAlive(child as ProcessIdentity)) await nextTurn();
  });

  test('onCrash is told of an end that nobody asked for, and not of a stop', async () => {
    const part = makePart('touch ready; exec sleep 600');
    const crashes: ProcessEnd[] = [];
    const crashed = new EventTarget();
    part.onCrash = (_part, end) => {
      crashes.push(end);
      crashed.dispatchEvent(new Event('crash'));
    };
    await part.start();
    const crash = once(crashed, 'crash');

    process.kill(part.pid as number, 'SIGKILL');
    await crash;
    await part.restart();
    await part.stop();

    expect(crashes).toEqual([{ code: null, signal: 'SIGKILL' }]);
  });

  test('a part of somebody else’s that does not answer is named with its address', async () => {
    const part = makePart('', {
      launch: undefined,
      address: 'db:5432',
      readyTimeoutMs: 0,
    } as never);

    await expect(part.start()).rejects.toThrow('redis does not answer at db:5432');
  });
});
