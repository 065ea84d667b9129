import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findChromium } from '../../../test/chromium-path';
import { FakeBotApi } from '../../../test/fake-bot-api';
import {
  openLivekitRoom,
  type LivekitRoom,
  type SpeakerLine,
  type SpokenTurn,
} from '../../../test/livekit-room';
import {
  LIVEKIT_BUILD_MS,
  startLivekitServer,
  type LivekitServer,
} from '../../../test/livekit-server';
import { startBotProcess, type BotProcess } from '../bot-process';

const NAMES = ['Maya', 'Jonas'];
const LINE_MS = 3_500;
const STEP_MS = 4_500;
/** How much of a turn a busy machine may cut off. */
const SLACK_MS = 1_500;
const CUT_MS = 6_000;
/** How long a probe may take to be heard before another is said. */
const PROBE_MS = 10_000;

jest.setTimeout(240_000);

let server: LivekitServer;
let room: LivekitRoom;
let api: FakeBotApi;
let bot: BotProcess;
let folder: string;
let roomNumber = 0;

beforeAll(async () => {
  server = await startLivekitServer();
}, LIVEKIT_BUILD_MS);
afterAll(() => server.close());
beforeEach(async () => {
  roomNumber += 1;
  room = await openLivekitRoom({ server, name: `cut-${roomNumber}` });
  folder = await mkdtemp(join(tmpdir(), 'livekit-cut-'));
  const passcode = await room.makeToken('bot');
  api = new FakeBotApi({ platform: 'livekit', joinUrl: server.url, passcode });
  bot = startBotProcess({
    BOT_API_URL: await api.start(),
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: join(folder, 'spool'),
    BOT_CHROMIUM_PATH: findChromium(),
    BOT_ALLOWED_ORIGINS: server.url.replace('ws', 'http'),
  });
  await api.waitUntil(({ states }) => states.includes('in_meeting'), 60_000);
});
afterEach(async () => {
  bot.child.kill('SIGKILL');
  await room.close();
  await api.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Each says one line, one after the other. */
const readRound = (names: readonly string[]): SpeakerLine[] =>
  names.map((name, index) => {
    const isMaya = index % 2 === 0;
    const fromMs = isMaya ? 1_500 : 8_068;
    const wav = `standup-${isMaya ? 'maya' : 'jonas'}.wav`;
    return { name, wav, atMs: index * STEP_MS, fromMs, toMs: fromMs + LINE_MS };
  });

/** A name may have several keys: a server that takes somebody back as new gives a new one. */
const nameOf = (key: string | null) =>
  api.changes.find((one) => one.key === key && Boolean(one.name))?.name;

const listHeard = (sinceMs = 0) =>
  api.chunks
    .map(({ participant, capturedAtMs, startMs, endMs }) => ({
      name: nameOf(participant),
      startMs: capturedAtMs,
      endMs: capturedAtMs + endMs - startMs,
    }))
    .filter(({ startMs }) => startMs >= sinceMs);

type Heard = ReturnType<typeof listHeard>[number];

const overlap = (turn: SpokenTurn, heard: Heard): number =>
  Math.min(turn.endMs, heard.endMs) - Math.max(turn.startMs, heard.startMs);

async function untilHeard(turns: readonly SpokenTurn[]): Promise<void> {
  const isHeard = (turn: SpokenTurn): boolean => {
    const own = listHeard().filter(({ name }) => name === turn.name);
    const heardMs = own.reduce((sum, one) => sum + Math.max(0, overlap(turn, one)), 0);
    return heardMs > turn.endMs - turn.startMs - SLACK_MS;
  };
  await api.waitUntil(() => turns.every(isHeard), 90_000);
}

/** No chunk stands under anybody but the one who spoke for the most of it. */
function expectRightNames(turns: readonly SpokenTurn[], sinceMs = 0): void {
  const named = listHeard(sinceMs).map((heard) => {
    const [speaker] = turns.toSorted((a, b) => overlap(b, heard) - overlap(a, heard));
    return { heard: heard.name, spoken: speaker?.name };
  });
  expect(named.filter(({ heard, spoken }) => heard !== spoken)).toEqual([]);
}

async function stopBot(): Promise<void> {
  api.command({ kind: 'leave', reason: 'stopped' });
  expect(await bot.exitCode).toBe(0);
  expect(api.terminalReports).toMatchObject([{ state: 'ended', reason: 'stopped' }]);
  expect(api.violations).toEqual([]);
}

describe('the bot in a LiveKit room', () => {
  test('hears who speaks after its network was gone for some seconds', async () => {
    const before = await room.addSpeakers(readRound(NAMES));
    await untilHeard(before);
    expectRightNames(before);

    server.pause();
    await delay(CUT_MS);
    server.resume();
    const resumedAtMs = Date.now();
    const isBack = () => listHeard(resumedAtMs).some(({ name }) => name === 'Maya');
    while (!isBack()) {
      await room.addSpeakers(readRound(['Maya']));
      await api.waitUntil(isBack, PROBE_MS).catch(() => undefined);
    }

    const after = await room.addSpeakers(readRound(NAMES.toReversed()));
    await untilHeard(after);
    expectRightNames(after, after[0]?.startMs);
    await stopBot();
  });
});
