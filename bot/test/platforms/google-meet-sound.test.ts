import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../../test/chromium-path';
import { FakeBotApi } from '../../../test/fake-bot-api';
import {
  startGoogleMeetPage,
  type GoogleMeetPage,
  type MeetState,
} from '../../../test/meeting-pages/google-meet/google-meet-page';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import {
  readStandup,
  startSoundCast,
  type SoundCast,
} from '../../../test/meeting-pages/sound-cast';
import { startBotProcess, type BotProcess } from '../bot-process';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const MAYA = { id: 'spaces/standin/devices/1', name: 'Maya', isHost: true };
const JONAS = { id: 'spaces/standin/devices/2', name: 'Jonas' };

describe('the bot in Google Meet', () => {
  /** Signs of who speaks lag behind the sound, on a busy machine more so. */
  const SLACK_MS = 1_000;
  const OTHER = new Map([
    [MAYA.id, JONAS.id],
    [JONAS.id, MAYA.id],
  ]);
  let meet: GoogleMeetPage;
  let cast: SoundCast;
  let folder: string;
  let bot: BotProcess;
  let api: FakeBotApi;

  beforeAll(async () => {
    meet = await startGoogleMeetPage();
  });
  afterAll(() => meet.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'meet-bot-'));
    api = new FakeBotApi({ platform: 'google_meet', joinUrl: meet.url, passcode: null });
  });
  afterEach(async () => {
    bot.child.kill('SIGKILL');
    await cast.close();
    await api.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  async function hearTwoVoices(changes: Partial<MeetState>): Promise<Turn[]> {
    meet.begin({ people: [MAYA, JONAS], ...changes });
    cast = await startSoundCast(meet.page, { kind: 'channels', count: 3 });
    bot = startBotProcess({
      BOT_API_URL: await api.start(),
      BOT_TOKEN: api.token,
      BOT_SPOOL_DIR: join(folder, 'spool'),
      BOT_CHROMIUM_PATH: findChromium(),
      BOT_ALLOWED_ORIGINS: meet.page.url,
    });
    await api.waitUntil(({ states }) => states.includes('waiting_room'), 60_000);
    meet.admit();
    await meet.page.waitForEvent('sound-connected');
    await api.waitUntil(({ changes: all }) => all.some(({ key }) => key === JONAS.id));
    const turns = await cast.say(readTurns());
    const lastEndMs = Math.max(...turns.map(({ endMs }) => endMs));
    await api.waitUntil(({ chunks }) =>
      chunks.some((one) => one.capturedAtMs + one.endMs - one.startMs > lastEndMs - SLACK_MS),
    );
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);
    await meet.page.waitForEvent('left');
    expect(api.violations).toEqual([]);
    expect(api.states).toEqual(['joining', 'waiting_room', 'in_meeting', 'leaving', 'ended']);
    return turns;
  }

  /** Maya, Jonas, Maya, Jonas: on three channels, so that neither keeps theirs. */
  function readTurns() {
    return ['Maya', 'Jonas', 'Maya', 'Jonas'].map((name, index) => {
      const line = readStandup().filter(({ person }) => person === name)[index >> 1];
      if (!line) throw new Error(`Expected two lines of ${name}`);
      const person = name === 'Maya' ? MAYA.id : JONAS.id;
      return { ...line, person, atMs: index * 4_500, toMs: line.fromMs + 3_500 };
    });
  }

  /** How long a source is said to be heard while only the other person spoke. */
  function countWrong(turns: Turn[], source: string, person: string): number {
    const spans = api.chunks.flatMap(({ capturedAtMs, spans: all }) =>
      (all ?? [])
        .filter((span) => span.source === source)
        .map((span) => [capturedAtMs + span.startMs, capturedAtMs + span.endMs] as const),
    );
    expect(spans.length).toBeGreaterThan(0);
    const others = turns.filter((turn) => turn.person === OTHER.get(person));
    const within = (from: number, to: number) =>
      others.map(({ startMs, endMs }) =>
        Math.max(0, Math.min(to, endMs - SLACK_MS) - Math.max(from, startMs + SLACK_MS)),
      );
    return spans.flatMap(([from, to]) => within(from, to)).reduce((sum, one) => sum + one, 0);
  }

  test('names the sources of rotating channels by what the page shows', async () => {
    const turns = await hearTwoVoices({});
    expect(new Set(api.chunks.map(({ track }) => track)).size).toBeGreaterThan(2);
    for (const { id } of [MAYA, JONAS]) {
      const source = `csrc-${cast.sourceOf(id)}`;
      expect(api.bindings).toContainEqual({ source, participantKey: id });
      expect(countWrong(turns, source, id)).toBe(0);
    }
  });

  test('goes by the page alone where channels do not say whom they carry', async () => {
    const turns = await hearTwoVoices({
      hasSources: false,
      hasAudioElements: false,
      glow: 'frame',
    });
    for (const { id } of [MAYA, JONAS]) expect(countWrong(turns, id, id)).toBe(0);
  });
});
