import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startBotProcess } from './bot-process';
import { isInMeeting, openBotWorld, type BotWorld } from './bot-world';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

/*
 * What a pod's sidecar does as the pod is asked to end, beside a bot that hears and one that does not.
 */

let world: BotWorld;
beforeEach(async () => {
  world = await openBotWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.api.violations).toEqual([]);
});

const endDeafBot = (answerSeconds: number, leaveSeconds: number) =>
  startBotProcess(world.settings, 'end-deaf-bot', String(answerSeconds), String(leaveSeconds))
    .exitCode;

async function untilHeard(): Promise<void> {
  while (!existsSync(join(world.folder, 'spool/asked-to-go'))) await delay(20);
}

async function startBotInMeeting() {
  await world.enter('Maya');
  const bot = world.startBot();
  await world.api.waitUntil(isInMeeting);
  return bot;
}

test('a bot that is frozen is killed long before its time to leave is over', async () => {
  const bot = await startBotInMeeting();
  bot.child.kill('SIGSTOP');
  bot.child.kill('SIGTERM');
  // a time that the test does not have
  expect(await endDeafBot(1, 100_000)).toBe(0);
  await bot.exitCode;
  expect(bot.child.signalCode).toBe('SIGKILL');
});

test('a bot that hears is left to go by itself, however late', async () => {
  const bot = await startBotInMeeting();
  bot.child.kill('SIGTERM');
  await untilHeard();
  expect(await endDeafBot(0.001, 100_000)).toBe(0);
  expect(await bot.exitCode).toBe(0);
  expect(world.api.terminalReports).toEqual([expect.objectContaining({ reason: 'evicted' })]);
});

test('a bot that hears and does not go is killed when its time is over', async () => {
  const bot = await startBotInMeeting();
  bot.child.kill('SIGTERM');
  await untilHeard();
  bot.child.kill('SIGSTOP');
  expect(await endDeafBot(100_000, 1)).toBe(0);
  await bot.exitCode;
  expect(bot.child.signalCode).toBe('SIGKILL');
});

test('where no bot began there is nothing to wait for', async () => {
  expect(await endDeafBot(100_000, 100_000)).toBe(0);
});
