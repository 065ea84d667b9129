import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import type { CaptureMessage } from '../../src/browser/capture-script';
import { openMeetingBrowser, type MeetingBrowser } from '../../src/browser/meeting-browser';
import { createZoomPlatform } from '../../src/platforms/zoom/zoom-platform';
import { installVoice, playVoice, stopVoice } from '../../src/voice';
import { findChromium } from '../../../test/chromium-path';
import type { ReceivedChunk } from '../../../test/fake-bot-api';
import type { MeetingPage } from '../../../test/meeting-pages/meeting-page';
import { startSoundCast } from '../../../test/meeting-pages/sound-cast';
import {
  makeZoomState,
  startZoomMeeting,
  type ZoomState,
} from '../../../test/meeting-pages/zoom/zoom-meeting';
import { sendBot } from '../sent-bot';
import { readTwoVoices, shareRight, SLACK_MS } from './two-voices';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const LOOK_INTERVAL_MS = 100;
const MAYA = { key: 'Maya', id: 16779264, name: 'Maya Lindqvist', isHost: true };
const JONAS = { key: 'Jonas', id: 16780288, name: 'Jonas Weber' };
const KEYS = { Maya: `zoom-${MAYA.id}`, Jonas: `zoom-${JONAS.id}` };

let meeting: MeetingPage<ZoomState>;
let link: string;

beforeAll(async () => {
  meeting = await startZoomMeeting();
  link = `${meeting.url}/j/87617459756?pwd=abc`;
});
afterAll(() => meeting.close());

describe('the bot as it is started', () => {
  test('tells by Zoom’s icons who says what in the mix', async () => {
    meeting.reset(makeZoomState({ framing: 'iframe', sound: 'webrtc', people: [MAYA, JONAS] }));
    const cast = await startSoundCast(meeting, { kind: 'mix' });
    const bot = await sendBot({ platform: 'zoom', joinUrl: link }, meeting.url);
    const { api } = bot;
    try {
      await api.waitUntil(({ changes }) => changes.some(({ key }) => key === KEYS.Jonas), 60_000);
      await meeting.waitForEvent('sound-connected');
      const turns = await cast.say(
        readTwoVoices({ Maya: 'Maya', Jonas: 'Jonas' }, { lineMs: 4_000, stepMs: 4_500 }),
      );
      const lastEndMs = Math.max(...turns.map(({ endMs }) => endMs));
      const endOf = ({ capturedAtMs, startMs, endMs }: ReceivedChunk) =>
        capturedAtMs + endMs - startMs;
      await api.waitUntil(({ chunks }) => chunks.some((one) => endOf(one) > lastEndMs - SLACK_MS));
      api.command({ kind: 'leave', reason: 'stopped' });
      expect(await bot.exitCode).toBe(0);
      await meeting.waitForEvent('left');

      expect(api.violations).toEqual([]);
      expect(api.chunks.every(({ participant }) => participant === null)).toBe(true);
      for (const [person, source] of Object.entries(KEYS)) {
        expect(shareRight(api.chunks, turns, { person, source })).toBeGreaterThan(0.8);
      }
    } finally {
      await bot.close();
      await cast.close();
    }
  });
});

describe('a browser of the bot', () => {
  const platform = createZoomPlatform();
  const heard: CaptureMessage[] = [];
  const isHeard = () => heard.some((one) => one.kind === 'audio' && one.pcm !== undefined);
  let browser: MeetingBrowser;
  beforeAll(async () => {
    meeting.reset(makeZoomState({ framing: 'iframe', sound: 'web_audio', people: [MAYA] }));
    browser = await openMeetingBrowser({
      chromiumPath: findChromium(),
      isHeadless: true,
      joinUrl: link,
      platform,
      prepare: installVoice,
      onSound: (message) => heard.push(message),
      onCrash: (detail) => heard.push({ kind: 'track_ended', track: detail, isRepetition: false }),
      logger: pino({ level: 'silent' }),
    });
    const request = { botName: 'Notes', passcode: null, joinToken: null, isSignedIn: false };
    await platform.join(browser.page, { ...request, url: link });
  });
  afterAll(() => browser.close());

  test('hears what Zoom’s own code decodes, although no track carries it', async () => {
    while (!isHeard()) {
      await platform.observe(browser.page);
      await delay(LOOK_INTERVAL_MS);
    }
    expect(isHeard()).toBe(true);
  });

  test('speaks into the call, in whichever frame that is', async () => {
    await platform.setMicrophone(browser.page, true);
    const wav = await readFile(join(__dirname, '../../../test/audio/standup-maya.wav'));
    const spoken = playVoice(browser.page, wav);
    await meeting.waitForEvent('voice-heard');
    await stopVoice(browser.page);
    expect(await spoken).toBe('stopped');
  });
});
