import type { BotGap } from '../../../domain/bot-api';
import type { Logger } from 'pino';
import { CaptureWatchdog, type WatchdogAction } from './capture-watchdog';

export interface SilentCaptureOptions {
  /** Makes the keys of this process's gaps its own. */
  runId: string;
  onGap(gap: BotGap): void;
  /** The page is to hear its tracks anew. */
  onRehear(): void;
  onGiveUp(): void;
  logger: Logger;
}

/** Acts on what the watchdog notices: hears anew, records what was missed, or gives up. */
export class SilentCapture {
  private readonly watchdog = new CaptureWatchdog();
  private gaps = 0;

  constructor(private readonly options: SilentCaptureOptions) {}

  look(shown: readonly string[], soundAtMs: number, nowMs: number): void {
    this.act(this.watchdog.look(shown, soundAtMs, nowMs));
  }

  end(nowMs: number): void {
    this.act(this.watchdog.end(nowMs));
  }

  private act(action: WatchdogAction | null): void {
    const { logger } = this.options;
    if (!action) return;
    if (action.kind === 'rehear') {
      logger.warn({ tries: action.tries }, 'people speak and no sound arrives; hearing anew');
      return this.options.onRehear();
    }
    if (action.kind === 'give_up') {
      logger.error('people speak and no sound arrives, whatever was tried');
      return this.options.onGiveUp();
    }
    this.gaps += 1;
    this.options.onGap({
      key: `silent-${this.options.runId}-${this.gaps}`,
      startAtMs: Math.round(action.startAtMs),
      endAtMs: Math.round(action.endAtMs),
      reason: 'silent_capture',
    });
  }
}
