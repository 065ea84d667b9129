import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import type { JoinRequest } from '../platform';
import { readSigns, selectorOf, type Sign } from '../signs';
import { interpret, type Seen, type Visit } from './door';
import type { TEAMS_SIGNS } from './signs';

const STEP_TIMEOUT_MS = 15_000;
const CLICK_TIMEOUT_MS = 3_000;
/** Teams loads five documents one after the other before it shows the pre-join page. */
const DOOR_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 200;
const ASK_AGAIN_MS = 5_000;
const SETTLE_MS = 3_000;
const MOST_ASKS = 3;
const WARM_UP_MS = 20_000;

type Signs = typeof TEAMS_SIGNS;

interface Door {
  page: Page;
  table: Signs;
  request: JoinRequest;
  visit: Visit;
  asks: number;
  /** From when on asking once more can help. */
  askAgainAtMs: number;
  hasWarmedUp: boolean;
}

/**
 * The link with what belongs to this join. The token of Teams' bot identification programme goes
 * into the fragment, which no server sees; it lives for about an hour.
 */
function makeJoinUrl({ url, passcode, joinToken }: JoinRequest): string {
  const link = new URL(url);
  if (passcode && !link.searchParams.has('p')) link.searchParams.set('p', passcode);
  if (joinToken) {
    const fragment = link.hash.slice(1);
    link.hash = `${fragment && `${fragment}&`}token=${encodeURIComponent(joinToken)}`;
  }
  return link.href;
}

/** Asks to be let in; returns when Teams has taken notice, or has shown why it will not. */
export async function askToJoin(
  { page, table }: { page: Page; table: Signs },
  request: JoinRequest,
  visit: Visit,
): Promise<void> {
  const door: Door = { page, table, request, visit, asks: 0, askAgainAtMs: 0, hasWarmedUp: false };
  await open(door);
  const deadlineMs = performance.now() + DOOR_TIMEOUT_MS;
  let fault: unknown;
  while (performance.now() < deadlineMs) {
    try {
      if (await takeStep(door, await readSigns(page, table))) return;
    } catch (error) {
      // Teams navigates by itself on the way; what was begun on one page is begun again on the next.
      fault = error;
    }
    await delay(LOOK_INTERVAL_MS);
  }
  throw fault ?? new Error('Expected the pre-join page of Teams, found none');
}

/** A visible element of a sign: by its selectors, else a button by its texts. */
export function locate(page: Page, { css = [], text = [] }: Sign): Locator {
  const byCss = css.length > 0 ? [page.locator(css.join(', '))] : [];
  const byText = text.map((name) => page.getByRole('button', { name }));
  const [first, ...others] = [...byCss, ...byText];
  if (!first) throw new Error('Expected a sign with a selector or a text');
  return others
    .reduce((all, one) => all.or(one), first)
    .filter({ visible: true })
    .first();
}

function open({ page, request }: Door) {
  return page.goto(makeJoinUrl(request), {
    waitUntil: 'domcontentloaded',
    timeout: STEP_TIMEOUT_MS,
  });
}

/** Whether nothing is left to do here. */
async function takeStep(door: Door, seen: Seen): Promise<boolean> {
  const { page, table, visit } = door;
  const { state } = interpret(seen, visit, performance.now());
  visit.hasWaited ||= state === 'waiting_room';
  if (state === 'over' || state === 'waiting_room' || state === 'in_meeting') return true;
  if (seen.has('withoutDevices')) {
    await locate(page, table.withoutDevices).click({ timeout: CLICK_TIMEOUT_MS });
    // The question swallows the press that it followed.
    door.askAgainAtMs = 0;
    return false;
  }
  if (seen.has('launcher')) {
    await locate(page, table.launcher).click({ timeout: CLICK_TIMEOUT_MS });
    return false;
  }
  const sinceAskMs = performance.now() - (visit.askedAtMs ?? performance.now());
  const joinButton = locate(page, table.joinButton);
  const canAsk = (await joinButton.isVisible()) && (await joinButton.isEnabled());
  if (!canAsk) return door.asks > 0 && sinceAskMs > SETTLE_MS;
  if (performance.now() < door.askAgainAtMs) return false;
  if (door.asks >= MOST_ASKS) return true;
  if (!(await prepare(door))) return false;
  await joinButton.click({ timeout: CLICK_TIMEOUT_MS });
  door.asks += 1;
  visit.askedAtMs = performance.now();
  door.askAgainAtMs = performance.now() + ASK_AGAIN_MS;
  return false;
}

/** Name set, microphone and camera off, each read back from the page. False: not yet. */
async function prepare(door: Door): Promise<boolean> {
  const { page, table, request, visit } = door;
  const nameInput = page.locator(selectorOf(table.nameInput)).filter({ visible: true }).first();
  const asksForName = await nameInput.isVisible();
  if (request.isSignedIn && asksForName) {
    if (door.hasWarmedUp) visit.isSignInDropped = true;
    else await warmUp(door);
    return false;
  }
  // A bot must not go in under a name that it did not choose.
  if (!request.isSignedIn && !asksForName) return false;
  if (asksForName) {
    await nameInput.fill(request.botName, { timeout: CLICK_TIMEOUT_MS });
    if ((await nameInput.inputValue()) !== request.botName) return false;
  }
  await switchOff(page.locator(selectorOf(table.microphoneChoice)).first());
  await switchOff(page.locator(selectorOf(table.cameraChoice)).first());
  return true;
}

/** Throws where the page still shows it on. A page without the switch has no device to send from. */
async function switchOff(choice: Locator): Promise<void> {
  if ((await choice.count()) === 0 || !(await isOn(choice))) return;
  // The drawn switch may lie over the input that carries the state.
  await choice.click({ timeout: CLICK_TIMEOUT_MS, force: true });
  if (await isOn(choice)) throw new Error('Expected a device to be off before joining');
}

function isOn(choice: Locator): Promise<boolean> {
  return choice.evaluate(
    (element) =>
      (element instanceof HTMLInputElement && element.checked) ||
      element.getAttribute('aria-checked') === 'true',
  );
}

/** Links open for guests until the application itself has taken up the stored sign-in once. */
async function warmUp(door: Door): Promise<void> {
  const { page, table, request } = door;
  door.hasWarmedUp = true;
  const app = new URL('/v2/', request.url).href;
  await page.goto(app, { waitUntil: 'domcontentloaded', timeout: STEP_TIMEOUT_MS });
  const settled = [selectorOf(table.app), selectorOf(table.loginForm)].join(', ');
  await page.waitForSelector(settled, { state: 'attached', timeout: WARM_UP_MS }).catch(() => null);
  if ((await readSigns(page, table)).has('loginForm')) return;
  await open(door);
}
