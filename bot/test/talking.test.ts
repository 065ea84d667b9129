import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { encodeWav } from '../../domain/wav';
import { readWavSamples } from '../../test/wav-file';
import { isInMeeting, isWaiting, openBotWorld, type BotWorld } from './bot-world';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const VOICE = join(__dirname, '../../test/audio/standup-maya.wav');

let world: BotWorld;
afterEach(async () => {
  await world.close();
  expect(world.api.violations).toEqual([]);
});

/** The first seconds of somebody's speech, as the bot's. */
function makeSpeech(seconds: number): string {
  const id = randomUUID();
  const samples = readWavSamples(VOICE).slice(0, seconds * 16_000);
  world.api.speeches.set(id, Buffer.from(encodeWav(samples)));
  return id;
}

const hasAnswered = (count: number) => () => world.api.acknowledgements.length >= count;

test('a bot declares itself in the chat, once per meeting', async () => {
  world = await openBotWorld({ entryMessage: 'I take notes for Maya.' });
  const host = await world.enter('Maya');
  const first = world.startBot();
  await host.page.locator('[data-chat-log]', { hasText: 'I take notes' }).waitFor();
  first.child.kill('SIGKILL');
  await first.exitCode;
  world.startBot();
  world.api.command({ kind: 'send_chat', text: 'I am back.' });
  await host.page.locator('[data-chat-log]', { hasText: 'I am back.' }).waitFor();
  expect(await host.page.locator('[data-chat-log] li', { hasText: 'I take notes' }).count()).toBe(
    1,
  );
});

test('a later attempt declares itself where none before has told that it did', async () => {
  world = await openBotWorld({ attempt: 2, entryMessage: 'I take notes.' });
  world.api.clockOriginMs = Date.now();
  const host = await world.enter('Maya');
  world.startBot();
  await host.page.locator('[data-chat-log]', { hasText: 'I take notes' }).waitFor();
  await world.api.waitUntil(({ heartbeats }) => heartbeats.at(-1)?.hasSentEntryMessage === true);
  expect(world.api.heartbeats[0]).not.toHaveProperty('hasSentEntryMessage');
});

test('what a bot says is heard by the others, and written down as nobody’s', async () => {
  world = await openBotWorld();
  const host = await world.enter('Maya');
  const bot = world.startBot();
  await world.api.waitUntil(isInMeeting);
  world.api.command({ kind: 'speak', speechId: makeSpeech(4) });
  await host.waitForVoice('Notes', true);
  await world.api.waitUntil(hasAnswered(1));
  await host.waitForVoice('Notes', false);
  expect(world.api.acknowledgements).toEqual([{ seq: 1, status: 'done' }]);
  world.api.command({ kind: 'leave', reason: 'stopped' });
  expect(await bot.exitCode).toBe(0);
  expect(world.api.chunks).toEqual([]);
});

test('a bot stops speaking at once, and says nothing it was to say before', async () => {
  world = await openBotWorld();
  const host = await world.enter('Maya');
  world.startBot();
  await world.api.waitUntil(isInMeeting);
  world.api.command({ kind: 'speak', speechId: makeSpeech(20) });
  world.api.command({ kind: 'speak', speechId: makeSpeech(20) });
  await host.waitForVoice('Notes', true);
  world.api.command({ kind: 'stop_speaking' });
  await world.api.waitUntil(hasAnswered(3));
  await host.waitForVoice('Notes', false);
  expect(world.api.acknowledgements).toContainEqual({
    seq: 1,
    status: 'done',
    detail: 'Cut short',
  });
  expect(world.api.acknowledgements).toContainEqual(
    expect.objectContaining({ seq: 2, status: 'failed' }),
  );
});

test('what a bot is to write waits until it is admitted, and keeps its order', async () => {
  world = await openBotWorld();
  const host = await world.enter('Maya', { query: '?waiting-room' });
  world.startBot();
  await world.api.waitUntil(isWaiting);
  for (const text of ['One', 'Two', 'Three']) world.api.command({ kind: 'send_chat', text });
  await host.admit('Notes');
  await world.api.waitUntil(hasAnswered(3));
  expect(world.api.acknowledgements.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(world.api.begun).toEqual([1, 2, 3]);
  await host.page.locator('[data-chat-log] li', { hasText: 'Three' }).waitFor();
  const lines = await host.page.locator('[data-chat-log] li span').allTextContents();
  expect(lines).toEqual(['One', 'Two', 'Three']);
});

test('what a bot was to write has failed when it leaves before it could', async () => {
  world = await openBotWorld();
  await world.enter('Maya', { query: '?waiting-room' });
  const bot = world.startBot();
  await world.api.waitUntil(isWaiting);
  world.api.command({ kind: 'send_chat', text: 'Never' });
  world.api.command({ kind: 'leave', reason: 'stopped' });
  expect(await bot.exitCode).toBe(0);
  expect(world.api.acknowledgements).toContainEqual({
    seq: 1,
    status: 'failed',
    detail: 'The bot was leaving the meeting',
  });
});

test('a sound that cannot be loaded is a failed command', async () => {
  world = await openBotWorld();
  await world.enter('Maya');
  world.startBot();
  await world.api.waitUntil(isInMeeting);
  world.api.command({ kind: 'speak', speechId: randomUUID() });
  await world.api.waitUntil(hasAnswered(1));
  expect(world.api.acknowledgements).toMatchObject([{ seq: 1, status: 'failed' }]);
});
