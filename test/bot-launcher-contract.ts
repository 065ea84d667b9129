import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { BotLaunch, BotLauncher, BotSighting } from '../infra/bot-launcher';

/** What the bot of the test does; the launcher's maker turns it into a program. */
export type BotBehaviour =
  /** Ends by itself with that code. */
  | { kind: 'exits'; code: number }
  /** Runs until SIGTERM, then ends with code 0. */
  | { kind: 'leaves_when_asked' }
  /** Runs on after SIGTERM. */
  | { kind: 'stays' };

export interface LauncherUnderTest {
  launcher: BotLauncher;
  /** A launcher as a worker that was started anew has it. */
  restart(): BotLauncher;
  /** How many bots have really been started under that name. */
  countStarts(name: string): Promise<number>;
  close(): Promise<void>;
}

export interface SpoolUnderTest {
  /** Leaves audio that is not acknowledged in the bot's spool. */
  fillSpool(name: string): Promise<void>;
  /** While the API is down, nothing can be delivered. The token that it takes is "fresh". */
  setApiDown(name: string, isDown: boolean): Promise<void>;
}

/** What every launcher promises, whether bots are processes or Jobs. */
export function describeBotLauncher(
  name: string,
  open: (behaviour: BotBehaviour) => Promise<LauncherUnderTest>,
): void {
  describe(name, () => {
    let under: LauncherUnderTest;
    afterEach(() => under.close());

    const launch = async (behaviour: BotBehaviour, attempt = 1): Promise<BotLaunch> => {
      under = await open(behaviour);
      const bot = makeLaunch(attempt);
      await under.launcher.launch(bot);
      return bot;
    };

    test('sees a bot that runs, and knows its launch', async () => {
      const bot = await launch({ kind: 'leaves_when_asked' });
      const sighting = await sees(under.launcher, bot.name, 'running');
      expect(sighting).toEqual({ state: 'running', launchId: bot.launchId });
    });

    test('sees nothing of a bot that was never launched', async () => {
      under = await open({ kind: 'stays' });
      await expect(under.launcher.inspect('bot-404-1')).resolves.toEqual({ state: 'absent' });
      await expect(under.launcher.list()).resolves.toEqual([]);
    });

    test('starts the same launch once, also when asked twice at the same time', async () => {
      under = await open({ kind: 'leaves_when_asked' });
      const bot = makeLaunch();
      await Promise.all([under.launcher.launch(bot), under.launcher.launch(bot)]);
      await under.launcher.launch(bot);
      await expect(under.countStarts(bot.name)).resolves.toBe(1);
    });

    test('finds a bot that still runs after its own restart', async () => {
      const bot = await launch({ kind: 'leaves_when_asked' });
      const restarted = under.restart();
      await expect(restarted.list()).resolves.toEqual([bot.name]);
      await restarted.launch(bot);
      await expect(under.countStarts(bot.name)).resolves.toBe(1);
      await restarted.stop(bot.name, 5_000);
      await sees(restarted, bot.name, 'ended');
    });

    test.each([0, 3])('learns the exit code %i, also after its own restart', async (code) => {
      const bot = await launch({ kind: 'exits', code });
      await expect(sees(under.restart(), bot.name, 'ended')).resolves.toMatchObject({
        launchId: bot.launchId,
        exitCode: code,
      });
    });

    test('starts no bot anew that has ended', async () => {
      const bot = await launch({ kind: 'exits', code: 0 });
      await sees(under.launcher, bot.name, 'ended');
      await under.launcher.launch(bot);
      await expect(under.countStarts(bot.name)).resolves.toBe(1);
    });

    test('lets a bot leave that does so when asked', async () => {
      const bot = await launch({ kind: 'leaves_when_asked' });
      await under.launcher.stop(bot.name, 10_000);
      await expect(under.launcher.inspect(bot.name)).resolves.toMatchObject({
        state: 'ended',
        exitCode: 0,
      });
    });

    test('kills a bot that stays', async () => {
      const bot = await launch({ kind: 'stays' });
      await under.launcher.stop(bot.name, 200);
      await expect(under.launcher.inspect(bot.name)).resolves.toMatchObject({ state: 'ended' });
    });

    test('stops what has ended or never was without complaint', async () => {
      const bot = await launch({ kind: 'exits', code: 0 });
      await sees(under.launcher, bot.name, 'ended');
      await under.launcher.stop(bot.name, 0);
      await under.launcher.stop('bot-404-1', 0);
    });

    test('puts another launch in the place of an old one of the same name', async () => {
      const old = await launch({ kind: 'leaves_when_asked' });
      const next = makeLaunch();
      await under.launcher.launch(next);
      await expect(sees(under.launcher, old.name, 'running')).resolves.toMatchObject({
        launchId: next.launchId,
      });
    });

    test('forgets an ended bot whose audio is all acknowledged', async () => {
      const bot = await launch({ kind: 'exits', code: 0 });
      await sees(under.launcher, bot.name, 'ended');
      await under.launcher.forget(bot.name);
      await expect(under.launcher.inspect(bot.name)).resolves.toEqual({ state: 'absent' });
    });

    test('erases a bot that runs', async () => {
      const bot = await launch({ kind: 'stays' });
      await under.launcher.erase(bot.name);
      await expect(under.launcher.inspect(bot.name)).resolves.toEqual({ state: 'absent' });
    });
  });
}

/** What a launcher promises whose bots' disks outlive them; on Kubernetes a sidecar has them. */
export function describeSpoolOnDisk(
  name: string,
  open: (behaviour: BotBehaviour) => Promise<LauncherUnderTest & SpoolUnderTest>,
): void {
  describe(`${name} and the disks of its bots`, () => {
    let under: LauncherUnderTest & SpoolUnderTest;
    afterEach(() => under.close());

    const launch = async (behaviour: BotBehaviour): Promise<BotLaunch> => {
      under = await open(behaviour);
      const bot = makeLaunch();
      await under.launcher.launch(bot);
      return bot;
    };

    test('forgets an ended bot, but not one that runs or still has audio', async () => {
      const bot = await launch({ kind: 'leaves_when_asked' });
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([bot.name]);
      await under.launcher.stop(bot.name, 10_000);
      await under.fillSpool(bot.name);
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([bot.name]);
      await under.launcher.erase(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([]);
    });

    test('has the audio sent that a dead bot left, and can forget it then', async () => {
      const bot = await launch({ kind: 'stays' });
      const delivery = { ...bot, token: 'fresh' };
      await under.fillSpool(bot.name);
      await under.launcher.deliver(delivery);
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([bot.name]);
      await under.launcher.stop(bot.name, 0);
      await under.restart().deliver(delivery);
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([]);
    });

    test('keeps the audio of a dead bot while it cannot be sent', async () => {
      const bot = await launch({ kind: 'exits', code: 0 });
      const delivery = { ...bot, token: 'fresh' };
      await sees(under.launcher, bot.name, 'ended');
      await under.fillSpool(bot.name);
      await under.setApiDown(bot.name, true);
      await expect(under.launcher.deliver(delivery)).rejects.toThrow(bot.name);
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([bot.name]);
      await under.setApiDown(bot.name, false);
      await under.launcher.deliver(delivery);
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([]);
    });

    test('delivers nothing for a bot that never was, or for another launch', async () => {
      const bot = await launch({ kind: 'exits', code: 0 });
      await sees(under.launcher, bot.name, 'ended');
      await under.fillSpool(bot.name);
      await under.launcher.deliver({ ...bot, launchId: randomUUID(), token: 'fresh' });
      await under.launcher.deliver({ ...bot, name: 'bot-404-1', token: 'fresh' });
      await under.launcher.forget(bot.name);
      await expect(under.launcher.list()).resolves.toEqual([bot.name]);
    });
  });
}

/** A launch of meeting 12; each has a launch id of its own. */
export function makeLaunch(attempt = 1): BotLaunch {
  return {
    name: `bot-12-${attempt}`,
    meetingId: 12,
    attempt,
    launchId: randomUUID(),
    token: 'a-token-of-the-test',
    platform: 'custom',
    longestMs: 3_600_000,
  };
}

/** What the launcher sees once the bot is in that state. */
export async function sees(
  launcher: BotLauncher,
  name: string,
  state: BotSighting['state'],
): Promise<BotSighting> {
  for (;;) {
    const sighting = await launcher.inspect(name);
    if (sighting.state === state) return sighting;
    await pause(20);
  }
}
