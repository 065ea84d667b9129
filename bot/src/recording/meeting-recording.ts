import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame, Page } from 'playwright-core';
import type { Logger } from 'pino';
import type { ServerClock } from '../api/server-clock';
import {
  recordInPage,
  type PageRecording,
  type RecordingLook,
  type RecordingMessage,
  type RecordingSettings,
} from '../browser/recording-script';
import { createSoundMixer, listTracks } from '../browser/sound-mixer';
import type { BotAssignment } from '../../../domain/bot-api';
import { PartSpool } from './part-spool';
import { PartUploader, type PartUploaderOptions } from './part-uploader';

/** What a killed bot can lose of the recording at the most; the contract allows 15 s. */
const PART_MS = 10_000;
/** Speech of several people in one channel; the assembled file keeps about as much. */
const BITS_PER_SECOND = 40_000;
/** Parts that may be missing before the recorder is taken for stuck. */
const PARTS_MISSED = 2;
const STOP_TIMEOUT_MS = 3_000;
const LOOK_INTERVAL_MS = 1_000;
const LOOK_TIMEOUT_MS = 2_000;

const SETTINGS = {
  name: '__meetingRecording',
  binding: '__meetingRecordingTold',
  bitsPerSecond: BITS_PER_SECOND,
} as const satisfies Partial<RecordingSettings>;

export interface MeetingRecordingOptions {
  parts: PartSpool;
  uploader: PartUploader;
  clock: ServerClock;
  logger: Logger;
  partMs?: number;
}

/** The meeting's recording, or null where none is wanted. Parts an earlier process left are sent. */
export async function openRecording(
  options: Pick<PartUploaderOptions, 'api' | 'logger'> & {
    assignment: BotAssignment;
    spoolDir: string;
    clock: ServerClock;
  },
): Promise<MeetingRecording | null> {
  if (!options.assignment.isRecorded) return null;
  const parts = await PartSpool.open(options.spoolDir);
  const uploader = new PartUploader({ ...options, parts });
  uploader.wake();
  return new MeetingRecording({ ...options, parts, uploader });
}

/** What of a platform's rules for sound a recording must know. */
export interface RecordedSound {
  mixTrackPrefix?: string | null | undefined;
}

/**
 * Records the call as everybody in it sounds together, from `start` on: one stream at a time, in the
 * frame that has the call's sound. A page that is loaded anew, and sound that turns up in another
 * frame, begin a new stream.
 */
export class MeetingRecording {
  private page: Page | null = null;
  /** The one that is recorded. */
  private frame: Frame | null = null;
  /** The name of its stream: what an earlier one still tells fits no more. */
  private stream: string | null = null;
  private problem: string | null = null;
  private readonly partMs: number;
  private partStartMs = 0;
  /** When something last came of the stream. */
  private heardOfMs = 0;
  private readonly stopping = new AbortController();
  private watching: Promise<void> | null = null;
  private writes: Promise<void> = Promise.resolve();
  private stopped: () => void = () => undefined;

  constructor(private readonly options: MeetingRecordingOptions) {
    this.partMs = options.partMs ?? PART_MS;
  }

  /** Before the page opens the meeting: it must see every connection made. */
  async install(page: Page, { mixTrackPrefix = null }: RecordedSound = {}): Promise<void> {
    this.page = page;
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: SETTINGS.binding });
    session.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === SETTINGS.binding) this.take(JSON.parse(payload) as RecordingMessage);
    });
    // NOTE: tsx's compiler wraps named functions in a helper that does not exist in the page.
    const content = `(() => {
      const __name = (named) => named;
      (${recordInPage.toString()})(${JSON.stringify({ ...SETTINGS, partMs: this.partMs, mixTrackPrefix })}, {
        createSoundMixer: ${createSoundMixer.toString()},
        listTracks: ${listTracks.toString()},
      });
    })();`;
    await page.addInitScript({ content });
  }

  /** The bot is in the meeting. */
  start(): void {
    this.watching ??= this.watch();
  }

  /** Ends the recording; resolves when all of it is on disk, as far as the page still answers. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const ended = Promise.resolve(this.watching).then(() => this.endStream());
    await within(ended, STOP_TIMEOUT_MS);
    await this.writes;
  }

  /** Resolves when the API has all of it, or at the latest when `signal` says so. */
  drain(signal: AbortSignal): Promise<void> {
    return this.options.uploader.drain(signal);
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.keepRecording().catch(({ name }: Error) => {
        this.options.logger.error({ cause: name }, 'recording does not start');
      });
      await delay(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async keepRecording(): Promise<void> {
    const frames = await this.lookAtAll();
    const [best] = frames.toSorted((one, other) => other.tracks - one.tracks);
    if (!best) return;
    const problem = this.findProblem(frames, best.tracks > 0);
    this.noteProblem(problem, best.tracks);
    if (!problem) return;
    const { frame } = best;
    await this.endStream();
    if (this.stopping.signal.aborted) return;
    this.frame = frame;
    this.stream = randomUUID();
    this.heardOfMs = this.options.clock.nowMs();
    await within(call(frame, 'start', this.stream), LOOK_TIMEOUT_MS);
  }

  /** Once for as long as it lasts. */
  private noteProblem(problem: string | null, tracks: number): void {
    if (problem && problem !== this.problem && this.stream) {
      this.options.logger.warn({ problem, tracks }, 'recording begins anew');
    }
    this.problem = problem;
  }

  /** Why what is recorded now is not the call, or null where it is. */
  private findProblem(frames: readonly FrameLook[], isSoundAnywhere: boolean): string | null {
    if (!this.frame || this.frame.isDetached()) return 'no frame';
    const isStuck = this.options.clock.nowMs() - this.heardOfMs > PARTS_MISSED * this.partMs;
    if (isStuck) return 'no part';
    const current = frames.find(({ frame }) => frame === this.frame);
    // a frame that is busy may well be recording
    if (!current) return null;
    if (!current.isRecording) return 'no recorder';
    return current.tracks === 0 && isSoundAnywhere ? 'sound elsewhere' : null;
  }

  /** Those that answer. */
  private async lookAtAll(): Promise<FrameLook[]> {
    const looks = (this.page?.frames() ?? []).map(async (frame) => {
      const look = await within(call(frame, 'look'), LOOK_TIMEOUT_MS);
      return look ? [{ ...look, frame }] : [];
    });
    return (await Promise.all(looks)).flat();
  }

  /** Resolves when the last part was told. A page that has crashed tells nothing more. */
  private async endStream(): Promise<void> {
    const { frame } = this;
    if (!frame) return;
    const stopped = new Promise<void>((resolve) => (this.stopped = resolve));
    const ending = async () => {
      const look = await call(frame, 'look');
      if (!look?.isRecording) return;
      await call(frame, 'stop');
      await stopped;
    };
    await within(ending(), STOP_TIMEOUT_MS);
  }

  private take(message: RecordingMessage): void {
    if (message.stream !== this.stream) return;
    const nowMs = this.options.clock.nowMs();
    this.heardOfMs = nowMs;
    if (message.kind === 'started') this.partStartMs = nowMs;
    if (message.kind === 'stopped') this.stopped();
    if (message.kind !== 'part') return;
    const span = { startAtMs: Math.round(this.partStartMs), endAtMs: Math.round(nowMs) };
    this.partStartMs = nowMs;
    this.writes = this.writes.then(() => this.keep(Buffer.from(message.bytes, 'base64'), span));
  }

  /** A part that cannot be written leaves a hole; the meeting's words matter more. */
  private async keep(bytes: Buffer, span: { startAtMs: number; endAtMs: number }): Promise<void> {
    const { parts, uploader, logger } = this.options;
    try {
      await parts.add(bytes, span);
      uploader.wake();
    } catch (error) {
      logger.error({ error }, 'part of the recording cannot be written');
    }
  }
}

type FrameLook = RecordingLook & { frame: Frame };

async function call<Method extends keyof PageRecording>(
  frame: Frame,
  method: Method,
  ...args: Parameters<PageRecording[Method]>
): Promise<ReturnType<PageRecording[Method]> | undefined> {
  const outcome: unknown = await frame.evaluate(
    ({ name, wanted, given }) => {
      const recording = (globalThis as unknown as Record<string, PageRecording | undefined>)[name];
      return (recording?.[wanted] as ((...all: unknown[]) => unknown) | undefined)?.(...given);
    },
    { name: SETTINGS.name, wanted: method, given: args },
  );
  return outcome as ReturnType<PageRecording[Method]> | undefined;
}

/** Undefined when it fails or takes longer: the frame may be gone, frozen, or about to change. */
async function within<T>(asking: Promise<T>, limitMs: number): Promise<T | undefined> {
  const tooLate = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), limitMs).unref();
  });
  return Promise.race([asking.catch(() => undefined), tooLate]);
}
