import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../../test/chromium-path';
import { FakeBotApi, type ReceivedChunk } from '../../../test/fake-bot-api';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import {
  readStandup,
  startSoundCast,
  type SoundCast,
  type SpokenLine,
} from '../../../test/meeting-pages/sound-cast';
import { TeamsMeeting } from '../../../test/meeting-pages/teams/teams-meeting';
import { startBotProcess, type BotProcess } from '../bot-process';
import { JONAS, MAYA } from './teams-stage';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

/** How far sound and its sources may lag behind on a busy machine. */
const SLACK_MS = 700;

describe('the bot as it is started', () => {
  let meeting: TeamsMeeting;
  let folder: string;
  let cast: SoundCast;
  let bot: BotProcess;
  let api: FakeBotApi;
  beforeAll(async () => {
    meeting = await TeamsMeeting.start();
    folder = await mkdtemp(join(tmpdir(), 'teams-bot-'));
    meeting.open('lobby', { people: [MAYA, JONAS], outline: 'class' });
    cast = await startSoundCast(meeting.page, {
      kind: 'mix',
      trackId: 'mainAudio-7',
      repetition: true,
    });
    api = new FakeBotApi({ platform: 'teams', joinUrl: meeting.link, passcode: 'p1' });
    bot = startBotProcess({
      BOT_API_URL: await api.start(),
      BOT_TOKEN: api.token,
      BOT_SPOOL_DIR: join(folder, 'spool'),
      BOT_CHROMIUM_PATH: findChromium(),
      BOT_ALLOWED_ORIGINS: meeting.page.url,
    });
  });
  afterAll(async () => {
    bot.child.kill('SIGKILL');
    await cast.close();
    await api.stop();
    await meeting.page.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  test('tells apart in one track who says what, and learns their names from the page', async () => {
    await api.waitUntil(({ states }) => states.includes('waiting_room'));
    expect(await meeting.asked()).toMatchObject({ passcode: 'p1', isMicrophoneOn: false });
    meeting.admit();
    await api.waitUntil(({ changes }) => changes.some(({ key }) => key === JONAS.key));
    const turns = await cast.say(readTwoVoices());
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
      expect(shareRight(turns, `csrc-${cast.sourceOf(key)}`, key)).toBeGreaterThan(0.85);
    }
  });

  const endOf = ({ capturedAtMs, startMs, endMs }: ReceivedChunk) => capturedAtMs + endMs - startMs;

  /** Of the time for which a source is said to have been heard: how much of it that person spoke. */
  function shareRight(turns: Turn[], source: string, person: string): number {
    const spans = api.chunks.flatMap(({ capturedAtMs, spans: all }) =>
      (all ?? [])
        .filter((span) => span.source === source)
        .map((span) => [capturedAtMs + span.startMs, capturedAtMs + span.endMs] as const),
    );
    const own = turns.filter((turn) => turn.person === person);
    const right = spans.map(([from, to]) =>
      own.reduce(
        (sum, { startMs, endMs }) =>
          sum + Math.max(0, Math.min(to, endMs + SLACK_MS) - Math.max(from, startMs - SLACK_MS)),
        0,
      ),
    );
    const heardMs = spans.reduce((sum, [from, to]) => sum + to - from, 0);
    return right.reduce((sum, ms) => sum + ms, 0) / heardMs;
  }
});

/** Two turns of each, one after the other. */
function readTwoVoices(): SpokenLine[] {
  const keys: Record<string, string> = { Maya: MAYA.key, Jonas: JONAS.key };
  return ['Maya', 'Jonas', 'Maya', 'Jonas'].map((person, turn) => {
    const line = readStandup().filter((one) => one.person === person)[turn >> 1];
    if (!line) throw new Error(`Expected two lines of ${person}`);
    const toMs = Math.min(line.toMs, line.fromMs + 3_000);
    return { ...line, toMs, person: keys[person] ?? person, atMs: turn * 3_300 };
  });
}
