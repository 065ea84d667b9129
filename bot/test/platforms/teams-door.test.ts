import { GERMAN } from '../../../test/meeting-pages/teams/german';
import type { TeamsMeeting, TeamsState } from '../../../test/meeting-pages/teams/teams-meeting';
import {
  ask,
  arrive,
  CLIENTS,
  forget,
  JONAS,
  MAYA,
  meeting,
  page,
  platform,
  see,
  seeCall,
  seeEnd,
  useTeams,
} from './teams-stage';

/** A browser takes its time on a slow machine. */
jest.setTimeout(180_000);

useTeams();

describe.each(CLIENTS)('before the call, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(() => forget());
  afterAll(() => page.close());

  const open = (answer: Parameters<TeamsMeeting['open']>[0], state: Partial<TeamsState> = {}) =>
    meeting.open(answer, { client, ...state });

  test('asks under its name, with microphone and camera off', async () => {
    open('call');
    await ask();
    expect(await meeting.asked()).toMatchObject({
      name: 'Notes',
      isMicrophoneOn: false,
      isCameraOn: false,
    });
  });

  test('goes on in the browser where Teams offers its application', async () => {
    open('call', { hasLauncher: true });
    await ask();
    await seeCall();
  });

  test('insists when Teams asks whether it wants neither audio nor video', async () => {
    open('call', { question: 'after-asking' });
    await ask();
    expect(await meeting.asked()).toMatchObject({ name: 'Notes', isMicrophoneOn: false });
    await seeCall();
  });

  test('waits in the lobby until it is admitted', async () => {
    open('lobby');
    await ask();
    const waiting = await see(({ state }) => state === 'waiting_room');
    expect(waiting).not.toHaveProperty('isNotStarted');
    meeting.admit();
    await seeCall();
  });

  test('says that the meeting has not been started', async () => {
    open('not-started');
    await ask();
    expect(await platform.observe(page)).toMatchObject({
      state: 'waiting_room',
      isNotStarted: true,
    });
  });

  test('takes its request back when it leaves the lobby', async () => {
    open('lobby');
    await ask();
    await platform.leave(page);
    expect(await meeting.page.waitForEvent('cancelled')).toBeNull();
  });
});

describe.each(CLIENTS)('at a door that stays shut, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(() => forget());
  afterAll(() => page.close());

  test.each([
    ['sign-in-asked', 'sign_in_required', 'certain'],
    ['login-form', 'sign_in_required', 'certain'],
    ['guests-later', 'meeting_not_started', 'certain'],
    ['cannot-connect', 'join_failed', 'certain'],
    ['captcha', 'captcha_shown', 'likely'],
  ] as const)('a page that shows %s means %s', async (screen, reason, confidence) => {
    meeting.open(screen, { client });
    await ask();
    expect(await seeEnd()).toMatchObject({ reason, confidence });
  });

  test('a link that Teams does not know leads to no meeting', async () => {
    meeting.open('no-such-meeting', { client });
    await ask({ passcode: 'AbCd1234' });
    expect(await meeting.asked()).toMatchObject({ passcode: 'AbCd1234' });
    expect(await seeEnd()).toMatchObject({ reason: 'meeting_not_found', confidence: 'likely' });
  });

  test('a link without its passcode lacks just that', async () => {
    meeting.open('no-such-meeting', { client });
    await ask();
    expect(await seeEnd()).toMatchObject({ reason: 'passcode_wrong', confidence: 'likely' });
  });

  test('a refusal after the lobby is a person’s', async () => {
    meeting.open('lobby', { client });
    await ask();
    await see(({ state }) => state === 'waiting_room');
    meeting.refuse();
    expect(await seeEnd()).toMatchObject({ reason: 'join_denied', confidence: 'certain' });
  });

  test('a refusal without any lobby is taken for a rule against bots', async () => {
    meeting.open('refused', { client });
    await ask();
    expect(await seeEnd()).toMatchObject({ reason: 'bots_not_allowed', confidence: 'likely' });
  });

  test('what is seen is named after the table', async () => {
    meeting.open('sign-in-asked', { client });
    await ask();
    const { signs } = await seeEnd();
    expect(signs).toEqual(expect.arrayContaining(['signInText', 'retryScreen']));
    expect(Object.keys(platform.table)).toEqual(expect.arrayContaining([...signs]));
  });
});

describe('who the bot is', () => {
  beforeAll(arrive);
  beforeEach(() => forget());
  afterAll(() => page.close());

  test('is shown to Teams by a token in the part of the link that stays in the browser', async () => {
    meeting.open('call');
    await ask({ passcode: 'p1', joinToken: 'header.claims.signature' });
    expect(await meeting.asked()).toMatchObject({
      passcode: 'p1',
      fragment: '#token=header.claims.signature',
    });
  });

  test('is its account when its sign-in is stored', async () => {
    meeting.open('call', { account: 'Notes of Contoso', people: [MAYA] });
    await ask({ isSignedIn: true });
    expect(await meeting.asked()).toMatchObject({ name: 'Notes of Contoso' });
  });

  test('is not taken for a guest when the stored sign-in is no longer accepted', async () => {
    meeting.open('call', { account: null });
    await ask({ isSignedIn: true });
    expect(await seeEnd()).toMatchObject({ reason: 'auth_required' });
  });
});

describe.each(CLIENTS)('a page in German, in the %s client', (client) => {
  beforeAll(arrive);
  beforeEach(() => forget());
  afterAll(() => page.close());

  const open = (answer: Parameters<TeamsMeeting['open']>[0], state: Partial<TeamsState> = {}) =>
    meeting.open(answer, { client, words: GERMAN, ...state });
  /** Signs that only a text can make, in any language but English. */
  const saidIn = ({ signs }: { signs: readonly string[] }) =>
    signs.filter((name) => !platform.table[name]?.css);

  test('is passed from the launcher to the call by what it is made of, and ends by no words', async () => {
    open('lobby', { hasLauncher: true, people: [MAYA, JONAS], hasChat: client === 'full' });
    await ask();
    expect(await meeting.asked()).toMatchObject({
      name: 'Notes',
      isMicrophoneOn: false,
      isCameraOn: false,
    });
    // guests wait on what is left of the page before, and only a text tells them so
    const state = client === 'full' ? 'waiting_room' : 'joining';
    expect(saidIn(await see((view) => view.state === state))).toEqual([]);
    meeting.admit();
    const call = await seeCall(({ people }) => people.length === 3);
    expect(saidIn(call)).toEqual([]);
    expect(call.people.map(({ key }) => key)).toEqual(['self', MAYA.key, JONAS.key]);
    for (const [screen, text] of [
      ['refused', 'Zugang verweigert'],
      ['removed', 'aus dieser Besprechung entfernt'],
      ['ended', 'Die Besprechung ist beendet'],
      ['no-such-meeting', 'Keine passende Besprechung'],
      ['sign-in-asked', 'melden Sie sich mit einem Konto an'],
      ['guests-later', 'nicht teilnehmen'],
      ['cannot-connect', 'nicht verbinden'],
    ] as const) {
      meeting.page.update({ screen });
      await page.locator('#calling-retry-screen-title', { hasText: text }).waitFor();
      const view = await platform.observe(page);
      expect(view).toMatchObject({ state: 'unclear' });
      expect(view.signs).toContain('retryScreen');
      expect(saidIn(view)).toEqual([]);
    }
    meeting.admit();
    await seeCall();
  });

  test('asks for a sign-in by its form', async () => {
    open('login-form');
    await ask();
    expect(await seeEnd()).toMatchObject({ reason: 'sign_in_required', confidence: 'certain' });
  });
});
