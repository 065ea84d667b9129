import { setTimeout as delay } from 'node:timers/promises';
import { FRESH, startJitsiMeeting } from '../../../test/meeting-pages/jitsi/jitsi-meeting';
import type { Turn } from '../../../test/meeting-pages/meeting-page';
import { startSoundCast } from '../../../test/meeting-pages/sound-cast';
import { sendBot } from '../sent-bot';
import { readTwoVoices } from './two-voices';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

/** How much of a turn a busy machine may cut off, and what of it is a chunk's margin only. */
const SLACK_MS = 1_500;
const MARGIN_MS = 700;
const CUT_MS = 2_000;
const MAYA = { id: 'aaaa1111', name: 'Maya', role: 'moderator' } as const;
const JONAS = { id: 'bbbb2222', name: 'Jonas' };
const VOICES = { Maya: MAYA.id, Jonas: JONAS.id };

test('the bot as it is started hears each person in a Jitsi meeting under their key, and tells when it was cut off', async () => {
  const meeting = await startJitsiMeeting();
  meeting.reset({ ...FRESH, people: [MAYA, JONAS] });
  // One stream is named after its owner; whose the other is, only the page says.
  const cast = await startSoundCast(meeting, {
    kind: 'per_person',
    people: [MAYA.id, JONAS.id],
    streamIds: { [MAYA.id]: `${MAYA.id}-audio-0-1`, [JONAS.id]: 'remote-audio-2' },
  });
  const bot = await sendBot(
    { platform: 'jitsi', joinUrl: `${meeting.url}/team/Weekly` },
    meeting.url,
  );
  const { api } = bot;
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
    const turns = await cast.say(readTwoVoices(VOICES, { lineMs: 3_500, stepMs: 4_500 }));
    const isHeard = (turn: Turn) =>
      (heardIn(turn)[turn.person] ?? 0) > turn.endMs - turn.startMs - SLACK_MS;
    await api.waitUntil(() => turns.every(isHeard), 40_000);
    meeting.update({ isConnected: false });
    await delay(CUT_MS);
    meeting.update({ isConnected: true });
    await api.waitUntil(({ gaps }) => gaps.length > 0);
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);
    await meeting.waitForEvent('left');

    expect(api.violations).toEqual([]);
    expect(api.gaps).toMatchObject([{ reason: 'connection_lost' }]);
    for (const turn of turns) {
      const others = Object.entries(heardIn(turn)).filter(([key]) => key !== turn.person);
      expect(others.filter(([, sharedMs]) => sharedMs > MARGIN_MS)).toEqual([]);
    }
    expect(api.terminalReports).toMatchObject([{ state: 'ended', reason: 'stopped' }]);
  } finally {
    await bot.close();
    await cast.close();
    await meeting.close();
  }
});
