import type { Page } from 'playwright-core';
import type { EndReason } from '../../../../domain/end-reasons';
import type { JoinRequest, MeetingPlatform, MeetingView } from '../platform';
import {
  overrideSigns,
  readSigns,
  selectorOf,
  withoutTexts,
  type SignOverrides,
  type SignTable,
} from '../signs';
import { passDoor, type Visit } from './door';
import { readCall, readLastSpeakers, type JitsiCall } from './read-call';
import { JITSI_SIGNS } from './signs';

const STEP_TIMEOUT_MS = 15_000;
const LEAVE_TIMEOUT_MS = 3_000;
const MENU_TIMEOUT_MS = 300;

type Signs = typeof JITSI_SIGNS;
type Over = Extract<MeetingView, { state: 'over' }>;

const OVER = {
  removed: 'removed',
  ended: 'meeting_ended',
  refused: 'join_denied',
  notAllowed: 'sign_in_required',
  full: 'join_failed',
  captcha: 'captcha_shown',
} as const satisfies Partial<Record<keyof Signs, EndReason>>;

/** Jitsi Meet on any host. */
export function createJitsiPlatform(changes?: SignOverrides[string]): MeetingPlatform {
  const table: Signs = overrideSigns(JITSI_SIGNS, changes);
  const marks = withoutTexts(table);
  const visits = new WeakMap<Page, Visit>();
  return {
    table,
    // No `readSpeaking`: the dominant speaker stays marked after falling silent.
    sound: {
      readLastSpeakers,
      tracks: 'per_participant',
      owner: { selector: 'audio[data-participant-key]', attribute: 'data-participant-key' },
      ownerInStreamId: '^([0-9a-f]{8})-audio-',
    },

    async join(page, request) {
      const visit: Visit = {
        botName: request.botName,
        passcode: request.passcode,
        passcodeGivenAtMs: null,
        isNotFound: false,
        hasBeenIn: false,
      };
      visits.set(page, visit);
      const answer = await page.goto(addSettings(request), {
        waitUntil: 'domcontentloaded',
        timeout: STEP_TIMEOUT_MS,
      });
      visit.isNotFound = answer?.status() === 404;
      if (!visit.isNotFound) await passPrejoin(page, table, request);
    },

    async observe(page) {
      const visit = visits.get(page);
      const signs = await readShown(page, table, marks);
      const call = await readCall(page, table);
      const view = interpret(signs, call, visit);
      if (visit && view.state === 'in_meeting') visit.hasBeenIn = true;
      if (visit && (view.state === 'joining' || view.state === 'waiting_room')) {
        await passDoor({ page, table }, signs, visit);
      }
      return view;
    },

    async leave(page) {
      await showToolbar(page);
      await page.click(selectorOf(table.hangup), { timeout: LEAVE_TIMEOUT_MS });
      // Moderators are asked whether the others may stay.
      const choice = page.locator(selectorOf(table.hangupChoice)).first();
      await choice.click({ timeout: MENU_TIMEOUT_MS }).catch(() => undefined);
    },

    sendChat: (page, text) => sendChat(page, table, text),
    setMicrophone: (page, isOn) => setMicrophone(page, table, isOn),
  };
}

async function sendChat(page: Page, table: Signs, text: string): Promise<void> {
  const input = selectorOf(table.chatInput);
  if (!(await page.isVisible(input))) {
    await showToolbar(page);
    await page.click(selectorOf(table.chatButton), { timeout: STEP_TIMEOUT_MS });
  }
  const own = page.locator(selectorOf(table.chatEntry)).and(page.locator('.local'));
  const before = await own.count();
  await page.fill(input, text, { timeout: STEP_TIMEOUT_MS });
  await page.press(input, 'Enter');
  await own.nth(before).waitFor({ state: 'attached', timeout: STEP_TIMEOUT_MS });
}

async function setMicrophone(page: Page, table: Signs, isOn: boolean): Promise<void> {
  const [wanted, other] = isOn
    ? [table.microphoneOn, table.microphoneOff]
    : [table.microphoneOff, table.microphoneOn];
  await showToolbar(page);
  if (await page.isVisible(selectorOf(other))) await page.click(selectorOf(other));
  await page.waitForSelector(selectorOf(wanted), { timeout: STEP_TIMEOUT_MS });
}

/** It hides while the mouse rests. */
async function showToolbar(page: Page): Promise<void> {
  await page.mouse.move(200, 200);
  await page.mouse.move(210, 210);
}

/**
 * Settings that the client takes from a link: silent, unseen, sound only, named, and in English,
 * which a host may have for a browser that asks for it, or not (features/base/i18n).
 */
function addSettings({ url, botName, joinToken }: JoinRequest): string {
  const target = new URL(url);
  target.searchParams.set('lang', 'en');
  if (joinToken !== null) target.searchParams.set('jwt', joinToken);
  target.hash = [
    'config.startWithAudioMuted=true',
    'config.startWithVideoMuted=true',
    'config.startAudioOnly=true',
    `userInfo.displayName=${encodeURIComponent(JSON.stringify(botName))}`,
  ].join('&');
  return target.href;
}

/** A host may have the pre-join page switched off; then what follows it is there at once. */
async function passPrejoin(page: Page, table: Signs, { botName }: JoinRequest): Promise<void> {
  const { nameInput, lobby, passcodeInput, loginButton, hangup } = table;
  const first = [nameInput, lobby, passcodeInput, loginButton, hangup].map(selectorOf).join(', ');
  await page.waitForSelector(first, { timeout: STEP_TIMEOUT_MS });
  const banner = page.locator(selectorOf(table.cookieBanner));
  if (await banner.isVisible()) await banner.click();
  if (!(await page.isVisible(selectorOf(table.nameInput)))) return;
  await page.fill(selectorOf(table.nameInput), botName);
  for (const sign of [table.prejoinMicrophoneOn, table.prejoinCameraOn]) {
    const button = page.locator(selectorOf(sign));
    if (await button.isVisible()) await button.click();
    await button.waitFor({ state: 'hidden', timeout: STEP_TIMEOUT_MS });
  }
  await page.click(selectorOf(table.joinButton), { timeout: STEP_TIMEOUT_MS });
}

/** In a call a guest may write and be called anything: there only what the page is made of counts. */
async function readShown(page: Page, table: Signs, marks: SignTable): Promise<Set<string>> {
  const marked = await readSigns(page, marks);
  return isCallShown(marked) ? marked : readSigns(page, table);
}

/** Before the call, and in the lobby, the client has no toolbox. */
function isCallShown(signs: ReadonlySet<string>): boolean {
  return signs.has('conference') && signs.has('toolbox');
}

/** Being out takes two signs: what the page says, and that the client is in no conference. */
function interpret(
  signs: ReadonlySet<string>,
  { hasJoined, isConnected, people, chat }: JitsiCall,
  visit: Visit | undefined,
): MeetingView {
  const seen = { signs: [...signs, ...(hasJoined ? ['joined'] : [])] };
  const has = (name: keyof Signs) => signs.has(name);
  const end = (reason: EndReason, confidence: Over['confidence']): Over => ({
    state: 'over',
    reason,
    confidence,
    ...seen,
  });
  for (const [sign, reason] of Object.entries(OVER)) {
    if (!signs.has(sign)) continue;
    return hasJoined === true
      ? { state: 'unclear', ...seen }
      : end(reason, hasJoined === false ? 'certain' : 'likely');
  }
  const isAsked = has('passcodeInput') || has('lobbyPasscodeInput');
  if (visit && isAsked && isPasscodeRefused(signs, visit)) {
    return end('passcode_wrong', has('passcodeWrong') ? 'certain' : 'likely');
  }
  if (isAsked || has('prejoin')) return { state: 'joining', ...seen };
  if (has('notStarted') && !has('hangup')) {
    return { state: 'waiting_room', isNotStarted: true, ...seen };
  }
  if (has('lobby')) return { state: 'waiting_room', ...seen };
  if (has('connectionLost') && visit?.hasBeenIn) {
    return { state: 'in_meeting', isConnected: false, people, chat, ...seen };
  }
  if (isCallShown(signs) && hasJoined !== false) {
    return { state: 'in_meeting', isConnected, people, chat, ...seen };
  }
  const isElsewhere = visit?.isNotFound && signs.size === 0;
  return isElsewhere ? end('meeting_not_found', 'likely') : { state: 'unclear', ...seen };
}

/** The client asks again for a wrong one, which it may do before it says that it was wrong. */
function isPasscodeRefused(signs: ReadonlySet<string>, visit: Visit): boolean {
  if (visit.passcode === null) return true;
  return visit.passcodeGivenAtMs !== null && signs.has('passcodeWrong');
}
