import type { EndReason } from '../domain/end-reasons';
import type { Platform } from '../domain/platforms';

/** What a bot's process or Job needs to start; everything else it asks the API for. */
export interface BotLaunch {
  /** `bot-<meetingId>-<attempt>`: a second launch under the same name is the same bot. */
  name: string;
  meetingId: number;
  attempt: number;
  /** Tells a bot of this attempt from any other of that name. */
  launchId: string;
  /** Bearer token for `/bot/v1`, for this attempt only. */
  token: string;
  /** Some pages cost more than others. */
  platform: Platform;
  /** Longest life of the bot by its meeting's policy; one that is still there is ended. */
  longestMs: number;
}

/** What a launcher can know of an end, or of a start that does not come, beyond an exit code. */
export type LauncherCause = Extract<
  EndReason,
  | 'evicted'
  | 'image_pull_failed'
  | 'launch_failed'
  | 'node_lost'
  | 'out_of_memory'
  | 'quota_exceeded'
  | 'time_limit'
  | 'unschedulable'
>;

/** What the launcher knows of a bot. */
export type BotSighting =
  | { state: 'absent' }
  /** `cause`: what it waits for, where that is more than a moment. */
  | { state: 'pending'; launchId: string; cause?: LauncherCause; detail?: string }
  | { state: 'running'; launchId: string }
  | {
      state: 'ended';
      launchId: string;
      exitCode: number | null;
      detail: string;
      cause?: LauncherCause;
    };

/** Starts, watches and stops bots: local processes here, Jobs on Kubernetes. */
export interface BotLauncher {
  /** Starts the bot; a bot of the same name and `launchId` that is already there is success. */
  launch(launch: BotLaunch): Promise<void>;
  inspect(name: string): Promise<BotSighting>;
  /**
   * Asks the bot to end (SIGTERM), kills it after `graceMs`, returns once it is gone. Where its
   * machine does not answer, and on Kubernetes where the bot has heard and needs longer to send what
   * it has, it returns soon after `graceMs`: the fence keeps such a bot from writing.
   */
  stop(name: string, graceMs: number): Promise<void>;
  /**
   * Has the audio sent that an ended bot left on its disk, with a fresh token of the same attempt.
   * Resolves when nothing is left, also when there was nothing or the disk is gone; throws when
   * something could not be sent yet. A bot that runs sends for itself: then it does nothing.
   */
  deliver(delivery: Pick<BotLaunch, 'name' | 'launchId' | 'token'>): Promise<void>;
  /** Names of all bots this launcher started that have not been forgotten. */
  list(): Promise<string[]>;
  /** Forgets an ended bot and what it left behind, except a spool that is not empty. */
  forget(name: string): Promise<void>;
  /** Kills the bot and removes all it left behind, its spool too: its meeting was deleted. */
  erase(name: string): Promise<void>;
}

/** The launcher can never start this bot as things stand: no Chromium, no image. */
export class BotNotLaunchableError extends Error {
  override readonly name = 'BotNotLaunchableError';
}
