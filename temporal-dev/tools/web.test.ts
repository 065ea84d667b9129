import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { takeTurn } from './turn';
import { hashSources, removeOldBuilds } from './web';

let folder: string;
let servers: ChildProcess[] = [];
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'web-builds-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});

const HOUR_MS = 3_600_000;

/** Builds by name, the first one used last. */
function makeBuilds(names: readonly string[]): void {
  names.forEach((name, index) => {
    fs.mkdirSync(path.join(folder, name, 'web'), { recursive: true });
    const usedAt = new Date(Date.now() - index * 1_000);
    fs.utimesSync(path.join(folder, name), usedAt, usedAt);
  });
}

/** A process that works in a build, as the page's server does. */
async function startServer(build: string): Promise<void> {
  const cwd = path.join(folder, build, 'web');
  const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { cwd });
  servers.push(server);
  await once(server, 'spawn');
}

describe('removeOldBuilds', () => {
  test('keeps the three that were used last', () => {
    makeBuilds(['a', 'b', 'c', 'd', 'e']);
    removeOldBuilds(folder, Date.now() + 2 * HOUR_MS);
    expect(fs.readdirSync(folder)).toEqual(['a', 'b', 'c']);
  });

  test('keeps one from which a server runs, until it has ended', async () => {
    makeBuilds(['a', 'b', 'c', 'd', 'e']);
    await startServer('e');
    removeOldBuilds(folder, Date.now() + 2 * HOUR_MS);
    expect(fs.readdirSync(folder)).toEqual(['a', 'b', 'c', 'e']);
    const [server] = servers;
    server?.kill('SIGKILL');
    if (server) await once(server, 'exit');
    removeOldBuilds(folder, Date.now() + 2 * HOUR_MS);
    expect(fs.readdirSync(folder)).toEqual(['a', 'b', 'c']);
  });

  test('keeps one that was given out within the hour, whose server may still be starting', () => {
    makeBuilds(['a', 'b', 'c', 'd', 'e']);
    removeOldBuilds(folder, Date.now() + HOUR_MS / 2);
    expect(fs.readdirSync(folder)).toHaveLength(5);
  });
});

describe('hashSources', () => {
  function write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
  beforeEach(() => {
    for (const file of ['web/app/page.tsx', 'client/src/index.ts', 'domain/wav.ts'])
      write(file, '');
    write('package-lock.json', '{}');
  });

  test.each(['web/app/page.tsx', 'client/src/index.ts', 'domain/new.ts', 'package-lock.json'])(
    'changes with %s',
    (file) => {
      const before = hashSources(folder);
      write(file, 'changed');
      expect(hashSources(folder)).not.toBe(before);
    },
  );

  test.each(['web/next-env.d.ts', 'web/.next/trace', 'web/README.md', 'domain/wav.test.ts'])(
    'stays the same with %s, which the build writes or does not read',
    (file) => {
      const before = hashSources(folder);
      write(file, 'changed');
      expect(hashSources(folder)).toBe(before);
    },
  );
});

describe('takeTurn', () => {
  test('has one wait for the other', async () => {
    const order: string[] = [];
    let finish = (): void => undefined;
    const first = takeTurn(folder, async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => (finish = resolve));
      order.push('first ends');
    });
    const second = takeTurn(
      folder,
      async () => {
        order.push('second');
      },
      () => finish(),
    );
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'first ends', 'second']);
  });

  test('is given back by a process that was killed', async () => {
    const program = `require('tsx/cjs/api').require(${JSON.stringify(path.join(__dirname, 'turn.ts'))}, ${JSON.stringify(__filename)})
      .takeTurn(process.argv[1], () => new Promise(() => console.log('mine')), () => {});
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['-e', program, folder], { cwd: __dirname });
    servers.push(holder);
    await once(holder.stdout, 'data');
    const turn = takeTurn(
      folder,
      async () => 'done',
      () => holder.kill('SIGKILL'),
    );
    expect(await turn).toBe('done');
  });
});
