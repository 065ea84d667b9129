import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BotAssignment, BotCommand } from '../../domain/bot-api';
import type { ApiClient } from './api/api-client';
import { Outbox } from './api/outbox';
import type { ServerClock } from './api/server-clock';
import { openMeetingBrowser, type MeetingBrowser } from './browser/meeting-browser';
import type { EndingDecision } from './ending';
import { LeaveWatch, type Situation } from './leave-watch';
import type { MeetingRecorder } from './meeting-recorder';
import { createPlatform } from './platforms/create-platform';
import type { MeetingPlatform, MeetingView } from './platforms/platform';
import type { Reporter } from './reporter';
import { Roster } from './roster';

const LOOK_INTERVAL_MS = 400;
const LOOK_TIMEOUT_MS = 5_000;
const LEAVE_TIMEOUT_MS = 5_000;
const JOIN_TRIES = 3;
const JOIN_RETRY_MS = 2_000;

export interface AttendanceOptions {
  assignment: BotAssignment;
  chromiumPath: string | undefined;
  isHeadless: boolean;
  api: Pick<ApiClient, 'sendParticipants' | 'sendChat'>;
  clock: ServerClock;
  reporter: Reporter;
  recorder: MeetingRecorder;
  decision: EndingDecision;
  logger: Logger;
}

/** One visit to the call: from opening the browser until it is closed again. */
export class Attendance {
  private readonly roster = new Roster();
  private readonly chatSeen = new Set<string>();
  private readonly chatToSend: string[] = [];
  private readonly notices: Outbox;
  private readonly watch: LeaveWatch;
  private state: 'joining' | 'waiting_room' | 'in_meeting' = 'joining';

  constructor(private readonly options: AttendanceOptions) {
    this.watch = new LeaveWatch(options.assignment.leavePolicy);
    // A superseded attempt learns of it from its reports and heartbeats.
    this.notices = new Outbox((error) => options.logger.warn({ error }, 'notice not accepted'));
  }

  get hasBeenIn(): boolean {
    return this.state === 'in_meeting';
  }

  obey(command: BotCommand['command']): void {
    if (command.kind === 'leave') this.options.decision.end(command.reason);
    else if (command.kind === 'send_chat') this.chatToSend.push(command.text);
  }

  /** Resolves when the bot has left, for whichever reason was decided. */
  async run(): Promise<void> {
    const { assignment, decision, reporter, recorder, logger } = this.options;
    const platform = createPlatform(assignment.platform, {});
    if (!platform) return decision.end('not_supported');
    void reporter.report('joining');
    const browser = await this.openBrowser(platform);
    if (!browser) return;
    try {
      await Promise.race([decision.decided, this.visit(browser, platform)]);
    } catch (error) {
      const detail = describeBrowserError(error);
      logger.error({ detail }, 'visit failed');
      decision.end('unknown', detail);
    }
    void reporter.report('leaving', decision.ending ? { reason: decision.ending.reason } : {});
    await this.leave(browser, platform);
    await recorder.close();
    await browser.close();
  }

  /** Resolves when what was seen has been told. */
  idle(): Promise<void> {
    return this.notices.idle();
  }

  private async openBrowser(platform: MeetingPlatform): Promise<MeetingBrowser | null> {
    const { assignment, chromiumPath, isHeadless, recorder, decision, logger } = this.options;
    try {
      return await openMeetingBrowser({
        chromiumPath,
        isHeadless,
        joinUrl: assignment.joinUrl,
        owner: platform.sound.owner ?? { selector: '', attribute: '' },
        onSound: (message) => recorder.hear(message),
        onCrash: (detail) => decision.end('browser_crashed', detail),
        logger,
      });
    } catch (error) {
      logger.error({ error }, 'browser does not start');
      decision.end('browser_crashed', 'the browser does not start');
      return null;
    }
  }

  private async visit(browser: MeetingBrowser, platform: MeetingPlatform): Promise<void> {
    const { decision } = this.options;
    await this.join(browser, platform);
    while (!decision.ending) {
      this.consider(await look(browser, platform));
      if (this.state === 'in_meeting') await this.sendChat(browser, platform);
      await Promise.race([delay(LOOK_INTERVAL_MS), decision.decided]);
    }
  }

  private async join(browser: MeetingBrowser, platform: MeetingPlatform): Promise<void> {
    const { assignment, decision, logger } = this.options;
    const { joinUrl: url, botName, passcode } = assignment;
    for (let tries = 1; !decision.ending; tries += 1) {
      try {
        return await platform.join(browser.page, {
          url,
          botName,
          passcode,
          joinToken: null,
          isSignedIn: false,
        });
      } catch (error) {
        const detail = describeBrowserError(error);
        logger.warn({ tries, detail }, 'joining failed');
        if (tries >= JOIN_TRIES) return decision.end('join_failed', detail);
        await delay(JOIN_RETRY_MS);
      }
    }
  }

  private consider(view: MeetingView): void {
    const { decision, clock } = this.options;
    if (decision.ending) return;
    if (view.state === 'over') return decision.end(view.reason);
    const nowMs = clock.nowMs();
    if (view.state === 'waiting_room') this.enter('waiting_room');
    if (view.state === 'in_meeting') {
      this.enter('in_meeting');
      this.noticeAll(view, nowMs);
    }
    const reason = this.watch.decide(this.describeSituation(view), nowMs);
    if (reason) decision.end(reason);
  }

  private enter(state: 'waiting_room' | 'in_meeting'): void {
    if (this.state === state || this.state === 'in_meeting') return;
    this.state = state;
    void this.options.reporter.report(state);
    if (state === 'in_meeting') this.options.recorder.start();
  }

  /** A page that shows neither waiting room nor call has lost it, or has not got there yet. */
  private describeSituation(view: MeetingView): Situation {
    const { others } = this.roster;
    if (view.state === 'in_meeting')
      return { state: view.state, isConnected: view.isConnected, others };
    if (this.hasBeenIn) return { state: 'in_meeting', isConnected: false, others };
    return { state: view.state === 'waiting_room' ? 'waiting_room' : 'joining' };
  }

  private noticeAll(view: Extract<MeetingView, { state: 'in_meeting' }>, nowMs: number): void {
    const { api } = this.options;
    const changes = this.roster.update(view.people, nowMs);
    if (changes.length > 0)
      void this.notices.add(async () => void (await api.sendParticipants(changes)));
    for (const { key, from, text } of view.chat) {
      if (this.chatSeen.has(key)) continue;
      this.chatSeen.add(key);
      const message = { key, from, text, atMs: Math.round(nowMs) };
      void this.notices.add(async () => void (await api.sendChat(message)));
    }
  }

  private async sendChat({ page }: MeetingBrowser, platform: MeetingPlatform): Promise<void> {
    for (const text of this.chatToSend.splice(0)) {
      try {
        await platform.sendChat(page, text);
      } catch (error) {
        this.options.logger.warn({ detail: describeBrowserError(error) }, 'chat not sent');
      }
    }
  }

  private async leave({ page }: MeetingBrowser, platform: MeetingPlatform): Promise<void> {
    const reason = this.options.decision.ending?.reason;
    if (page.isClosed() || reason === 'browser_crashed' || reason === 'removed') return;
    try {
      await Promise.race([platform.leave(page), delay(LEAVE_TIMEOUT_MS)]);
    } catch (error) {
      // The call may have closed by itself; closing the browser leaves it in any case.
      this.options.logger.debug({ detail: describeBrowserError(error) }, 'nothing to leave');
    }
  }
}

async function look({ page }: MeetingBrowser, platform: MeetingPlatform): Promise<MeetingView> {
  const unclear: MeetingView = { state: 'unclear', signs: [] };
  const seen = platform.observe(page).catch(() => unclear);
  return Promise.race([seen, delay(LOOK_TIMEOUT_MS, unclear)]);
}

/** The browser's messages hold links, which belong into no log and no report. */
function describeBrowserError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return /net::\w+/.exec(error.message)?.[0] ?? error.name;
}
