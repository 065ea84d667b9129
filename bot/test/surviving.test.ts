import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { leavePolicySchema } from '../../domain/leave-policy';
import { findBrowserPid, findRendererPids } from './bot-process';
import { isInMeeting, isWaiting, openBotWorld, type BotWorld } from './bot-world';

/** A browser and a bot take their time on a slow machine. */
jest.setTimeout(180_000);

const VOICE = join(__dirname, '../../test/audio/standup-maya.wav');

let world: BotWorld;
afterEach(async () => {
  await world.close();
  expect(world.api.violations).toEqual([]);
});

const expectOneEnd = (state: 'ended' | 'failed', reason: string) => {
  expect(world.api.terminalReports).toMatchObject([{ state, reason }]);
};

/** A server in front of the meeting: what it does with each request in turn, the last for the rest. */
async function startDoor(behaviours: ('breaks' | 'hangs' | { to: () => string })[]) {
  const cookies: string[] = [];
  const server = createServer((request, response) => {
    const behaviour = behaviours[Math.min(cookies.length, behaviours.length - 1)];
    cookies.push(request.headers.cookie ?? '');
    server.emit('asked');
    if (behaviour === 'breaks') request.socket.destroy();
    else if (typeof behaviour === 'object') {
      response.writeHead(302, { location: behaviour.to() }).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/join`,
    cookies,
    asked: once(server, 'asked'),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('a bot whose page is in trouble', () => {
  test('says so when the page crashes', async () => {
    world = await openBotWorld();
    const bot = world.startBot();
    await world.api.waitUntil(isInMeeting);
    for (const pid of await findRendererPids(bot.child)) process.kill(pid, 'SIGKILL');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'browser_crashed');
  });

  test('tries a page that did not load in a fresh browser', async () => {
    const door = await startDoor(['breaks', { to: () => world.roomUrl }]);
    world = await openBotWorld({ joinUrl: door.url });
    world.startBot();
    await world.api.waitUntil(isInMeeting);
    door.close();
  });

  test('has failed to join when the page does not load in three browsers', async () => {
    const door = await startDoor(['breaks']);
    world = await openBotWorld({ joinUrl: door.url });
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'join_failed');
    expect(world.api.terminalReports[0]?.detail).toMatch(/^net::ERR_/);
    expect(door.cookies.length).toBeGreaterThanOrEqual(3);
    expect(world.api.evidence.has('seen.json')).toBe(true);
    door.close();
  });

  test('follows no redirect into the network it runs in', async () => {
    const inside = await startDoor(['hangs']);
    const door = await startDoor([{ to: () => inside.url }]);
    world = await openBotWorld({ joinUrl: door.url });
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'meeting_not_found');
    expect(inside.cookies).toEqual([]);
    for (const each of [inside, door]) each.close();
  });

  test('opens no link that leads into the network it runs in', async () => {
    world = await openBotWorld();
    const bot = world.startBot({ BOT_ALLOWED_ORIGINS: 'https://meet.example.org' });
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'meeting_not_found');
    expect(world.api.terminalReports[0]?.detail).toMatch(/BOT_ALLOWED_ORIGINS/);
    expect([...world.api.evidence.keys()]).toEqual(['seen.json']);
  });
});

describe('a bot that the machine asks to go', () => {
  test('while its assignment is being fetched says so and goes', async () => {
    world = await openBotWorld();
    world.api.silentRoutes.add('assignment');
    const bot = world.startBot();
    await world.api.waitUntil(({ requestedRoutes }) => requestedRoutes.includes('assignment'));
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'evicted');
  });

  test('while the clock is being measured says so and goes', async () => {
    world = await openBotWorld();
    world.api.silentRoutes.add('time');
    const bot = world.startBot();
    await world.api.waitUntil(({ requestedRoutes }) => requestedRoutes.includes('time'));
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'evicted');
  });

  test('while its browser is starting says so and goes', async () => {
    world = await openBotWorld();
    const bot = world.startBot();
    await world.api.waitUntil(({ states }) => states.includes('joining'));
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'evicted');
  });

  test('while the page is loading says so and goes', async () => {
    const door = await startDoor(['hangs']);
    world = await openBotWorld({ joinUrl: door.url });
    const bot = world.startBot();
    await door.asked;
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'evicted');
    door.close();
  });

  test('while it waits to be admitted takes its request back', async () => {
    world = await openBotWorld();
    const host = await world.enter('Maya', { query: '?waiting-room' });
    const bot = world.startBot();
    await world.api.waitUntil(isWaiting);
    bot.child.kill('SIGTERM');
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'evicted');
    await host.page.locator('[data-waiting-list] li').waitFor({ state: 'detached' });
  });

  test('sends the sound that still waits on its disk, and goes in time', async () => {
    world = await openBotWorld();
    const host = await world.enter('Maya', { audioFile: VOICE });
    const bot = world.startBot();
    await world.api.waitUntil(isInMeeting);
    await host.waitForParticipant('Notes');
    world.api.chunkRefusal = () => ({ status: 503, code: 'unavailable' });
    await host.startSpeaking();
    while ((await world.spooledFiles()).length < 2) await host.page.waitForTimeout(200);
    const gone = AbortSignal.timeout(25_000);
    bot.child.kill('SIGTERM');
    await world.api.waitUntil(({ states }) => states.includes('leaving'));
    expect(world.api.chunks).toEqual([]);
    world.api.chunkRefusal = null;
    expect(await bot.exitCode).toBe(0);
    expect(gone.aborted).toBe(false);
    expectOneEnd('failed', 'evicted');
    expect(world.api.chunks.length).toBeGreaterThanOrEqual(2);
    expect(await world.spooledFiles()).toEqual([]);
  });
});

describe('a bot that cannot come in', () => {
  test('keeps what the page showed when the host refused it', async () => {
    world = await openBotWorld();
    const host = await world.enter('Maya', { query: '?waiting-room' });
    const bot = world.startBot();
    await world.api.waitUntil(isWaiting);
    await host.refuse('Notes');
    expect(await bot.exitCode).toBe(0);
    expect(world.api.terminalReports).toMatchObject([
      { state: 'failed', reason: 'join_denied', confidence: 'certain', signs: ['refused'] },
    ]);
    const { evidence } = world.api;
    expect([...evidence.keys()].sort()).toEqual(['page.html', 'screenshot.png', 'seen.json']);
    expect(evidence.get('screenshot.png')?.subarray(1, 4).toString()).toBe('PNG');
    expect(evidence.get('page.html')?.toString()).toMatch(/data-state="refused"[^]*not admitted/);
    expect(JSON.parse(String(evidence.get('seen.json')))).toMatchObject({
      reason: 'join_denied',
      state: 'waiting_room',
      navigations: [world.roomUrl],
    });
  });

  test('because no join token came says so', async () => {
    world = await openBotWorld({ needsJoinToken: true });
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'join_token_failed');
  });

  test('because its browser does not start says so, and keeps that', async () => {
    world = await openBotWorld();
    const bot = world.startBot({ BOT_CHROMIUM_PATH: '/bin/false' });
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'browser_crashed');
    expect(String(world.api.evidence.get('seen.json'))).toContain('does not start');
  });

  test('because its identity is gone says so', async () => {
    world = await openBotWorld({ hasIdentity: true });
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('failed', 'auth_required');
    expect(String(world.api.evidence.get('seen.json'))).toContain('auth_required');
  });
});

test('a bot with an identity and a join token comes in with both', async () => {
  const door = await startDoor([{ to: () => world.roomUrl }]);
  world = await openBotWorld({ joinUrl: door.url, hasIdentity: true, needsJoinToken: true });
  world.api.joinToken = 'token-of-the-platform';
  const cookie = { name: 'session', value: 'signed-in', domain: '127.0.0.1', path: '/' };
  world.api.storageState = {
    cookies: [{ ...cookie, expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' }],
    origins: [],
  };
  world.startBot();
  await world.api.waitUntil(isInMeeting);
  expect(door.cookies).toContain('session=signed-in');
  expect(world.api.requestedRoutes).toContain('join-token');
  door.close();
});

describe('a bot leaves by itself', () => {
  test('when nobody has spoken for as long as the policy says', async () => {
    const policy = { silenceAfterSeconds: 1, silenceSeconds: 2 };
    world = await openBotWorld({ leavePolicy: leavePolicySchema.parse(policy) });
    await world.enter('Maya');
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'silence');
  });

  test('when there is nobody but another note-taking bot', async () => {
    const policy = { nobodyJoinedSeconds: 2 };
    world = await openBotWorld({ leavePolicy: leavePolicySchema.parse(policy) });
    await world.enter('Otter.ai');
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'nobody_joined');
  });

  test('when the meeting has lasted as long as it may', async () => {
    const policy = { longestMeetingSeconds: 2 };
    world = await openBotWorld({ leavePolicy: leavePolicySchema.parse(policy) });
    await world.enter('Maya');
    const bot = world.startBot();
    expect(await bot.exitCode).toBe(0);
    expectOneEnd('ended', 'time_limit');
  });
});

test('a bot whose browser is killed in a call leaves no process of it', async () => {
  world = await openBotWorld();
  const bot = world.startBot();
  await world.api.waitUntil(isInMeeting);
  const browser = await findBrowserPid(bot.child);
  process.kill(browser, 'SIGKILL');
  expect(await bot.exitCode).toBe(0);
  expectOneEnd('failed', 'browser_crashed');
  expect(() => process.kill(browser, 0)).toThrow();
});
