import type { FakeBotApi } from '../../../test/fake-bot-api';
import { openLivekitRoom, type LivekitRoom, type SpokenTurn } from '../../../test/livekit-room';
import {
  LIVEKIT_BUILD_MS,
  startLivekitServer,
  type LivekitServer,
} from '../../../test/livekit-server';
import {
  startLivekitMeet,
  type LivekitMeet,
} from '../../../test/meeting-pages/livekit/livekit-meet';
import { sendBot, type SentBot } from '../sent-bot';

/** Chunks begin a little before speech and end a little after it, and a busy machine is late. */
const SLACK_MS = 1_500;
/** What is heard within another's turn by this much only is a chunk's margin. */
const MARGIN_MS = 600;
const TURN_TIMEOUT_MS = 60_000;

jest.setTimeout(180_000);

let server: LivekitServer;
let meet: LivekitMeet;
let room: LivekitRoom;
let api: FakeBotApi;
let bot: SentBot;
let roomNumber = 0;

beforeAll(async () => {
  server = await startLivekitServer();
  meet = await startLivekitMeet(server);
}, LIVEKIT_BUILD_MS);
afterAll(async () => {
  await meet.close();
  await server.close();
});
beforeEach(async () => {
  roomNumber += 1;
  room = await openLivekitRoom({ server, name: `sound-${roomNumber}` });
});
afterEach(async () => {
  await bot.close();
  await room.close();
  expect(api.violations).toEqual([]);
});

async function sendBotTo(link: { joinUrl: string; passcode: string | null }): Promise<void> {
  const origins = [server.url.replace('ws', 'http'), meet.url];
  bot = await sendBot({ platform: 'livekit', botName: 'Notes', ...link }, ...origins);
  ({ api } = bot);
  await api.waitUntil(({ states }) => states.includes('in_meeting'));
}

/** All keys that a name had: a server that is started anew gives new ones. */
const keysOf = (name: string) =>
  api.changes.flatMap((one) => ('name' in one && one.name === name ? [one.key] : []));

const line = (name: string, atMs: number) => {
  const wav = `standup-${name === 'Jonas' ? 'jonas' : 'maya'}.wav`;
  const fromMs = name === 'Jonas' ? 8_068 : 1_500;
  return { name, wav, atMs, fromMs, toMs: fromMs + 3_500 };
};

const overlap = (turn: SpokenTurn, chunk: { startMs: number; endMs: number }) =>
  Math.min(turn.endMs, chunk.endMs) - Math.max(turn.startMs, chunk.startMs);
const listChunks = () =>
  api.chunks.map(({ participant, capturedAtMs, startMs, endMs }) => ({
    participant,
    startMs: capturedAtMs,
    endMs: capturedAtMs + endMs - startMs,
  }));

/** Every turn was heard, and of nobody else. */
async function expectHeard(turns: SpokenTurn[]): Promise<void> {
  const isHeard = (turn: SpokenTurn) => {
    const own = listChunks().filter(({ participant }) =>
      keysOf(turn.name).includes(participant ?? ''),
    );
    // a hole in the sound, as a busy machine makes them, cuts a turn into several chunks
    const heardMs = own.reduce((sum, chunk) => sum + Math.max(0, overlap(turn, chunk)), 0);
    return heardMs > turn.endMs - turn.startMs - SLACK_MS;
  };
  await api.waitUntil(() => turns.every(isHeard), TURN_TIMEOUT_MS);
  for (const turn of turns) {
    const others = listChunks().filter(
      (chunk) =>
        overlap(turn, chunk) > MARGIN_MS && !keysOf(turn.name).includes(chunk.participant ?? ''),
    );
    expect(others).toEqual([]);
  }
}

describe('the bot in a LiveKit room', () => {
  test('hears two speakers and a late one, and all of them after the server started anew', async () => {
    await sendBotTo({ joinUrl: server.url, passcode: await room.makeToken('bot') });
    await expectHeard(await room.addSpeakers([line('Maya', 0), line('Jonas', 4_500)]));
    await room.addPerson('Priya');
    await api.waitUntil(() => keysOf('Priya').length > 0);
    await expectHeard(await room.addSpeakers([line('Priya', 1_000)]));

    await server.kill();
    await server.start();
    await Promise.all(['Maya', 'Jonas', 'Priya'].map((name) => room.isBack(name)));
    await api.waitUntil(() => new Set(keysOf('Jonas')).size === 2);
    await expectHeard(await room.addSpeakers([line('Jonas', 500), line('Maya', 5_000)]));

    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);
    expect(api.terminalReports).toMatchObject([{ state: 'ended', reason: 'stopped' }]);
  });

  test('hears the right people on a page like LiveKit Meet too', async () => {
    await sendBotTo({ joinUrl: `${meet.url}/rooms/${room.name}`, passcode: null });
    await expectHeard(await room.addSpeakers([line('Maya', 0), line('Jonas', 4_500)]));
    await server.deleteRoom(room.name);
    expect(await bot.exitCode).toBe(0);
    expect(api.terminalReports).toMatchObject([{ state: 'ended', reason: 'meeting_ended' }]);
  });
});
