import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../../test/chromium-path';
import { FakeBotApi } from '../../../test/fake-bot-api';
import { FRESH, startJitsiMeeting } from '../../../test/meeting-pages/jitsi/jitsi-meeting';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import {
  readStandup,
  startSoundCast,
  type SpokenLine,
} from '../../../test/meeting-pages/sound-cast';
import { startBotProcess } from '../bot-process';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

/** How much of a turn a busy machine may cut off, and what of it is a chunk's margin only. */
const SLACK_MS = 1_500;
const MARGIN_MS = 700;
const MAYA = { id: 'aaaa1111', name: 'Maya', role: 'moderator' } as const;
const JONAS = { id: 'bbbb2222', name: 'Jonas' };

test('the bot as it is started hears each person in a Jitsi meeting under their key', async () => {
  const meeting = await startJitsiMeeting();
  meeting.reset({ ...FRESH, people: [MAYA, JONAS] });
  // One stream is named after its owner; whose the other is, only the page says.
  const cast = await startSoundCast(meeting, {
    kind: 'per_person',
    people: [MAYA.id, JONAS.id],
    streamIds: { [MAYA.id]: `${MAYA.id}-audio-0-1`, [JONAS.id]: 'remote-audio-2' },
  });
  const folder = await mkdtemp(join(tmpdir(), 'jitsi-bot-'));
  const api = new FakeBotApi({ platform: 'jitsi', joinUrl: `${meeting.url}/team/Weekly` });
  const bot = startBotProcess({
    BOT_API_URL: await api.start(),
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: join(folder, 'spool'),
    BOT_CHROMIUM_PATH: findChromium(),
    BOT_ALLOWED_ORIGINS: meeting.url,
  });
  /** How long of a turn is heard under each key. */
  const heardIn = (turn: Turn): Record<string, number> => {
    const heard: Record<string, number> = {};
    for (const { participant, capturedAtMs, startMs, endMs } of api.chunks) {
      const untilMs = capturedAtMs + endMs - startMs;
      const sharedMs = Math.min(untilMs, turn.endMs) - Math.max(capturedAtMs, turn.startMs);
      const key = String(participant);
      if (sharedMs > 0) heard[key] = (heard[key] ?? 0) + sharedMs;
    }
    return heard;
  };
  try {
    await api.waitUntil(({ changes }) => changes.some(({ key }) => key === JONAS.id), 60_000);
    await meeting.waitForEvent('sound-connected');
    const turns = await cast.say(readTwoVoices());
    const isHeard = (turn: Turn) =>
      (heardIn(turn)[turn.person] ?? 0) > turn.endMs - turn.startMs - SLACK_MS;
    await api.waitUntil(() => turns.every(isHeard), 40_000);
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);
    await meeting.waitForEvent('left');

    expect(api.violations).toEqual([]);
    for (const turn of turns) {
      const others = Object.entries(heardIn(turn)).filter(([key]) => key !== turn.person);
      expect(others.filter(([, sharedMs]) => sharedMs > MARGIN_MS)).toEqual([]);
    }
    expect(api.terminalReports).toMatchObject([{ state: 'ended', reason: 'stopped' }]);
  } finally {
    bot.child.kill('SIGKILL');
    await cast.close();
    await api.stop();
    await meeting.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});

/** Maya, Jonas, Maya, Jonas: three and a half seconds long, a second apart. */
function readTwoVoices(): SpokenLine[] {
  return [MAYA, JONAS, MAYA, JONAS].map(({ id, name }, turn) => {
    const line = readStandup().filter(({ person }) => person === name)[turn >> 1];
    if (!line) throw new Error(`Expected two lines of ${name}`);
    return { ...line, person: id, toMs: line.fromMs + 3_500, atMs: turn * 4_500 };
  });
}
