import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createApiClient } from '../../src/api/api-client';
import { openMeetingBrowser } from '../../src/browser/meeting-browser';
import { MeetingRecorder } from '../../src/meeting-recorder';
import { createJitsiPlatform } from '../../src/platforms/jitsi/jitsi-platform';
import { Spool } from '../../src/spool/spool';
import { findChromium } from '../../../test/chromium-path';
import { FakeBotApi } from '../../../test/fake-bot-api';
import { FRESH, startJitsiMeeting } from '../../../test/meeting-pages/jitsi/jitsi-meeting';
import { lookUntil } from './observe-as-bot';

/** A browser takes its time on a slow machine. */
jest.setTimeout(120_000);

const ORIGIN_MS = 1_767_258_000_000;
/** The recorder's clock runs faster, so that seconds of silence are not waited for. */
const HURRIED = 20;
const TURN_MS = 250;
const MAYA = { id: 'aaaa1111', name: 'Maya' };
const JONAS = { id: 'bbbb2222', name: 'Jonas' };
const logger = pino({ level: 'silent' });

test('a Jitsi call whose people speak while no sound arrives is heard anew, then given up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jitsi-silence-'));
  const meeting = await startJitsiMeeting();
  const api = new FakeBotApi({ joinUrl: `${meeting.url}/team/Weekly` });
  meeting.reset({ ...FRESH, people: [MAYA, JONAS] });
  const platform = createJitsiPlatform();
  let giveUp: () => void = () => undefined;
  const failed = new Promise<void>((resolve) => (giveUp = resolve));
  const recorder = new MeetingRecorder({
    spool: await Spool.open(folder),
    clock: { nowMs: () => ORIGIN_MS + performance.now() * HURRIED },
    api: createApiClient({ apiUrl: await api.start(), token: api.token, logger }),
    createDetector: () => ({ isSpeech: () => true, close: () => undefined }),
    onChunk: () => undefined,
    onCaptureFailed: giveUp,
    logger,
  });
  const browser = await openMeetingBrowser({
    chromiumPath: findChromium(),
    isHeadless: true,
    joinUrl: meeting.url,
    platform,
    onSound: (message) => recorder.hear(message),
    onCrash: (detail) => logger.error(detail),
    logger,
  });
  let rehearings = 0;
  recorder.attach({
    tracks: platform.sound.tracks,
    rehear: () => {
      rehearings += 1;
      return browser.rehear();
    },
  });
  let talk: NodeJS.Timeout | undefined;
  try {
    const request = { botName: 'Notes', passcode: null, joinToken: null, isSignedIn: false };
    await platform.join(browser.page, { ...request, url: `${meeting.url}/team/Weekly` });
    await lookUntil({ platform, page: browser.page }, ({ state }) => state === 'in_meeting');
    recorder.start();
    let turn = 0;
    talk = setInterval(() => {
      turn += 1;
      meeting.update({ dominantSpeaker: [MAYA.id, JONAS.id][turn % 2] ?? null });
    }, TURN_MS);
    await failed;
    expect(rehearings).toBe(3);
    await recorder.close();
    await recorder.idle();
    expect(api.gaps).toMatchObject([{ reason: 'silent_capture' }]);
  } finally {
    clearInterval(talk);
    await browser.close();
    await recorder.close();
    await api.stop();
    await meeting.close();
    await rm(folder, { recursive: true, force: true });
  }
});
