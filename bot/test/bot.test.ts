import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leavePolicySchema, type LeavePolicy } from '../../domain/leave-policy';
import type { FakeBotApi, ReceivedChunk } from '../../test/fake-bot-api';
import { readWavSamples } from '../../test/wav-file';
import { encodeWav } from '../../domain/wav';
import { isInMeeting, isWaiting, openBotWorld, type BotWorld } from './bot-world';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const AUDIO = join(__dirname, '../../test/audio');
const RATE = 16_000;
const ENVELOPE_MS = 50;
const PHASE_MS = 10;
/** How far a busy machine may stretch the sound between microphone and bot. */
const DRIFT_MS = 400;

let world: BotWorld;
let api: FakeBotApi;

afterEach(async () => {
  await world.close();
  expect(api.violations).toEqual([]);
});

async function open(policy: Partial<LeavePolicy> = {}, roomName?: string): Promise<void> {
  world = await openBotWorld({ leavePolicy: leavePolicySchema.parse(policy) }, roomName);
  ({ api } = world);
}

function expectOneEnd(state: 'ended' | 'failed', reason: string) {
  expect(api.terminalReports).toMatchObject([{ state, reason }]);
}

/** The first `seconds` of a speaker's file, as a microphone. */
async function makeMicrophone(name: string, seconds: number) {
  const samples = readWavSamples(join(AUDIO, name)).slice(0, seconds * RATE);
  const file = join(world.folder, name);
  await writeFile(file, encodeWav(samples));
  return { file, samples };
}

function envelope(samples: Int16Array): number[] {
  const step = (RATE * ENVELOPE_MS) / 1000;
  return Array.from({ length: Math.ceil(samples.length / step) }, (_, index) => {
    const part = samples.slice(index * step, (index + 1) * step);
    return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
  });
}

/** Everything heard of one participant, laid out on the meeting's clock. */
function layOut(chunks: ReceivedChunk[]): Int16Array {
  const end = Math.max(...chunks.map(({ endMs }) => endMs));
  const track = new Int16Array((end + 1000) * (RATE / 1000));
  for (const chunk of chunks) track.set(readWavSamples(chunk.wav), chunk.startMs * (RATE / 1000));
  return track;
}

/** Where in `heard` the spoken sound begins, and how alike the two are (1 is equal). */
function align(spoken: Int16Array, heard: Int16Array) {
  const source = envelope(spoken);
  let best = { atMs: 0, likeness: 0 };
  for (let phaseMs = 0; phaseMs < ENVELOPE_MS; phaseMs += PHASE_MS) {
    const target = envelope(heard.subarray((phaseMs * RATE) / 1000));
    for (let shift = 0; shift < target.length; shift += 1) {
      const likeness = compare(source, target.slice(shift));
      if (likeness > best.likeness) best = { atMs: shift * ENVELOPE_MS + phaseMs, likeness };
    }
  }
  return best;
}

function compare(source: number[], target: number[]): number {
  let [dot, a, b] = [0, 0, 0];
  for (const [index, value] of source.entries()) {
    const other = target[index] ?? 0;
    dot += value * other;
    a += value * value;
    b += other * other;
  }
  return dot / Math.sqrt(a * b || 1);
}

/**
 * The share of the spoken sound that was heard, judged per window: a lost chunk leaves windows
 * without any sound, while a slow machine's stretched audio only moves it a little.
 */
function shareHeard(spoken: Int16Array, heard: Int16Array): number {
  const { atMs } = align(spoken, heard);
  const source = envelope(spoken);
  const target = envelope(heard.subarray(Math.round((atMs * RATE) / 1000)));
  const loudest = Math.max(...source);
  const voiced = [...source.keys()].filter((index) => (source[index] ?? 0) > loudest / 10);
  const reach = DRIFT_MS / ENVELOPE_MS;
  const isHeard = (index: number) =>
    target.slice(Math.max(0, index - reach), index + reach + 1).some((value) => {
      return value > (source[index] ?? 0) / 4;
    });
  return voiced.filter(isHeard).length / voiced.length;
}

function chunksOf(name: string): ReceivedChunk[] {
  const key = api.changes.find((change) => change.name === name)?.key;
  return api.chunks.filter(({ participant }) => participant === key);
}

describe('in a call', () => {
  test('hears each participant apart, whole, and at the right time', async () => {
    await open();
    const [maya, jonas] = await Promise.all([
      makeMicrophone('standup-maya.wav', 15),
      makeMicrophone('standup-jonas.wav', 15),
    ]);
    const host = await world.enter('Maya', { audioFile: maya.file });
    const guest = await world.enter('Jonas', { audioFile: jonas.file });
    const bot = world.startBot();
    await api.waitUntil(isInMeeting);
    await host.waitForParticipant('Notes');
    const askedAtMs = performance.now();
    await Promise.all([host.startSpeaking(), guest.startSpeaking()]);
    const startsWithinMs = performance.now() - askedAtMs;
    await api.waitUntil(() =>
      chunksOf('Jonas').some(({ endMs, startMs }) => endMs - startMs > 6000),
    );
    api.command({ kind: 'send_chat', text: 'I take notes.' });
    await api.waitUntil(({ chat }) => chat.some(({ text }) => text === 'I take notes.'));
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);

    const [mayas, jonases] = [layOut(chunksOf('Maya')), layOut(chunksOf('Jonas'))];
    expect(shareHeard(maya.samples, mayas)).toBeGreaterThan(0.95);
    expect(shareHeard(jonas.samples, jonases)).toBeGreaterThan(0.95);
    const heardMaya = align(maya.samples, mayas);
    const heardJonas = align(jonas.samples, jonases);
    // nearest to what its own person said; a slow machine stretches sound, which costs likeness
    expect(heardMaya.likeness).toBeGreaterThan(1.3 * align(jonas.samples, mayas).likeness);
    expect(heardJonas.likeness).toBeGreaterThan(1.3 * align(maya.samples, jonases).likeness);
    // Both started at one moment, give or take the time that their clicks took here.
    const apartMs = Math.abs(heardMaya.atMs - heardJonas.atMs);
    expect(apartMs).toBeLessThanOrEqual(250 + startsWithinMs);
    expect(api.chunks.every(({ participant }) => participant !== null)).toBe(true);
    expect(api.states).toEqual(['joining', 'in_meeting', 'leaving', 'ended']);
    expect(Object.values(api.terminalReports[0]?.lastSeqs ?? {}).sort()).toEqual(
      [chunksOf('Maya').length, chunksOf('Jonas').length].sort(),
    );
    expect(api.heartbeats.length).toBeGreaterThan(0);
    expect(await world.spooledFiles()).toEqual([]);
  });

  test('loses nothing of what is said while the API is down for 10 seconds', async () => {
    await open();
    const maya = await makeMicrophone('standup-maya.wav', 9);
    const host = await world.enter('Maya', { audioFile: maya.file });
    const bot = world.startBot();
    await api.waitUntil(isInMeeting);
    await host.waitForParticipant('Notes');
    api.goDown();
    await host.startSpeaking();
    await host.page.waitForTimeout(10_000);
    expect(api.chunks).toEqual([]);
    await host.endMeeting();
    api.goUp();
    expect(await bot.exitCode).toBe(0);
    expect(shareHeard(maya.samples, layOut(chunksOf('Maya')))).toBe(1);
    expect(chunksOf('Maya').map(({ seq }) => seq)).toEqual(chunksOf('Maya').map((_, at) => at + 1));
    expectOneEnd('ended', 'meeting_ended');
  });

  test('a bot killed and started again sends what the first had on disk', async () => {
    await open();
    const maya = await makeMicrophone('standup-maya.wav', 8);
    const host = await world.enter('Maya', { audioFile: maya.file });
    const first = world.startBot();
    await api.waitUntil(isInMeeting);
    await host.waitForParticipant('Notes');
    api.goDown();
    await host.startSpeaking();
    while ((await world.spooledFiles()).length < 2) await host.page.waitForTimeout(200);
    const left = (await world.spooledFiles()).filter((file) => file.endsWith('.chunk')).length;
    first.child.kill('SIGKILL');
    await first.exitCode;
    api.goUp();
    const second = world.startBot();
    await api.waitUntil(({ chunks }) => chunks.length >= left);
    await api.waitUntil(({ reports }) => reports.length >= 4);
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await second.exitCode).toBe(0);
    const numbers = api.reports.map(({ reportSeq }) => reportSeq);
    expect(new Set(numbers).size).toBe(numbers.length);
    expectOneEnd('ended', 'stopped');
  });
});

describe('at the door', () => {
  test('comes in when it is admitted, and reports that it was removed', async () => {
    await open();
    const host = await world.enter('Maya', { query: '?waiting-room' });
    const bot = world.startBot();
    await api.waitUntil(isWaiting);
    await host.admit('Notes');
    await api.waitUntil(isInMeeting);
    await host.remove('Notes');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'removed');
  });

  test('gives up when nobody admits it in time', async () => {
    await open({ waitingRoomSeconds: 1 });
    await world.enter('Maya', { query: '?waiting-room' });
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'waiting_room_timeout');
  });

  test('reports a stop that came before it was admitted as such', async () => {
    await open();
    await world.enter('Maya', { query: '?waiting-room' });
    const bot = world.startBot();
    await api.waitUntil(isWaiting);
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'stopped_before_admission');
  });

  test('reports that the link leads to no meeting', async () => {
    await open({}, 'No_Such_Room');
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'meeting_not_found');
  });
});

describe('goes', () => {
  test('when everyone else has left', async () => {
    await open({ aloneSeconds: 1 });
    const host = await world.enter('Maya');
    const bot = world.startBot();
    await api.waitUntil(isInMeeting);
    await host.leave();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'alone');
    expect(api.changes).toContainEqual(expect.objectContaining({ name: 'Maya', change: 'left' }));
  });

  test('when nobody ever joins', async () => {
    await open({ nobodyJoinedSeconds: 1 });
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'nobody_joined');
  });

  test('within seconds when the machine asks twice and the API is down', async () => {
    await open();
    const bot = world.startBot();
    await api.waitUntil(isInMeeting);
    api.refusal = { status: 503, code: 'unavailable' };
    bot.child.kill('SIGTERM');
    await api.waitUntil(({ refusedPaths }) => refusedPaths.includes('/reports'));
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(1);
    expect(api.terminalReports).toEqual([]);
  });

  test('quietly when a newer attempt has taken over', async () => {
    await open();
    const bot = world.startBot();
    await api.waitUntil(isInMeeting);
    api.refusal = { status: 409, code: 'superseded' };
    expect(await bot.exitCode).toBe(3);
    expect(api.terminalReports).toEqual([]);
  });
});
