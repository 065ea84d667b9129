import { setTimeout as delay } from 'node:timers/promises';
import {
  LIVEKIT_BUILD_MS,
  startLivekitServer,
  type LivekitServer,
} from '../../../test/livekit-server';
import { openLivekitScene, readRound, type LivekitScene } from './livekit-scene';

const NAMES = ['Maya', 'Jonas', 'Ada', 'Ben', 'Clara', 'Dev', 'Emil', 'Fay'];
const CUT_MS = 6_000;
/** How long a probe may take to be heard before another is said. */
const PROBE_MS = 10_000;

jest.setTimeout(240_000);

let server: LivekitServer;
let scene: LivekitScene;
let roomNumber = 0;

beforeAll(async () => {
  server = await startLivekitServer();
}, LIVEKIT_BUILD_MS);
afterAll(() => server.close());
beforeEach(async () => {
  roomNumber += 1;
  scene = await openLivekitScene(server, `full-${roomNumber}`);
});
afterEach(() => scene.close());

async function stopBot(): Promise<void> {
  const { api, bot } = scene;
  api.command({ kind: 'leave', reason: 'stopped' });
  expect(await bot.exitCode).toBe(0);
  expect(api.terminalReports).toMatchObject([{ state: 'ended', reason: 'stopped' }]);
  expect(api.violations).toEqual([]);
}

describe('the bot in a LiveKit room', () => {
  test.each([2, 4, 8])('hears %i speakers under their names, late joiners too', async (count) => {
    const names = NAMES.slice(0, count);
    const early = names.slice(0, count / 2);
    const first = await scene.room.addSpeakers(readRound(early));
    await scene.untilHeard(first);
    // who was not there yet joins with this round
    const second = await scene.room.addSpeakers(readRound(names.toReversed()));
    await scene.untilHeard(second);
    expect(scene.listWrongNames([...first, ...second])).toEqual([]);
    await stopBot();
  });

  test('hears who speaks after its network was gone for some seconds', async () => {
    const [maya = '', jonas = ''] = NAMES;
    const { room, api } = scene;
    const before = await room.addSpeakers(readRound([maya, jonas]));
    await scene.untilHeard(before);
    expect(scene.listWrongNames(before)).toEqual([]);

    server.pause();
    await delay(CUT_MS);
    server.resume();
    const resumedAtMs = Date.now();
    const isBack = () => scene.listHeard(resumedAtMs).some(({ name }) => name === maya);
    while (!isBack()) {
      await room.addSpeakers(readRound([maya]));
      await api.waitUntil(isBack, PROBE_MS).catch(() => undefined);
    }

    const after = await room.addSpeakers(readRound([jonas, maya]));
    await scene.untilHeard(after);
    expect(scene.listWrongNames(after, after[0]?.startMs)).toEqual([]);
    await stopBot();
  });
});
