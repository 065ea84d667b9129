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
}

/** What the launcher knows of a bot. */
export type BotSighting =
  | { state: 'absent' }
  | { state: 'pending'; launchId: string }
  | { state: 'running'; launchId: string }
  | {
      state: 'ended';
      launchId: string;
      exitCode: number | null;
      detail: string;
    };

/** Starts, watches and stops bots: local processes here, Jobs on Kubernetes. */
export interface BotLauncher {
  /** Starts the bot; a bot of the same name and `launchId` that is already there is success. */
  launch(launch: BotLaunch): Promise<void>;
  inspect(name: string): Promise<BotSighting>;
  /** Asks the bot to end (SIGTERM), kills it after `graceMs`, returns once it is gone. */
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
