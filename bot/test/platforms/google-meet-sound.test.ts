import type { FakeBotApi } from '../../../test/fake-bot-api';
import {
  startGoogleMeetPage,
  type GoogleMeetPage,
  type MeetState,
} from '../../../test/meeting-pages/google-meet/google-meet-page';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import { startSoundCast, type SoundCast } from '../../../test/meeting-pages/sound-cast';
import { sendBot, type SentBot } from '../sent-bot';
import { readTwoVoices } from './two-voices';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const MAYA = { id: 'spaces/standin/devices/1', name: 'Maya', isHost: true };
const JONAS = { id: 'spaces/standin/devices/2', name: 'Jonas' };
/** On three channels, so that neither keeps theirs. */
const VOICES = { Maya: MAYA.id, Jonas: JONAS.id };

describe('the bot in Google Meet', () => {
  /** Signs of who speaks lag behind the sound, on a busy machine more so. */
  const SLACK_MS = 1_000;
  const OTHER = new Map([
    [MAYA.id, JONAS.id],
    [JONAS.id, MAYA.id],
  ]);
  let meet: GoogleMeetPage;
  let cast: SoundCast;
  let bot: SentBot;
  let api: FakeBotApi;

  beforeAll(async () => {
    meet = await startGoogleMeetPage();
  });
  afterAll(() => meet.close());
  afterEach(async () => {
    await bot.close();
    await cast.close();
  });

  async function hearTwoVoices(changes: Partial<MeetState>): Promise<Turn[]> {
    meet.begin({ people: [MAYA, JONAS], ...changes });
    cast = await startSoundCast(meet.page, { kind: 'channels', count: 3 });
    const link = { joinUrl: meet.url, passcode: null };
    bot = await sendBot({ platform: 'google_meet', ...link }, meet.page.url);
    ({ api } = bot);
    await api.waitUntil(({ states }) => states.includes('waiting_room'), 60_000);
    meet.admit();
    await meet.page.waitForEvent('sound-connected');
    await api.waitUntil(({ changes: all }) => all.some(({ key }) => key === JONAS.id));
    const turns = await cast.say(readTwoVoices(VOICES, { lineMs: 3_500, stepMs: 4_500 }));
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
