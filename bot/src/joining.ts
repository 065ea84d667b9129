import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContextOptions } from 'playwright-core';
import type { Logger } from 'pino';
import type { BotAssignment } from '../../domain/bot-api';
import { createAddressGuard } from './address-guard';
import { RefusedError, SupersededError, type ApiClient } from './api/api-client';
import { describeBrowserError } from './browser-error';
import { openMeetingBrowser, type MeetingBrowser } from './browser/meeting-browser';
import type { EndingDecision } from './ending';
import { PageDiary } from './evidence/page-diary';
import type { MeetingRecorder } from './meeting-recorder';
import type { MeetingRecording } from './recording/meeting-recording';
import type { MeetingPlatform, MeetingView } from './platforms/platform';
import { installVoice } from './voice';

const TRIES = 3;
const RETRY_MS = 2_000;
/** Adapters limit each of their steps; this limits all of them. */
const JOIN_TIMEOUT_MS = 90_000;
const TOKEN_TRIES = 2;
/** The origin of the page that the LiveKit adapter serves itself, without any server. */
const OWN_PAGES = { livekit: ['https://livekit-room.invalid'] } as const;

export interface JoiningOptions {
  assignment: BotAssignment;
  chromiumPath: string | undefined;
  isHeadless: boolean;
  allowedOrigins: readonly string[];
  api: Pick<ApiClient, 'getIdentity' | 'getJoinToken'>;
  recorder: MeetingRecorder;
  /** Null where no recording is wanted. */
  recording: MeetingRecording | null;
  decision: EndingDecision;
  logger: Logger;
}

/** A browser on its way into the call, or in it. */
export interface Visit {
  browser: MeetingBrowser;
  platform: MeetingPlatform;
  diary: PageDiary;
}

type Look = (visit: Visit) => Promise<MeetingView>;

/**
 * Opens the meeting and asks to be let in. A page that did not load is tried again in a fresh
 * browser; what the page itself says is never argued with. Null when there is nothing to leave.
 */
export class Joining {
  private readonly giveUp = new AbortController();
  private storageState: BrowserContextOptions['storageState'];

  constructor(private readonly options: JoiningOptions) {
    void options.decision.decided.then(() => this.giveUp.abort());
  }

  async run(platform: MeetingPlatform, look: Look): Promise<Visit | null> {
    const { decision } = this.options;
    if (!(await this.mayOpen()) || !(await this.loadIdentity())) return null;
    for (let tries = 1; !decision.ending; tries += 1) {
      const visit = await this.open(platform);
      if (!visit) return null;
      const problem = await this.ask(visit);
      if (problem === null || decision.ending) return visit;
      const view = await look(visit);
      this.options.logger.warn({ tries, problem, state: view.state }, 'joining failed');
      if (view.state !== 'joining' && view.state !== 'unclear') return visit;
      if (tries >= TRIES) {
        decision.end('join_failed', problem, { confidence: 'likely', signs: view.signs });
        return visit;
      }
      await visit.browser.close();
      await this.pause();
    }
    return null;
  }

  private get guard() {
    const { assignment, allowedOrigins } = this.options;
    const own = assignment.platform === 'livekit' ? OWN_PAGES.livekit : [];
    return createAddressGuard({ allowedOrigins: [...allowedOrigins, ...own] });
  }

  private async mayOpen(): Promise<boolean> {
    if (await this.guard.mayOpen(this.options.assignment.joinUrl)) return true;
    this.refuseAddress();
    return false;
  }

  private refuseAddress(): void {
    this.options.decision.end(
      'meeting_not_found',
      'The link leads to an address that bots may not open; an operator can allow its origin by BOT_ALLOWED_ORIGINS',
    );
  }

  private async loadIdentity(): Promise<boolean> {
    const { assignment, api, decision } = this.options;
    if (!assignment.hasIdentity) return true;
    try {
      const { storageState } = await api.getIdentity(this.giveUp.signal);
      this.storageState = storageState as BrowserContextOptions['storageState'];
      return true;
    } catch (error) {
      if (error instanceof SupersededError) decision.end('superseded');
      else if (error instanceof RefusedError) decision.end('auth_required', error.code);
      return false;
    }
  }

  /** Does not wait for a browser that is still starting when it is time to go. */
  private async open(platform: MeetingPlatform): Promise<Visit | null> {
    const { decision } = this.options;
    const opening = this.openBrowser(platform);
    const visit = await Promise.race([opening, decision.decided.then(() => null)]);
    if (!visit) void opening.then((late) => late?.browser.close());
    return visit;
  }

  private async openBrowser(platform: MeetingPlatform): Promise<Visit | null> {
    const { assignment, chromiumPath, isHeadless, recorder, recording, decision, logger } =
      this.options;
    const diary = new PageDiary();
    try {
      const browser = await openMeetingBrowser({
        chromiumPath,
        isHeadless,
        joinUrl: assignment.joinUrl,
        platform,
        storageState: this.storageState,
        prepare: async (page) => {
          diary.follow(page);
          await installVoice(page);
          await recording?.install(page, platform.sound);
          await this.guard.watch(page, () => this.refuseAddress());
        },
        onSound: (message) => recorder.hear(message),
        onCrash: (detail) => decision.end('browser_crashed', detail),
        logger,
      });
      recorder.attach({ tracks: platform.sound.tracks, rehear: browser.rehear });
      return { browser, platform, diary };
    } catch (error) {
      logger.error({ error }, 'browser does not start');
      decision.end('browser_crashed', 'the browser does not start');
      return null;
    }
  }

  /** Null when the page took it; else what went wrong. */
  private async ask({ browser, platform }: Visit): Promise<string | null> {
    const { assignment, decision } = this.options;
    const { joinUrl: url, botName, passcode, hasIdentity: isSignedIn } = assignment;
    const joinToken = await this.fetchToken();
    if (decision.ending) return null;
    const tooLong = new AbortController();
    try {
      await Promise.race([
        platform.join(browser.page, { url, botName, passcode, joinToken, isSignedIn }),
        decision.decided,
        delay(JOIN_TIMEOUT_MS, undefined, { signal: tooLong.signal }).then(() => {
          throw new Error('joining took too long');
        }),
      ]);
      return null;
    } catch (error) {
      return describeBrowserError(error);
    } finally {
      tooLong.abort();
    }
  }

  private async fetchToken(): Promise<string | null> {
    const { assignment, api, decision } = this.options;
    if (!assignment.needsJoinToken) return null;
    for (let tries = 1; !decision.ending; tries += 1) {
      try {
        return (await api.getJoinToken(this.giveUp.signal)).token;
      } catch (error) {
        if (error instanceof SupersededError) decision.end('superseded');
        else if (error instanceof RefusedError) decision.end('join_token_failed', error.code);
        else if (tries >= TOKEN_TRIES) decision.end('join_token_failed');
        else await this.pause();
      }
    }
    return null;
  }

  private async pause(): Promise<void> {
    await delay(RETRY_MS, undefined, { signal: this.giveUp.signal }).catch(() => undefined);
  }
}
