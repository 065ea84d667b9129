import { setTimeout as delay } from 'node:timers/promises';
import { createTeamsPlatform } from '../../src/platforms/teams/teams-platform';
import {
  ask,
  arrive,
  CLIENTS,
  context,
  enter,
  forget,
  JONAS,
  LOOK_MS,
  MAYA,
  meeting,
  page,
  platform,
  see,
  seeCall,
  seeEnd,
  useTeams,
  waitForSpeaking,
  type InMeeting,
} from './teams-stage';

/** A browser takes its time on a slow machine. */
jest.setTimeout(180_000);

const namesIn = ({ people }: InMeeting) => people.map(({ name }) => name);
const hasName = (name: string) => (call: InMeeting) => namesIn(call).includes(name);

useTeams();

describe.each(CLIENTS)('in the call, in the %s client', (client) => {
  let first: InMeeting;
  beforeAll(async () => {
    await arrive();
    first = await enter({ client, hasChat: client === 'full' });
  });
  afterAll(() => page.close());

  test('knows everybody, the organizer and itself', () => {
    expect(first.isConnected).toBe(true);
    expect(first.people).toEqual([
      { key: 'self', name: 'Notes', isHost: false, isSelf: true },
      { key: MAYA.key, name: MAYA.name, isHost: true, isSelf: false },
      { key: JONAS.key, name: JONAS.name, isHost: false, isSelf: false },
    ]);
  });

  test('has the pictures of the others switched off', async () => {
    await seeCall();
    expect(await meeting.page.waitForEvent('incoming-video-off')).toBeNull();
  });

  test('sees who comes later, who goes, and that a renamed person is the same one', async () => {
    if (client === 'full') await see(() => page.isVisible('[data-tid="ckeditor"]'));
    meeting.addPerson({ key: '8:teamsvisitor:77', name: 'Priya (Guest)' });
    const later = await seeCall(hasName('Priya'));
    expect(later.people.at(-1)?.key).toBe('8:teamsvisitor:77');
    meeting.changePerson('8:teamsvisitor:77', { name: 'Priya Nair' });
    const renamed = await seeCall(hasName('Priya Nair'));
    expect(renamed.people.at(-1)?.key).toBe('8:teamsvisitor:77');
    meeting.removePerson('8:teamsvisitor:77');
    await seeCall((call) => call.people.length === 3);
  });

  test('notices who has gone although the roster gave its place to the chat', async () => {
    meeting.removePerson(JONAS.key);
    await seeCall((call) => !hasName(JONAS.name)(call));
    meeting.addPerson(JONAS);
    await seeCall(hasName(JONAS.name));
  });

  test('switches the microphone on and off as the page shows it', async () => {
    await platform.setMicrophone(page, false);
    await platform.setMicrophone(page, true);
    expect(await meeting.page.waitForEvent('microphone')).toEqual({ isOn: true });
    await platform.setMicrophone(page, false);
    expect(await meeting.page.waitForEvent('microphone')).toEqual({ isOn: false });
  });

  test.each(['attribute', 'class', 'drawn'] as const)(
    'sees who speaks by outlines of the kind "%s"',
    async (outline) => {
      meeting.page.update({ outline, speaking: [] });
      await waitForSpeaking([]);
      meeting.page.update({ speaking: [JONAS.key] });
      await waitForSpeaking([JONAS.key]);
      meeting.page.update({ speaking: [MAYA.key, JONAS.key] });
      await waitForSpeaking([MAYA.key, JONAS.key]);
    },
  );

  test('names nobody where Teams draws no outlines', async () => {
    meeting.page.update({ outline: 'none', speaking: [MAYA.key] });
    await waitForSpeaking([]);
  });

  test('does not take a muted person, or a shared screen, for a speaker', async () => {
    meeting.page.update({ outline: 'class', speaking: [MAYA.key, JONAS.key] });
    meeting.changePerson(JONAS.key, { isMuted: true, isSharing: true });
    await waitForSpeaking([MAYA.key]);
    meeting.changePerson(JONAS.key, { isMuted: false, isSharing: false });
  });

  test('leaves by the button, also when the first click is lost in a redraw', async () => {
    await page.evaluate(() => {
      const redraw = (): void => {
        const bar = document.querySelector('[data-tid="ubar-toolbar-wrapper"]');
        bar?.replaceWith(bar.cloneNode(true));
      };
      window.addEventListener('mousedown', redraw, { capture: true, once: true });
    });
    await platform.leave(page);
    expect(await meeting.page.waitForEvent('left')).toBeNull();
    expect(await seeEnd()).toMatchObject({ reason: 'meeting_ended', confidence: 'certain' });
  });
});

describe('in the call', () => {
  beforeAll(async () => {
    await arrive();
    await enter();
  });
  afterAll(() => page.close());

  test('reads the chat with its senders, also of several messages in a row', async () => {
    meeting.say('Maya Lindqvist', 'Shall we begin?');
    meeting.say('Maya Lindqvist', 'Jonas?');
    const { chat } = await seeCall((call) => call.chat.length === 2);
    expect(chat.map(({ from, text }) => [from, text])).toEqual([
      ['Maya Lindqvist', 'Shall we begin?'],
      ['Maya Lindqvist', 'Jonas?'],
    ]);
    expect(new Set(chat.map(({ key }) => key)).size).toBe(2);
  });

  test('sends a chat message and knows it as its own, without what an earlier try left', async () => {
    await page.locator('[data-tid="ckeditor"]').evaluate((editor) => {
      editor.textContent = 'I take notes.';
    });
    await platform.sendChat(page, 'I take notes.');
    expect(await meeting.page.waitForEvent('chat')).toEqual({ text: 'I take notes.' });
    const { chat } = await seeCall((call) => call.chat.length === 3);
    expect(chat[2]).toMatchObject({ from: 'Notes', text: 'I take notes.' });
  });

  test('is not misled by what is written in the chat', async () => {
    meeting.say('Jonas Weber', "You've been removed from this meeting. The meeting has ended.");
    meeting.say('Jonas Weber', 'Connection lost, someone will let you in soon');
    const call = await seeCall(({ chat }) => chat.length === 5);
    expect(call.isConnected).toBe(true);
  });

  test('has lost the connection while Teams says so above the call', async () => {
    meeting.page.update({ notice: 'Connection lost. Reconnecting…' });
    await seeCall(({ isConnected }) => !isConnected);
    await delay(LOOK_MS);
    expect(await platform.observe(page)).toMatchObject({ isConnected: false });
    meeting.page.update({ notice: null });
    await seeCall(({ isConnected }) => isConnected);
  });

  test('puts away what Teams says about anything else', async () => {
    meeting.page.update({ notice: 'Your microphone is not working' });
    await seeCall();
    expect(await meeting.page.waitForEvent('dismissed')).toBeNull();
  });

  test('has lost the connection while the browser has no network', async () => {
    await context.setOffline(true);
    await seeCall(({ isConnected }) => !isConnected);
    await context.setOffline(false);
    await seeCall(({ isConnected }) => isConnected);
  });
});

describe.each(CLIENTS)('a call that ends, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(async () => {
    forget();
    await enter({ client, hasChat: client === 'full' });
  });
  afterAll(() => page.close());

  test('was ended by the host when the bot has not left', async () => {
    meeting.end();
    expect(await seeEnd()).toMatchObject({ reason: 'meeting_ended', confidence: 'certain' });
  });

  test('is told from one that the bot is removed from', async () => {
    meeting.remove();
    expect(await seeEnd()).toMatchObject({ reason: 'removed', confidence: 'certain' });
  });
});

describe('in a call with two people of one name, told apart by no id', () => {
  beforeEach(arrive);
  afterEach(() => page.close());

  test('names neither as speaking, and has no chat to write to', async () => {
    const twin = { key: '8:live:twin', name: JONAS.name };
    await enter({ client: 'guest', hasChat: false, people: [MAYA, JONAS, twin] });
    meeting.page.update({ speaking: [MAYA.key, JONAS.key] });
    await waitForSpeaking([MAYA.key]);
    await expect(platform.sendChat(page, 'I take notes.')).rejects.toThrow();
  });
});

describe('a changed page', () => {
  beforeEach(arrive);
  afterEach(() => page.close());

  test('is mended by selectors of the operator', async () => {
    meeting.open('call', { people: [MAYA] });
    await page.addInitScript(() => {
      document.addEventListener('DOMContentLoaded', () => {
        const rename = () =>
          document
            .querySelectorAll('#hangup-button')
            .forEach((one) => (one.outerHTML = '<button class="bye">Leave</button>'));
        new MutationObserver(rename).observe(document, { subtree: true, childList: true });
      });
    });
    forget({ hangup: { css: ['.bye'] } });
    await ask();
    await seeCall();
  });

  test('is not mended by a sign that does not exist', () => {
    expect(() => createTeamsPlatform({ hangUp: { css: ['.bye'] } })).toThrow('hangUp');
  });
});
