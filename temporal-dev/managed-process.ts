import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { identify, listTree, signal } from './proc';

export interface ProcessSpec {
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
  cwd: string;
  /** Runs as this user and group; possible for root only. */
  user?: { uid: number; gid: number } | undefined;
  /** Asks it to end in order. */
  stopSignal?: NodeJS.Signals;
  /** After this time without an end it is killed. */
  graceMs?: number;
  /** Its descendants are its own and are killed with it. */
  ownsDescendants?: boolean;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const MAX_LOG_BYTES = 10 * 1024 * 1024;

let deathSignalWorks: boolean | undefined;

/** With util-linux' setpriv a part ends when this process dies, however that happens. */
function withDeathSignal(spec: ProcessSpec): [string, string[]] {
  deathSignalWorks ??= spawnSync('setpriv', ['--pdeathsig', 'SIGTERM', 'true']).status === 0;
  if (!deathSignalWorks) return [spec.command, spec.args];
  const name = spec.stopSignal ?? 'SIGTERM';
  return ['setpriv', ['--pdeathsig', name, '--', spec.command, ...spec.args]];
}

function openLog(logPath: string): number {
  fs.mkdirSync(path.dirname(logPath), { recursive: true });
  if (fs.existsSync(logPath) && fs.statSync(logPath).size > MAX_LOG_BYTES) {
    fs.renameSync(logPath, `${logPath}.old`);
  }
  return fs.openSync(logPath, 'a', 0o600);
}

/** The last lines of a log file. */
export function readLastLines(logPath: string, count: number): string[] {
  if (!fs.existsSync(logPath)) return [];
  const size = fs.statSync(logPath).size;
  const length = Math.min(size, 16 * 1024);
  const buffer = Buffer.alloc(length);
  const file = fs.openSync(logPath, 'r');
  fs.readSync(file, buffer, 0, length, size - length);
  fs.closeSync(file);
  return buffer.toString('utf8').trimEnd().split('\n').slice(-count);
}

/** A child process in a session of its own, so that Ctrl-C reaches the stack only. */
export class ManagedProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessEnd>;
  isRunning = true;

  private constructor(
    private readonly child: ChildProcess,
    private readonly spec: ProcessSpec,
    recordPath: string,
  ) {
    this.pid = child.pid as number;
    const record = { ...identify(this.pid), stopSignal: spec.stopSignal ?? 'SIGTERM' };
    fs.writeFileSync(recordPath, JSON.stringify(record));
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, name) => {
        this.isRunning = false;
        signal(-this.pid, 'SIGKILL');
        fs.rmSync(recordPath, { force: true });
        resolve({ code, signal: name });
      });
    });
  }

  /** `recordPath` tells a later start about this process in case this one dies first. */
  static async start(
    spec: ProcessSpec,
    { logPath, recordPath }: { logPath: string; recordPath: string },
  ): Promise<ManagedProcess> {
    fs.mkdirSync(path.dirname(recordPath), { recursive: true });
    const log = openLog(logPath);
    const [command, args] = withDeathSignal(spec);
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: spec.env as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log],
      detached: true,
      ...spec.user,
    });
    fs.closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return new ManagedProcess(child, spec, recordPath);
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    signal(this.pid, this.spec.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.sendKill(), this.spec.graceMs ?? 10_000);
    await this.exited;
    clearTimeout(timer);
  }

  /** Ends it as a crash would: at once, with no chance to tidy up. */
  async kill(): Promise<void> {
    if (this.isRunning) this.sendKill();
    await this.exited;
  }

  private sendKill(): void {
    const pids = this.spec.ownsDescendants ? listTree(this.pid) : [this.pid];
    for (const pid of pids) signal(pid, 'SIGKILL');
  }
}
