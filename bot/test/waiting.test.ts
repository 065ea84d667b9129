import type { BotAssignment } from '../../domain/bot-api';
import { findRendererPids, startBotProcess } from './bot-process';
import { isInMeeting, openBotWorld, type BotWorld } from './bot-world';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

/*
 * Bots that give something up only after a while. They wait at the same time, each in a world of its
 * own.
 */

async function inWorld(
  assignment: Partial<BotAssignment>,
  act: (world: BotWorld) => Promise<void>,
): Promise<void> {
  const world = await openBotWorld(assignment);
  try {
    await act(world);
  } finally {
    await world.close();
  }
  expect(world.api.violations).toEqual([]);
}

test.concurrent(
  'a bot gives up a frozen page, with evidence, and is not called alive meanwhile',
  () =>
    inWorld({}, async ({ api, startBot }) => {
      const bot = startBot();
      await api.waitUntil(isInMeeting);
      await api.waitUntil(({ heartbeats }) => heartbeats.length > 0);
      for (const pid of await findRendererPids(bot.child)) process.kill(pid, 'SIGSTOP');
      expect(await bot.exitCode).toBe(0);
      expect(api.terminalReports).toMatchObject([{ state: 'failed', reason: 'page_frozen' }]);
      expect([...api.evidence.keys()]).toContain('seen.json');
      const silences = api.heartbeats.map(({ pageSilentMs }) => pageSilentMs ?? 0);
      expect(Math.max(...silences)).toBeLessThan(20_000);
    }),
);

test.concurrent('a bot that is asked to go goes in time although the API no longer answers', () =>
  inWorld({}, async ({ api, startBot }) => {
    const bot = startBot();
    await api.waitUntil(isInMeeting);
    for (const route of ['reports', 'chunks', 'commands']) api.silentRoutes.add(route);
    const gone = AbortSignal.timeout(25_000);
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(1);
    expect(gone.aborted).toBe(false);
  }),
);

test.concurrent(
  'a bot that cannot come in reports its end although its evidence is not taken, which is sent later',
  () =>
    inWorld({ joinUrl: 'http://127.0.0.1:9/' }, async ({ api, settings, startBot }) => {
      api.silentRoutes.add('evidence');
      const bot = startBot();
      await api.waitUntil(({ terminalReports }) => terminalReports.length > 0, 60_000);
      expect(await bot.exitCode).toBe(0);
      expect(api.evidence.size).toBe(0);
      api.silentRoutes.delete('evidence');
      expect(await startBotProcess(settings, 'deliver-spool').exitCode).toBe(0);
      expect([...api.evidence.keys()]).toContain('seen.json');
    }),
);
