import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimFolder, findRunningStack } from './left-overs';
import { identify } from './proc';

describe('claimFolder', () => {
  let run: string;
  beforeEach(() => {
    run = fs.mkdtempSync(path.join(tmpdir(), 'run-'));
  });
  afterEach(() => {
    fs.rmSync(run, { recursive: true });
  });

  function startSleeper() {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    return { child, identity: identify(child.pid as number), ended: once(child, 'exit') };
  }

  function record(name: string, content: object): void {
    fs.writeFileSync(path.join(run, name), JSON.stringify(content));
  }

  test('refuses while another process starts or runs a stack there', async () => {
    const { child, identity, ended } = startSleeper();
    record('stack.json', { ...identity });

    await expect(claimFolder(run)).rejects.toThrow(`already runs from`);

    child.kill();
    await ended;
    const claim = await claimFolder(run);
    claim.release();
  });

  test('ends a part that a killed stack left running', async () => {
    const { identity, ended } = startSleeper();
    record('redis.json', { ...identity, stopSignal: 'SIGTERM' });

    const claim = await claimFolder(run);

    expect((await ended)[1]).toBe('SIGTERM');
    expect(fs.readdirSync(run)).toEqual(['stack.json']);
    claim.release();
  });

  test('leaves a process alone that only has the number of a left-over', async () => {
    const { child, identity, ended } = startSleeper();
    record('redis.json', { pid: identity?.pid, startTime: '1', stopSignal: 'SIGKILL' });

    const claim = await claimFolder(run);

    expect(identify(child.pid as number)).toEqual(identity);
    claim.release();
    child.kill();
    await ended;
  });

  test('tells other commands the settings only once the stack is up', async () => {
    const claim = await claimFolder(run);
    expect(findRunningStack(run)).toMatchObject({ pid: process.pid });
    expect(findRunningStack(run)?.env).toBeUndefined();

    claim.publish({ API_URL: 'http://127.0.0.1:8000' });
    expect(findRunningStack(run)?.env).toEqual({ API_URL: 'http://127.0.0.1:8000' });

    claim.release();
    expect(findRunningStack(run)).toBeUndefined();
  });
});
