import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { selectorOf, type Sign } from '../signs';
import type { CallPage } from './call-page';
import type { Seen } from './door';
import { locate } from './prejoin';
import type { TEAMS_SIGNS } from './signs';

const CLICK_TIMEOUT_MS = 2_000;
const STEP_TIMEOUT_MS = 5_000;
const MOST_TRIES = 3;

type Chore = 'notice' | 'video' | 'roster' | 'chat';

/** What has to be pressed in a call, one thing at a time; nothing here is worth losing the call. */
export class CallTender {
  private turn: Promise<unknown> = Promise.resolve();
  private isBusy = false;
  private isRetired = false;
  private readonly tries: Record<Chore, number> = { notice: 0, video: 0, roster: 0, chat: 0 };
  private isVideoOff = false;

  constructor(private readonly table: typeof TEAMS_SIGNS) {}

  canOpenRoster(signs: Seen): boolean {
    return signs.has('rosterButton') && this.tries.roster < MOST_TRIES;
  }

  /** Begins what is to be done and returns at once. */
  tend(page: Page, { signs, seen, needsRoster, isLost }: TendOptions): void {
    // What Teams says of a lost connection must stand until it is back.
    if (this.isBusy || this.isRetired || isLost) return;
    this.isBusy = true;
    const hasNotice = signs.has('noticeDismiss');
    if (!hasNotice) this.tries.notice = 0;
    void this.inTurn(async () => {
      if (hasNotice && this.mayTry('notice')) await this.press(page, this.table.noticeDismiss);
      else if (!this.isVideoOff && this.mayTry('video')) await this.turnVideoOff(page);
      else if (seen.isRosterOpen) {
        this.tries.roster = 0;
        await this.openChat(page, signs, seen);
      } else if (needsRoster && this.canOpenRoster(signs)) {
        this.tries.roster += 1;
        await this.press(page, this.table.rosterButton);
      } else await this.openChat(page, signs, seen);
    })
      .catch(() => undefined)
      .finally(() => {
        this.isBusy = false;
      });
  }

  /** Begins nothing any more; resolves when what was begun is done, at the latest after `limitMs`. */
  async retire(limitMs: number): Promise<void> {
    this.isRetired = true;
    await Promise.race([this.turn, delay(limitMs)]);
  }

  /** Presses what stands in the way of joining. */
  passDeviceQuestion(page: Page): void {
    void this.press(page, this.table.withoutDevices).catch(() => undefined);
  }

  /** Resolves when the page has taken the message. */
  sendChat(page: Page, text: string): Promise<void> {
    return this.inTurn(async () => {
      const input = visible(page, this.table.chatInput);
      if (!(await input.isVisible())) await this.press(page, this.table.chatButton);
      await input.click({ timeout: STEP_TIMEOUT_MS });
      // An earlier try may have left its text.
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(text);
      const send = visible(page, this.table.chatSend);
      if (await send.isVisible()) await send.click({ timeout: CLICK_TIMEOUT_MS });
      else await page.keyboard.press('Enter');
      await page.waitForFunction(isEmptied, selectorOf(this.table.chatInput), {
        timeout: STEP_TIMEOUT_MS,
      });
    });
  }

  private async openChat(page: Page, signs: Seen, seen: CallPage): Promise<void> {
    if (seen.isChatOpen) {
      this.tries.chat = 0;
      return;
    }
    if (signs.has('chatButton') && this.mayTry('chat')) {
      await this.press(page, this.table.chatButton);
    }
  }

  /** Nobody looks at the pictures, and to decode them costs most of what a bot takes. */
  private async turnVideoOff(page: Page): Promise<void> {
    const choice = visible(page, this.table.incomingVideoOff);
    if (!(await choice.isVisible())) await this.press(page, this.table.viewButton);
    if (!(await appears(choice))) {
      await this.press(page, this.table.viewMore).catch(() => undefined);
      await appears(choice);
    }
    try {
      await choice.click({ timeout: CLICK_TIMEOUT_MS });
      this.isVideoOff = true;
    } finally {
      if (!this.isVideoOff) await page.keyboard.press('Escape');
    }
  }

  private mayTry(chore: Chore): boolean {
    this.tries[chore] += 1;
    return this.tries[chore] <= MOST_TRIES;
  }

  private press(page: Page, sign: Sign): Promise<void> {
    return locate(page, sign).click({ timeout: CLICK_TIMEOUT_MS });
  }

  private inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

interface TendOptions {
  signs: Seen;
  seen: CallPage;
  needsRoster: boolean;
  isLost: boolean;
}

function visible(page: Page, sign: Sign): Locator {
  return page.locator(selectorOf(sign)).filter({ visible: true }).first();
}

function appears(choice: Locator): Promise<boolean> {
  return choice.waitFor({ timeout: CLICK_TIMEOUT_MS / 2 }).then(
    () => true,
    () => false,
  );
}

/** Runs in the page. */
function isEmptied(selector: string): boolean {
  const input = document.querySelector<HTMLElement>(selector);
  const content = input instanceof HTMLTextAreaElement ? input.value : input?.innerText;
  return content?.trim() === '';
}
