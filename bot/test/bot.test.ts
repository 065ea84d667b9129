import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leavePolicySchema, type LeavePolicy } from '../../domain/leave-policy';
import {
  startPracticeRoom,
  type PracticeRoom,
} from '../../temporal-dev/practice-room/practice-room';
import { findChromium } from '../../test/chromium-path';
import { FakeBotApi, type ReceivedChunk } from '../../test/fake-bot-api';
import { startFakeParticipant, type FakeParticipant } from '../../test/fake-participant';
import { readWavSamples } from '../../test/wav-file';
import { encodeWav } from '../../domain/wav';
import { findBrowserPid, startBotProcess, type BotProcess } from './bot-process';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const AUDIO = join(__dirname, '../../test/audio');
const RATE = 16_000;
const ENVELOPE_MS = 50;
const PHASE_MS = 10;
/** How far a busy machine may stretch the sound between microphone and bot. */
const DRIFT_MS = 400;
const chromiumPath = findChromium();

let room: PracticeRoom;
let folder: string;
let roomNumber = 0;
let roomUrl: string;
let api: FakeBotApi;
let people: FakeParticipant[];
let bots: BotProcess[];

beforeAll(async () => {
  room = await startPracticeRoom({
    host: '127.0.0.1',
    port: 0,
    forgetAfterMs: 60_000,
    absenceMs: 2_000,
  });
});
afterAll(() => room.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bot-'));
  roomNumber += 1;
  roomUrl = `${room.url}/r/room-${roomNumber}`;
  people = [];
  bots = [];
});
afterEach(async () => {
  for (const { child } of bots) child.kill('SIGKILL');
  await Promise.all(people.map((person) => person.kill()));
  await api.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  expect(api.violations).toEqual([]);
});

async function enter(name: string, options: { query?: string; audioFile?: string } = {}) {
  const person = await startFakeParticipant({
    roomUrl: `${roomUrl}${options.query ?? ''}`,
    name,
    chromiumPath,
    ...(options.audioFile && { audioFile: options.audioFile }),
  });
  people.push(person);
  return person;
}

async function sendBot(policy: Partial<LeavePolicy> = {}, joinUrl = roomUrl) {
  api = new FakeBotApi({ joinUrl, leavePolicy: leavePolicySchema.parse(policy) });
  const apiUrl = await api.start();
  return { apiUrl, ...startBot(apiUrl) };
}

function startBot(apiUrl: string) {
  const bot = startBotProcess({
    BOT_API_URL: apiUrl,
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: join(folder, 'spool'),
    BOT_CHROMIUM_PATH: chromiumPath,
    BOT_ALLOWED_ORIGINS: room.url,
  });
  bots.push(bot);
  return bot;
}

const isInMeeting = ({ states }: FakeBotApi) => states.includes('in_meeting');
const isWaiting = ({ states }: FakeBotApi) => states.includes('waiting_room');
const spooledFiles = () => readdir(join(folder, 'spool/chunks'));

function expectOneEnd(state: 'ended' | 'failed', reason: string) {
  expect(api.terminalReports).toMatchObject([{ state, reason }]);
}

/** The first `seconds` of a speaker's file, as a microphone. */
async function makeMicrophone(name: string, seconds: number) {
  const samples = readWavSamples(join(AUDIO, name)).slice(0, seconds * RATE);
  const file = join(folder, name);
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
    const [maya, jonas] = await Promise.all([
      makeMicrophone('standup-maya.wav', 15),
      makeMicrophone('standup-jonas.wav', 15),
    ]);
    const host = await enter('Maya', { audioFile: maya.file });
    const guest = await enter('Jonas', { audioFile: jonas.file });
    const bot = await sendBot();
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
    expect(await spooledFiles()).toEqual([]);
  });

  test('loses nothing of what is said while the API is down for 20 seconds', async () => {
    const maya = await makeMicrophone('standup-maya.wav', 19);
    const host = await enter('Maya', { audioFile: maya.file });
    const bot = await sendBot();
    await api.waitUntil(isInMeeting);
    await host.waitForParticipant('Notes');
    api.goDown();
    await host.startSpeaking();
    await host.page.waitForTimeout(20_000);
    expect(api.chunks).toEqual([]);
    await host.endMeeting();
    api.goUp();
    expect(await bot.exitCode).toBe(0);
    expect(shareHeard(maya.samples, layOut(chunksOf('Maya')))).toBe(1);
    expect(chunksOf('Maya').map(({ seq }) => seq)).toEqual(chunksOf('Maya').map((_, at) => at + 1));
    expectOneEnd('ended', 'meeting_ended');
  });

  test('a bot killed and started again sends what the first had on disk', async () => {
    const maya = await makeMicrophone('standup-maya.wav', 8);
    const host = await enter('Maya', { audioFile: maya.file });
    const first = await sendBot();
    await api.waitUntil(isInMeeting);
    await host.waitForParticipant('Notes');
    api.goDown();
    await host.startSpeaking();
    while ((await spooledFiles()).length < 2) await host.page.waitForTimeout(200);
    const left = (await spooledFiles()).filter((file) => file.endsWith('.chunk')).length;
    first.child.kill('SIGKILL');
    await first.exitCode;
    api.goUp();
    const second = startBot(first.apiUrl);
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
  test('reports that the host refused it', async () => {
    const host = await enter('Maya', { query: '?waiting-room' });
    const bot = await sendBot();
    await api.waitUntil(isWaiting);
    await host.refuse('Notes');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'join_denied');
  });

  test('comes in when it is admitted, and reports that it was removed', async () => {
    const host = await enter('Maya', { query: '?waiting-room' });
    const bot = await sendBot();
    await api.waitUntil(isWaiting);
    await host.admit('Notes');
    await api.waitUntil(isInMeeting);
    await host.remove('Notes');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'removed');
  });

  test('gives up when nobody admits it in time', async () => {
    await enter('Maya', { query: '?waiting-room' });
    const bot = await sendBot({ waitingRoomSeconds: 1 });
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'waiting_room_timeout');
  });

  test('reports a stop that came before it was admitted as such', async () => {
    await enter('Maya', { query: '?waiting-room' });
    const bot = await sendBot();
    await api.waitUntil(isWaiting);
    api.command({ kind: 'leave', reason: 'stopped' });
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'stopped_before_admission');
  });

  test('reports that the link leads to no meeting', async () => {
    const bot = await sendBot({}, `${room.url}/r/No_Such_Room`);
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'meeting_not_found');
  });
});

describe('goes', () => {
  test('when everyone else has left', async () => {
    const host = await enter('Maya');
    const bot = await sendBot({ aloneSeconds: 1 });
    await api.waitUntil(isInMeeting);
    await host.leave();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'alone');
    expect(api.changes).toContainEqual(expect.objectContaining({ name: 'Maya', change: 'left' }));
  });

  test('when nobody ever joins', async () => {
    const bot = await sendBot({ nobodyJoinedSeconds: 1 });
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'nobody_joined');
  });

  test('when the machine asks it to, with one report', async () => {
    const bot = await sendBot();
    await api.waitUntil(isInMeeting);
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'evicted');
  });

  test('within seconds when the machine asks twice and the API is down', async () => {
    const bot = await sendBot();
    await api.waitUntil(isInMeeting);
    api.refusal = { status: 503, code: 'unavailable' };
    bot.child.kill('SIGTERM');
    await api.waitUntil(({ refusedPaths }) => refusedPaths.includes('/reports'));
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(1);
    expect(api.terminalReports).toEqual([]);
  });

  test('and says so when its browser is killed', async () => {
    const bot = await sendBot();
    await api.waitUntil(isInMeeting);
    process.kill(await findBrowserPid(bot.child), 'SIGKILL');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'browser_crashed');
  });

  test('quietly when a newer attempt has taken over', async () => {
    const bot = await sendBot();
    await api.waitUntil(isInMeeting);
    api.refusal = { status: 409, code: 'superseded' };
    expect(await bot.exitCode).toBe(3);
    expect(api.terminalReports).toEqual([]);
  });
});
