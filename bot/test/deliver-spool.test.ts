import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PartSpool } from '../src/recording/part-spool';
import { Spool } from '../src/spool/spool';
import { findBrowserPid, startBotProcess } from './bot-process';
import { isInMeeting, openBotWorld, type BotWorld } from './bot-world';
import { makeWav } from '../../test/wav-file';
import { measureLoudness } from '../../test/webm-tone';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

/** What a killed bot may lose of the recording. */
const LONGEST_LOSS_MS = 15_000;
const VOICE = join(__dirname, '../../test/audio/standup-maya.wav');

let world: BotWorld;
afterEach(async () => {
  await world.close();
  expect(world.api.violations).toEqual([]);
});

const deliver = (settings: Record<string, string> = {}) =>
  startBotProcess({ ...world.settings, ...settings }, 'deliver-spool').exitCode;
const refusedFiles = () => readdir(join(world.folder, 'spool/refused'));

/** Chunks that a dead bot left, one second each. */
async function leaveChunks(count: number, clockOriginMs: number | null): Promise<void> {
  const spool = await Spool.open(join(world.folder, 'spool'));
  for (let seq = 1; seq <= count; seq += 1) {
    const startAtMs = 1_767_258_000_000 + seq * 1000;
    const piece = { track: 'run-1', seq, startAtMs, endAtMs: startAtMs + 1000, participant: null };
    await spool.add(piece, makeWav(1000));
  }
  await spool.updateState({ clockOriginMs });
}

const openParts = () => PartSpool.open(join(world.folder, 'spool'));

test('what a bot killed in mid-sentence had on disk arrives once, whole, and all of its recording but the last seconds', async () => {
  world = await openBotWorld({ isRecorded: true });
  const host = await world.enter('Maya', { audioFile: VOICE });
  const bot = world.startBot();
  await world.api.waitUntil(isInMeeting);
  await host.waitForParticipant('Notes');
  world.api.goDown();
  await host.startSpeaking();
  while ((await world.spooledFiles()).length < 2) await host.page.waitForTimeout(200);
  // as late after a part as can be: most is lost then
  const part = async (seq: number) => (await (await openParts()).read(seq))?.metadata;
  while (!(await (await openParts()).list()).includes(1)) await host.page.waitForTimeout(200);
  const nextAtMs = ((await part(1))?.endAtMs ?? 0) + 9_000;
  while (Date.now() < nextAtMs) await host.page.waitForTimeout(100);
  const killedAtMs = Date.now();
  bot.child.kill('SIGKILL');
  await bot.exitCode;
  const left = (await world.spooledFiles()).filter((file) => file.endsWith('.chunk')).length;
  world.api.goUp();
  expect(await deliver()).toBe(0);
  expect(world.api.chunks.length).toBeGreaterThanOrEqual(left);
  const keys = world.api.chunks.map(({ track, seq }) => `${track}/${seq}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(await world.spooledFiles()).toEqual([]);
  expect(await deliver()).toBe(0);
  expect(world.api.chunks).toHaveLength(keys.length);

  const { recordingSpans, recordingParts } = world.api;
  const endMs = recordingSpans.at(-1)?.endAtMs ?? 0;
  expect(killedAtMs - endMs).toBeLessThan(LONGEST_LOSS_MS);
  const file = join(world.folder, 'recording.webm');
  await writeFile(file, Buffer.concat(recordingParts));
  const recordedMs = measureLoudness(file).length * 100;
  expect(Math.abs(recordedMs - (endMs - (recordingSpans[0]?.startAtMs ?? 0)))).toBeLessThan(1_000);
});

test('a bot that another one replaces says so before all it has is sent; the rest is delivered', async () => {
  world = await openBotWorld();
  await leaveChunks(2, 1_767_258_000_000);
  world.api.chunkRefusal = () => ({ status: 503, code: 'unavailable' });
  const bot = world.startBot();
  await world.api.waitUntil(isInMeeting);
  process.kill(await findBrowserPid(bot.child), 'SIGKILL');
  expect(await bot.exitCode).toBe(0);
  expect(world.api.terminalReports).toMatchObject([
    { reason: 'browser_crashed', lastSeqs: { 'run-1': 2 } },
  ]);
  expect(world.api.chunks).toEqual([]);
  world.api.chunkRefusal = null;
  expect(await deliver()).toBe(0);
  expect(world.api.chunks.map(({ seq }) => seq)).toEqual([1, 2]);
});

test('a spool without chunks is delivered, whether or not there is an API', async () => {
  world = await openBotWorld();
  world.api.goDown();
  await mkdir(join(world.folder, 'spool'), { recursive: true });
  expect(await deliver()).toBe(0);
});

test('a spool that the API cannot take in time stays, and that is said', async () => {
  world = await openBotWorld();
  await leaveChunks(2, 1_767_258_000_000);
  world.api.goDown();
  expect(await deliver({ BOT_DELIVER_TIMEOUT_SECONDS: '2' })).toBe(1);
  expect(await world.spooledFiles()).toHaveLength(2);
});

test('the clock is asked for where the bot had not written it down', async () => {
  world = await openBotWorld({ clockOriginMs: 1_767_258_000_000 });
  world.api.clockOriginMs = 1_767_258_000_000;
  await leaveChunks(2, null);
  expect(await deliver()).toBe(0);
  expect(world.api.chunks.map(({ startMs }) => startMs)).toEqual([1000, 2000]);
});

test('what was heard after the fence is set aside, what was heard before it arrives', async () => {
  world = await openBotWorld();
  world.api.clockOriginMs = 1_767_258_000_000;
  await leaveChunks(3, 1_767_258_000_000);
  const isLate = ({ startMs }: { startMs: number }) => startMs > 2000;
  world.api.chunkRefusal = (chunk) => (isLate(chunk) ? { status: 409, code: 'superseded' } : null);
  expect(await deliver()).toBe(0);
  expect(world.api.chunks.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(await world.spooledFiles()).toEqual([]);
  expect(await refusedFiles()).toHaveLength(1);
});

test('a spool whose token is refused stays', async () => {
  world = await openBotWorld();
  await leaveChunks(1, 1_767_258_000_000);
  expect(await deliver({ BOT_TOKEN: 'of-somebody-else' })).toBe(1);
  expect(await world.spooledFiles()).toHaveLength(1);
});

describe('the recording of a dead bot', () => {
  const listParts = async () => (await openParts()).list();

  async function leaveParts(...texts: string[]): Promise<void> {
    const parts = await openParts();
    for (const [index, text] of texts.entries()) {
      const startAtMs = 1_767_258_000_000 + index * 10_000;
      await parts.add(Buffer.from(text), { startAtMs, endAtMs: startAtMs + 10_000 });
    }
  }

  test('arrives once and in order, whether or not there are chunks', async () => {
    world = await openBotWorld();
    await leaveParts('one', 'two', 'three');
    expect(await deliver()).toBe(0);
    expect(await deliver()).toBe(0);
    expect(world.api.recordingParts.map(String)).toEqual(['one', 'two', 'three']);
    expect(await listParts()).toEqual([]);
  });

  test('stays while the API is down, and arrives when it is back', async () => {
    world = await openBotWorld();
    await leaveParts('one', 'two');
    world.api.goDown();
    expect(await deliver({ BOT_DELIVER_TIMEOUT_SECONDS: '2' })).toBe(1);
    expect(await listParts()).toEqual([1, 2]);
    world.api.goUp();
    expect(await deliver()).toBe(0);
    expect(world.api.recordingParts.map(String)).toEqual(['one', 'two']);
  });
});
