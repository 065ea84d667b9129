import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Fills the memory that the bot's container may use, and has the kernel choose the bot itself. */
export async function exhaustMemory(pid: number): Promise<void> {
  fs.writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  const script = `const fs = require('fs');
fs.writeFileSync('${findMemoryGroup(pid)}/cgroup.procs', String(process.pid));
const all = [];
setInterval(() => all.push(Buffer.alloc(64 << 20, 1)), 20);`;
  const hog = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  while (fs.existsSync(`/proc/${pid}`)) await pause(50);
  hog.kill('SIGKILL');
}

function findMemoryGroup(pid: number): string {
  const groups = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const find = (controller: string): string | undefined =>
    groups.map((line) => line.split(':')).find(([, name]) => name === controller)?.[2];
  const old = find('memory');
  return old === undefined
    ? path.join('/sys/fs/cgroup', find('') ?? '')
    : path.join('/sys/fs/cgroup/memory', old);
}

/** What the kernel holds the bot to, whatever its spec says. */
export function readHardening(pid: number): Record<string, string | undefined> {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const mounts = fs.readFileSync(`/proc/${pid}/mounts`, 'utf8');
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
  const mount = (place: string): string[] =>
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, at]) => at === place) ?? [];
  return {
    user: field('Uid'),
    capabilities: field('CapEff'),
    noNewPrivileges: field('NoNewPrivs'),
    seccomp: field('Seccomp'),
    root: mount('/')[3]?.split(',')[0],
    sharedMemory: mount('/dev/shm')[0],
  };
}
