import { setTimeout as delay } from 'node:timers/promises';
import type { BotCommand, BotCommandAck } from '../../domain/bot-api';
import { isRelaunchable, type EndReason } from '../../domain/end-reasons';
import { AbsenceWatch, type AbsenceCause } from './absence-watch';
import type { ApiClient } from './api/api-client';
import { Outbox } from './api/outbox';
import type { ServerClock } from './api/server-clock';
import { describeBrowserError } from './browser-error';
import { collectEvidence } from './evidence/collect-evidence';
import { isEvidenceWanted, keepEvidence, sendEvidence } from './evidence/send-evidence';
import { Joining, type JoiningOptions, type Visit } from './joining';
import { LeaveWatch, type Situation } from './leave-watch';
import { PagePulse } from './page-pulse';
import { createPlatform } from './platforms/create-platform';
import type { MeetingView } from './platforms/platform';
import type { SignOverrides } from './platforms/signs';
import type { Reporter } from './reporter';
import { Roster } from './roster';
import type { Spool } from './spool/spool';
import { Talking } from './talking';

const LOOK_INTERVAL_MS = 400;
const LOOK_TIMEOUT_MS = 3_000;
/** A page that has not answered for this long will not come back by itself. */
const FROZEN_MS = 12_000;
const LEAVE_TIMEOUT_MS = 5_000;
/** Endings after which the page has nothing to be left any more. */
const NOTHING_TO_LEAVE: ReadonlySet<EndReason> = new Set([
  'browser_crashed',
  'page_frozen',
  'removed',
]);
/** Addresses of a page that the meeting's was never loaded into. */
const NOWHERE = /^(about|chrome-error):/;

export interface AttendanceOptions extends JoiningOptions {
  signOverrides: SignOverrides;
  api: JoiningOptions['api'] &
    Pick<
      ApiClient,
      'sendParticipants' | 'sendChat' | 'sendGap' | 'getSpeech' | 'beginCommand' | 'putEvidence'
    >;
  clock: ServerClock;
  reporter: Reporter;
  spool: Spool;
  spoolDir: string;
}

/** One visit to the call: from opening the browser until it is closed again. */
export class Attendance {
  readonly pulse = new PagePulse();
  private readonly roster = new Roster();
  private readonly chatSeen = new Set<string>();
  private readonly notices: Outbox;
  private readonly watch: LeaveWatch;
  private readonly absences = new AbsenceWatch();
  private readonly talking: Talking;
  private state: 'joining' | 'waiting_room' | 'in_meeting' = 'joining';
  private speechSeenAtMs = 0;
  /** The page itself has said that it is over, for certain. */
  private isOut = false;
  private evidence: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: AttendanceOptions) {
    const { leavePolicy, isRejoin } = options.assignment;
    this.watch = new LeaveWatch(leavePolicy, isRejoin);
    this.talking = new Talking(options);
    // A superseded attempt learns of it from its reports and heartbeats.
    this.notices = new Outbox((error) => options.logger.warn({ error }, 'notice not accepted'));
  }

  get hasBeenIn(): boolean {
    return this.state === 'in_meeting';
  }

  get hasSentEntryMessage(): boolean {
    return this.talking.hasSentEntryMessage;
  }

  /** Resolves when the command has been carried out, or never will be. */
  obey(command: BotCommand): Promise<BotCommandAck> {
    if (command.command.kind !== 'leave') return this.talking.obey(command);
    this.options.decision.end(command.command.reason);
    return Promise.resolve({ status: 'done' });
  }

  /** Resolves when the bot has left, for whichever reason was decided. */
  async run(): Promise<void> {
    const { assignment, signOverrides, decision, reporter, recorder, recording } = this.options;
    void decision.decided.then(({ reason }) => this.talking.close(isRelaunchable(reason)));
    const platform = createPlatform(assignment.platform, signOverrides);
    void reporter.report('joining');
    const joining = new Joining(this.options);
    const visit = await joining.run(platform, async (one) => {
      const view = await this.look(one);
      this.pulse.stop();
      return view;
    });
    if (!visit) return this.takeEvidence(null, decision.ending?.reason ?? 'unknown');
    await this.attend(visit);
    this.noteAbsence(null);
    const reason = decision.ending?.reason ?? 'unknown';
    await this.takeEvidence(visit, reason);
    void reporter.report('leaving', { reason });
    await recording?.stop();
    await this.leave(visit, reason);
    await recorder.close();
    // a frozen page closes no sooner for being asked
    await visit.browser.close(reason === 'page_frozen' ? 0 : undefined);
    this.pulse.stop();
  }

  /** Resolves when what was seen has been told. */
  async idle(): Promise<void> {
    await this.notices.idle();
  }

  /** Resolves when the API has the evidence; what it has not got stays in the spool. */
  async evidenceSent(): Promise<void> {
    await this.evidence;
  }

  private async attend(visit: Visit): Promise<void> {
    const { decision, logger } = this.options;
    this.pulse.beat();
    try {
      while (!decision.ending) {
        const view = await decision.whileUndecided(this.look(visit));
        if (view) this.consider(view, visit);
        await decision.whileUndecided(delay(LOOK_INTERVAL_MS));
      }
    } catch (error) {
      const detail = describeBrowserError(error);
      logger.error({ detail }, 'visit failed');
      decision.end('unknown', detail);
    }
  }

  /** An answer that is a refusal is one too; a page that only lets time pass gives none. */
  private async look({ browser, platform }: Visit): Promise<MeetingView> {
    const unclear: MeetingView = { state: 'unclear', signs: [] };
    const seen = platform.observe(browser.page).then(
      (view) => {
        this.pulse.beat();
        return view;
      },
      (error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'TimeoutError') this.pulse.beat();
        return unclear;
      },
    );
    return Promise.race([seen, delay(LOOK_TIMEOUT_MS, unclear)]);
  }

  private consider(view: MeetingView, { browser, platform }: Visit): void {
    const { decision, clock } = this.options;
    if (decision.ending) return;
    if (view.state === 'over') return this.endAsShown(view);
    if ((this.pulse.silentMs ?? 0) > FROZEN_MS) return decision.end('page_frozen');
    const nowMs = clock.nowMs();
    if (view.state === 'waiting_room') this.enter('waiting_room');
    if (view.state === 'in_meeting') {
      this.enter('in_meeting');
      this.noticeAll(view, nowMs);
    }
    if (this.hasBeenIn) this.noteAbsence(findAbsence(view));
    const canTalk = view.state === 'in_meeting' && view.isConnected;
    this.talking.setStage(canTalk ? { page: browser.page, platform } : null);
    if (findAbsence(view)) this.talking.cutOff();
    const reason = this.watch.decide(this.describeSituation(view), nowMs);
    if (!reason) return;
    const confidence = reason === 'join_failed' ? 'unknown' : 'certain';
    decision.end(reason, undefined, { confidence, signs: view.signs });
  }

  private endAsShown({ reason, ...grounds }: Extract<MeetingView, { state: 'over' }>): void {
    const { assignment, decision } = this.options;
    this.isOut = grounds.confidence === 'certain';
    const isSignedOut = reason === 'sign_in_required' && assignment.hasIdentity;
    decision.end(isSignedOut ? 'auth_required' : reason, undefined, grounds);
  }

  private enter(state: 'waiting_room' | 'in_meeting'): void {
    if (this.state === state || this.state === 'in_meeting') return;
    this.state = state;
    void this.options.reporter.report(state);
    if (state !== 'in_meeting') return;
    this.options.recorder.start();
    this.options.recording?.start();
  }

  /** A page that shows neither waiting room nor call has lost it, or has not got there yet. */
  private describeSituation(view: MeetingView): Situation {
    const isConnected = view.state === 'in_meeting' && view.isConnected;
    if (this.hasBeenIn && view.state !== 'waiting_room') {
      const { others } = this.roster;
      return { state: 'in_meeting', isConnected, others, isSpeech: this.hasNewSpeech() };
    }
    if (view.state !== 'waiting_room') return { state: 'joining' };
    const isNotStarted = !this.hasBeenIn && (view.isNotStarted ?? false);
    return { state: 'waiting_room', isNotStarted };
  }

  /** Undefined where the page tells nothing of it. */
  private noteAbsence(cause: AbsenceCause | null | undefined): void {
    if (cause === undefined) return;
    const nowMs = Math.round(this.options.clock.nowMs());
    const absence = this.absences.note(cause, nowMs);
    if (!absence) return;
    const gap = { key: `absent-${absence.startAtMs}`, ...absence };
    void this.notices.add(async () => void (await this.options.api.sendGap(gap)));
  }

  private hasNewSpeech(): boolean {
    const lastMs = this.options.recorder.lastSpeechAtMs ?? 0;
    const isNew = lastMs > this.speechSeenAtMs;
    this.speechSeenAtMs = lastMs;
    return isNew;
  }

  private noticeAll(view: Extract<MeetingView, { state: 'in_meeting' }>, nowMs: number): void {
    const { api, recorder } = this.options;
    recorder.notePeople(view.people);
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

  /** Before anything on the page changes. It is sent while the bot leaves. */
  private async takeEvidence(visit: Visit | null, reason: EndReason): Promise<void> {
    if (!isEvidenceWanted(reason, this.hasBeenIn)) return;
    const { ending } = this.options.decision;
    const seen = visit && { page: visit.browser.page, diary: visit.diary };
    const pieces = await collectEvidence({ visit: seen, ending, state: this.state });
    await keepEvidence(pieces, this.options);
    this.evidence = sendEvidence(pieces, this.options);
  }

  private async leave({ browser, platform }: Visit, reason: EndReason): Promise<void> {
    const { page } = browser;
    const isNowhere = page.isClosed() || NOWHERE.test(page.url());
    // each would be searched for its button until the time for leaving is over
    if (isNowhere || this.isOut || NOTHING_TO_LEAVE.has(reason)) return;
    try {
      await Promise.race([platform.leave(page), delay(LEAVE_TIMEOUT_MS)]);
    } catch (error) {
      // The call may have closed by itself; closing the browser leaves it in any case.
      this.options.logger.debug({ detail: describeBrowserError(error) }, 'nothing to leave');
    }
  }
}

function findAbsence(view: MeetingView): AbsenceCause | null | undefined {
  if (view.state === 'waiting_room') return 'waiting_room';
  if (view.state !== 'in_meeting') return undefined;
  return view.isConnected ? null : 'connection_lost';
}
