import { listSelectors } from '../../src/platforms/signs';
import {
  BOT_NAME,
  joinCall,
  JONAS,
  keyOf,
  listNames,
  MAYA,
  meeting,
  mend,
  page,
  platform,
  see,
  seePeople,
  seeState,
  useZoom,
} from './zoom-stage';

useZoom();

describe('the call ends', () => {
  test.each([
    ['ended', 'meeting_ended'],
    ['removed', 'removed'],
  ] as const)('%s', async (ending, reason) => {
    await joinCall();
    meeting.update({ ending });
    expect(await seeState('over')).toMatchObject({ reason, confidence: 'certain' });
  });

  test('when Zoom’s web app has gone home without a word', async () => {
    await joinCall({ framing: 'iframe' });
    meeting.update({ ending: 'home' });
    expect(await seeState('over')).toMatchObject({ reason: 'meeting_ended', confidence: 'likely' });
  });

  test('but not because a guest writes so', async () => {
    const people = [{ ...MAYA, name: 'You have been removed from the meeting' }];
    await joinCall({ people });
    const text = 'This meeting has been ended by host. Automated bots aren’t allowed';
    meeting.update({ chat: [{ id: '1', from: 'Maya', text }] });
    await see((view) => view.state === 'in_meeting' && view.chat.length === 1);
    meeting.update({ people: [...people, JONAS] });
    await seePeople(BOT_NAME, 'Jonas', 'You have been removed from the meeting');
  });

  test.each(['reconnecting', 'disconnected'] as const)(
    'not while it is %s; the people are still there',
    async (connection) => {
      await joinCall();
      meeting.update({ connection });
      const view = await see((one) => one.state === 'in_meeting' && !one.isConnected);
      expect(listNames(view)).toEqual([BOT_NAME, 'Maya', 'Jonas']);
      meeting.update({ connection: 'connected' });
      await see((one) => one.state === 'in_meeting' && one.isConnected);
    },
  );

  test('not because Zoom hides its footer', async () => {
    await joinCall();
    meeting.update({ isFooterHidden: true });
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
  });
});

describe('the people', () => {
  test('are found when they come late, and keep their key under a new name', async () => {
    await joinCall({ people: [MAYA] });
    const late = { key: 'Priya', id: 16781312, name: 'Priya' };
    meeting.update({ people: [MAYA, late] });
    await seePeople(BOT_NAME, 'Maya', 'Priya');
    const key = await keyOf('Priya');
    meeting.update({ people: [MAYA, { ...late, name: 'Priya (Berlin)' }] });
    await seePeople(BOT_NAME, 'Maya', 'Priya (Berlin)');
    expect(await keyOf('Priya (Berlin)')).toBe(key);
  });

  const makeGuests = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      key: `${index}`,
      id: 16779264 + 1024 * index,
      name: `Guest ${index}`,
    }));

  test.each(['top', 'iframe'] as const)(
    'all get a row that shows whether they speak, in a client as %s',
    async (framing) => {
      await joinCall({ framing, people: makeGuests(12) });
      const frame = page.frames().at(-1);
      await frame?.waitForFunction('document.querySelectorAll(".participants-li").length === 13');
      // the page learns at each look what names the look before has seen
      await platform.observe(page);
      await frame?.evaluate(`[...document.querySelectorAll('.participants-li')].at(-1)
        .querySelector('svg').classList.add('participants-icon__voip-speaking-icon')`);
      const css = listSelectors(platform.table);
      const speaking = await frame?.evaluate(platform.sound.readSpeaking ?? (() => []), css);
      expect(speaking).toEqual([`zoom-${16779264 + 1024 * 11}`]);
    },
  );

  test('are not named by the frame that stays on the last speaker, with the panel closed', async () => {
    await joinCall();
    await platform.observe(page);
    await page.evaluate(`document.querySelector('.participants-section-container').remove();
      [...document.querySelectorAll('.gallery-video-container__video-frame')].at(-1)
        .classList.add('gallery-video-container__video-frame--active')`);
    const css = listSelectors(platform.table);
    const { readSpeaking, readLastSpeakers } = platform.sound;
    expect(await page.evaluate(readSpeaking ?? (() => null), css)).toEqual([]);
    expect(await page.evaluate(readLastSpeakers ?? (() => null), css)).toEqual([
      `zoom-${JONAS.id}`,
    ]);
  });

  test('are all there, also when they are more than rows can be had for', async () => {
    await joinCall({ people: makeGuests(150) });
    expect(await page.locator('.participants-li').count()).toBeLessThan(151);
  });

  test('of one name are told apart by Zoom’s numbers, but not named as speaking', async () => {
    const people = [MAYA, { ...JONAS, name: 'Maya' }];
    await joinCall({ people });
    const view = await platform.observe(page);
    if (view.state !== 'in_meeting') throw new Error(`Expected a call, saw ${view.state}`);
    expect(view.people.map(({ key }) => key)).toEqual(['self', 'zoom-16779264', 'zoom-16780288']);
    expect(await page.evaluate('meetingKeysByName')).toEqual({});
  });

  test('have keys of their names where Zoom’s numbers cannot be had', async () => {
    await joinCall({ hasStore: false });
    const key = await keyOf('Maya');
    expect(key).toMatch(/^name-[0-9a-f]{12}$/);
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
    expect(await keyOf('Maya')).toBe(key);
  });

  test('are gone when the bot is alone', async () => {
    await joinCall();
    meeting.update({ people: [] });
    await seePeople(BOT_NAME);
  });
});

describe.each([false, true])('the chat, sharing its place: %s', (hasOnePanel) => {
  test('is read and written while the people are seen', async () => {
    await joinCall({ hasOnePanel });
    const lines = [
      { id: '1-A', from: 'Maya', text: 'Welcome, all' },
      { id: '1-B', from: 'Maya', text: 'Shall we begin?' },
    ];
    meeting.update({ chat: lines });
    const view = await see((one) => one.state === 'in_meeting' && one.chat.length === 2);
    expect(view).toMatchObject({
      chat: [
        { key: '1-A', from: 'Maya', text: 'Welcome, all' },
        { key: '1-B', from: 'Maya', text: 'Shall we begin?' },
      ],
    });
    // what an earlier try left
    const left = await page.locator('.tiptap').evaluateAll((editors) => {
      for (const editor of editors) editor.textContent = 'I take notes.';
      return editors.length;
    });
    expect(left).toBe(hasOnePanel ? 0 : 1);
    await platform.sendChat(page, 'I take notes.');
    expect(await meeting.waitForEvent('chat')).toBe('I take notes.');
    await see(
      (one) =>
        one.state === 'in_meeting' &&
        one.chat.some(({ from, text }) => from === BOT_NAME && text === 'I take notes.'),
    );
    meeting.update({ people: [MAYA] });
    await seePeople(BOT_NAME, 'Maya');
  });
});

describe('in the call', () => {
  test('sound is joined, muted, and incoming video off', async () => {
    await joinCall();
    await see((view) => view.state === 'in_meeting');
    await meeting.waitForEvent('sound-joined');
    expect(await muteAfterLooks()).toBe(false);
    await meeting.waitForEvent('video-stopped');
  });

  test('the microphone is on and off as wished', async () => {
    await joinCall();
    await meeting.waitForEvent('sound-joined');
    await muteAfterLooks();
    await platform.setMicrophone(page, true);
    expect(await meeting.waitForEvent('microphone')).toBe(true);
    await seePeople(BOT_NAME, 'Maya', 'Jonas');
    await platform.setMicrophone(page, false);
    expect(await meeting.waitForEvent('microphone')).toBe(false);
  });

  test('notices are put aside', async () => {
    await joinCall();
    meeting.update({ notice: 'This meeting is being recorded' });
    await seeState('in_meeting');
    await meeting.waitForEvent('notice-read');
  });

  test('an operator’s selectors mend a changed page', async () => {
    await joinCall();
    mend({ leaveButton: { css: ['#changed'] } });
    expect(await platform.observe(page)).toMatchObject({ state: 'unclear' });
    mend({ leaveButton: { css: ['[footer-section="right"] button'] } });
    await seeState('in_meeting');
  });
});

/** The bot mutes itself at one of its next looks; whether the microphone is on after that. */
async function muteAfterLooks(): Promise<unknown> {
  await see((view) => view.state === 'in_meeting');
  return meeting.waitForEvent('microphone');
}
