import type { Page } from 'playwright-core';
import type { MeetingPlatform } from '../platform';
import { overrideSigns, readSigns, selectorOf, type SignOverrides } from '../signs';
import { nameTiles, readCallPage, readChat, readSpeaking } from './call-page';
import { CallTender } from './call-tender';
import { interpret, type Visit } from './door';
import { setTeamsMicrophone } from './microphone';
import { People } from './people';
import { askToJoin } from './prejoin';
import { TEAMS_SIGNS } from './signs';

const LEAVE_TIMEOUT_MS = 3_000;
/** A click that falls into a redraw of the bar is lost. */
const LEAVE_TRIES = 2;
/** For what is just being pressed: two clicks at once on one page hit each other's buttons. */
const CHORE_TIMEOUT_MS = 1_000;
const ROSTER_PAUSE_MS = 5_000;
/** A browser closed at once takes the word of leaving with it, and the bot stays in the list. */
const GOODBYE_TIMEOUT_MS = 1_500;

const BEFORE_THE_DOOR: Visit = {
  ownName: '',
  isSignedIn: false,
  isSignInDropped: false,
  askedAtMs: null,
  hasWaited: false,
};

type Signs = typeof TEAMS_SIGNS;

/**
 * Microsoft Teams, work and personal links, in its full web client and the one for guests.
 *
 * `joinToken` is the token of the Teams Bot Identification Program, an application's token from
 * Microsoft Entra for the scope https://ic3.teams.office.com/.default. Whoever gives it must have
 * been registered by Microsoft; Teams then shows the bot as a known one. All sound comes in one
 * track of the server's making, named mainAudio…; its contributing sources tell speakers apart.
 */
export function createTeamsPlatform(
  changes?: SignOverrides[string],
  { rosterPauseMs = ROSTER_PAUSE_MS } = {},
): MeetingPlatform {
  const table: Signs = overrideSigns(TEAMS_SIGNS, changes);
  const tender = new CallTender(table);
  const people = new People(rosterPauseMs);
  const visit: Visit = { ...BEFORE_THE_DOOR };

  const observeCall = async (page: Page, signs: ReadonlySet<string>) => {
    if (visit.isSignedIn) visit.ownName = await readOwnName(page, table, visit.ownName);
    const [seen, chat] = await Promise.all([
      readCallPage(page, table),
      readChat(page, table, visit.ownName),
    ]);
    const everyone = people.update(seen, visit.ownName, tender.canOpenRoster(signs));
    if (seen.tiles.some(({ key }) => key === null)) {
      await nameTiles(page, people.keysByName(everyone));
    }
    const isSaidLost = table.connectionLost.text.some((text) =>
      seen.notices.includes(text.toLowerCase()),
    );
    const isLost = isSaidLost || !seen.isOnline;
    const needsRoster = people.needsRoster(seen, performance.now());
    tender.tend(page, { signs, seen, needsRoster, isLost });
    return {
      state: 'in_meeting' as const,
      signs: [...signs],
      isConnected: !isLost,
      people: everyone,
      chat,
    };
  };

  return {
    table,
    sound: { tracks: 'mixed', mixTrackPrefix: 'mainAudio', readSpeaking },

    join(page, request) {
      Object.assign(visit, { ownName: request.botName, isSignedIn: request.isSignedIn });
      return askToJoin({ page, table }, request, visit);
    },

    async observe(page) {
      const signs = await readSigns(page, table);
      const view = interpret(signs, visit, performance.now());
      if (view.state === 'in_meeting') return observeCall(page, signs);
      visit.hasWaited ||= view.state === 'waiting_room';
      if (signs.has('withoutDevices')) tender.passDeviceQuestion(page);
      return view;
    },

    async leave(page) {
      await tender.retire(CHORE_TIMEOUT_MS);
      await pressLeave(page, `:is(${selectorOf(table.hangup)}, ${selectorOf(table.cancelButton)})`);
    },

    sendChat: (page, text) => tender.sendChat(page, text),
    setMicrophone: (page, isOn) => setTeamsMicrophone(page, table, isOn),
  };
}

async function pressLeave(page: Page, buttons: string): Promise<void> {
  const shown = `${buttons}:visible`;
  const gone = { state: 'hidden', timeout: GOODBYE_TIMEOUT_MS } as const;
  for (let tries = 1; tries <= LEAVE_TRIES; tries += 1) {
    await page.click(shown, { timeout: LEAVE_TIMEOUT_MS });
    const hasLeft = page.waitForSelector(shown, gone).then(() => true);
    if (await hasLeft.catch(() => false)) return;
  }
}

/** A signed-in bot goes by the name of its account, as its picture's label has it. */
async function readOwnName(page: Page, table: Signs, fallback: string): Promise<string> {
  const picture = page.locator(selectorOf(table.ownName)).first();
  if ((await picture.count()) === 0) return fallback;
  const label = (await picture.getAttribute('aria-label')) ?? '';
  return /^Profile picture of (.+?)\.?$/.exec(label)?.[1] ?? fallback;
}
