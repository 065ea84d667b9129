import type { Frame, Page } from 'playwright-core';
import type { Logger } from 'pino';
import type { ServerClock } from '../api/server-clock';
import {
  recordInPage,
  type PageRecording,
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
const STOP_TIMEOUT_MS = 3_000;

const SETTINGS = {
  name: '__meetingRecording',
  binding: '__meetingRecordingTold',
  partMs: PART_MS,
  bitsPerSecond: BITS_PER_SECOND,
} as const satisfies Omit<RecordingSettings, 'mixTrackPrefix'>;

export interface MeetingRecordingOptions {
  parts: PartSpool;
  uploader: PartUploader;
  clock: ServerClock;
  logger: Logger;
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

/** Records the call as everybody in it sounds together, from `start` on. */
export class MeetingRecording {
  private page: Page | null = null;
  /** The one that holds the call. */
  private frame: Frame | null = null;
  private isStarted = false;
  private partStartMs = 0;
  private writes: Promise<void> = Promise.resolve();
  private stopped: () => void = () => undefined;

  constructor(private readonly options: MeetingRecordingOptions) {}

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
      (${recordInPage.toString()})(${JSON.stringify({ ...SETTINGS, mixTrackPrefix })}, {
        createSoundMixer: ${createSoundMixer.toString()},
        listTracks: ${listTracks.toString()},
      });
    })();`;
    await page.addInitScript({ content });
  }

  /** The bot is in the meeting. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    void this.begin().catch(({ name }: Error) => {
      this.options.logger.error({ cause: name }, 'recording does not start');
    });
  }

  /** Ends the recording; resolves when all of it is on disk, as far as the page still answers. */
  async stop(): Promise<void> {
    if (this.isStarted) {
      const stopped = new Promise<void>((resolve) => (this.stopped = resolve));
      const asked = call(this.frame, 'stop').then(() => stopped);
      const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref());
      // A page that has crashed tells nothing more; the parts before are safe.
      await Promise.race([asked, late]).catch(() => undefined);
    }
    await this.writes;
  }

  /** Resolves when the API has all of it, or at the latest when `signal` says so. */
  drain(signal: AbortSignal): Promise<void> {
    return this.options.uploader.drain(signal);
  }

  private async begin(): Promise<void> {
    if (!this.page) return;
    let most = -1;
    for (const frame of this.page.frames()) {
      const tracks = (await call(frame, 'countTracks').catch(() => undefined)) ?? 0;
      if (tracks <= most) continue;
      most = tracks;
      this.frame = frame;
    }
    await call(this.frame, 'start');
  }

  private take(message: RecordingMessage): void {
    const nowMs = this.options.clock.nowMs();
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

async function call(frame: Frame | null, method: keyof PageRecording): Promise<number | undefined> {
  const outcome = await frame?.evaluate(
    ({ name, wanted }) =>
      (globalThis as unknown as Record<string, PageRecording | undefined>)[name]?.[wanted](),
    { name: SETTINGS.name, wanted: method },
  );
  return outcome ?? undefined;
}
