import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ManagedProcess,
  type ProcessEnd,
  type ProcessSpec,
  readLastLines,
} from './managed-process';
import { UserError, messageOf } from './user-error';

export const PART_NAMES = [
  'web',
  'postgres',
  'redis',
  'temporal',
  'whisper',
  'practice-room',
  'api',
  'workers',
] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface PartSpec {
  name: PartName;
  /** What it is for, in a few words. */
  purpose: string;
  /** Where it answers, without any secret. */
  address: string;
  /** Absent: somebody else runs it. */
  launch?: () => Promise<ProcessSpec>;
  isReady: () => Promise<boolean>;
  readyTimeoutMs?: number;
  /** An early end with this in its log is tried again until the time is over. */
  retryWhen?: RegExp;
}

export interface PartFolders {
  logs: string;
  run: string;
}

/** Told when a part ends without having been asked to. */
export type CrashListener = (part: Part, end: ProcessEnd) => void;

/** One real part of the stack: a process that is watched, or an address somebody else serves. */
export class Part {
  readonly name: PartName;
  readonly purpose: string;
  readonly address: string;
  readonly logPath: string;
  onCrash: CrashListener | undefined;
  private process: ManagedProcess | undefined;
  private isStopping = false;

  constructor(
    private readonly spec: PartSpec,
    private readonly folders: PartFolders,
  ) {
    this.name = spec.name;
    this.purpose = spec.purpose;
    this.address = spec.address;
    this.logPath = path.join(folders.logs, `${spec.name}.log`);
  }

  /** Whether somebody else runs it. */
  get isExternal(): boolean {
    return this.spec.launch === undefined;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.process?.isRunning ? this.process.pid : undefined;
  }

  /** Starts it and returns when it answers. */
  async start(): Promise<void> {
    this.isStopping = false;
    const deadline = Date.now() + (this.spec.readyTimeoutMs ?? 60_000);
    if (this.isExternal) return this.waitForExternal(Math.min(deadline, Date.now() + 10_000));
    for (;;) {
      const end = await this.tryStart(deadline);
      if (end === 'ready') return;
      const lines = readLastLines(this.logPath, 8);
      const mayRetry = this.spec.retryWhen?.test(lines.join('\n')) && Date.now() < deadline;
      if (!mayRetry || this.isStopping) throw this.describeFailure(end, lines);
      await sleep(500);
    }
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.process?.stop();
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.process?.kill();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  private async tryStart(deadline: number): Promise<'ready' | ProcessEnd | undefined> {
    const spec = await this.launchSpec();
    const started = await ManagedProcess.start(spec, {
      logPath: this.logPath,
      recordPath: path.join(this.folders.run, `${this.name}.json`),
    }).catch((error: unknown) => {
      throw new UserError(`${this.name} could not be started: ${messageOf(error)}`);
    });
    this.process = started;
    const end = await this.waitUntilReady(started, deadline);
    if (end === 'ready') {
      void started.exited.then((exit) => {
        if (!this.isStopping && this.process === started) this.onCrash?.(this, exit);
      });
    }
    return end;
  }

  private launchSpec(): Promise<ProcessSpec> {
    if (!this.spec.launch) throw new Error(`Expected ${this.name} to be ours to start.`);
    return this.spec.launch();
  }

  private async waitUntilReady(
    started: ManagedProcess,
    deadline: number,
  ): Promise<'ready' | ProcessEnd | undefined> {
    while (started.isRunning) {
      if (await this.spec.isReady()) return 'ready';
      if (Date.now() > deadline) {
        await started.kill();
        return undefined;
      }
      await sleep(100);
    }
    return started.exited;
  }

  private async waitForExternal(deadline: number): Promise<void> {
    while (!(await this.spec.isReady())) {
      if (Date.now() > deadline) {
        throw new UserError(
          `${this.name} does not answer at ${this.address}, which your settings name: start it, or take the setting out.`,
        );
      }
      await sleep(250);
    }
  }

  private describeFailure(end: ProcessEnd | undefined, lines: string[]): UserError {
    const what = end === undefined ? 'did not answer in time' : describeEnd(end);
    const tail = lines.map((line) => `    ${line}`).join('\n');
    return new UserError(`${this.name} ${what}. Its log is ${this.logPath}:\n${tail}`);
  }
}

/** "ended with code 1" or "was ended by SIGKILL". */
export function describeEnd({ code, signal }: ProcessEnd): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
