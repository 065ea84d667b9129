import type { FakeBotApi, ReceivedChunk } from '../../../test/fake-bot-api';
import { startSoundCast, type SoundCast } from '../../../test/meeting-pages/sound-cast';
import { TeamsMeeting } from '../../../test/meeting-pages/teams/teams-meeting';
import { sendBot, type SentBot } from '../sent-bot';
import { JONAS, MAYA } from './teams-stage';
import { readTwoVoices, shareRight, SLACK_MS } from './two-voices';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const VOICES = { Maya: MAYA.key, Jonas: JONAS.key };

describe('the bot as it is started', () => {
  let meeting: TeamsMeeting;
  let cast: SoundCast;
  let bot: SentBot;
  let api: FakeBotApi;
  beforeAll(async () => {
    meeting = await TeamsMeeting.start();
    meeting.open('lobby', { people: [MAYA, JONAS], outline: 'class' });
    cast = await startSoundCast(meeting.page, {
      kind: 'mix',
      trackId: 'mainAudio-7',
      repetition: true,
    });
    const link = { joinUrl: meeting.link, passcode: 'p1' };
    bot = await sendBot({ platform: 'teams', ...link }, meeting.page.url);
    ({ api } = bot);
  });
  afterAll(async () => {
    await bot.close();
    await cast.close();
    await meeting.page.close();
  });

  test('tells apart in one track who says what, and learns their names from the page', async () => {
    await api.waitUntil(({ states }) => states.includes('waiting_room'));
    expect(await meeting.asked()).toMatchObject({ passcode: 'p1', isMicrophoneOn: false });
    meeting.admit();
    await api.waitUntil(({ changes }) => changes.some(({ key }) => key === JONAS.key));
    const turns = await cast.say(readTwoVoices(VOICES, { lineMs: 3_000, stepMs: 3_300 }));
    await api.waitUntil(({ bindings }) => bindings.length >= 2);
    const lastEndMs = Math.max(...turns.map(({ endMs }) => endMs));
    await api.waitUntil(({ chunks }) => chunks.some((one) => endOf(one) > lastEndMs - SLACK_MS));
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);

    expect(api.violations).toEqual([]);
    expect(api.states).toEqual(['joining', 'waiting_room', 'in_meeting', 'leaving', 'ended']);
    expect(api.bindings).toEqual(
      expect.arrayContaining([
        { source: `csrc-${cast.sourceOf(MAYA.key)}`, participantKey: MAYA.key },
        { source: `csrc-${cast.sourceOf(JONAS.key)}`, participantKey: JONAS.key },
      ]),
    );
    expect(api.chunks.every(({ participant }) => participant === null)).toBe(true);
    // Teams sends the mix a second time; heard twice, all would be written twice.
    expect(new Set(api.chunks.map(({ track }) => track)).size).toBe(1);
    for (const key of [MAYA.key, JONAS.key]) {
      const source = `csrc-${cast.sourceOf(key)}`;
      expect(shareRight(api.chunks, turns, { person: key, source })).toBeGreaterThan(0.85);
    }
  });

  const endOf = ({ capturedAtMs, startMs, endMs }: ReceivedChunk) => capturedAtMs + endMs - startMs;
});
