import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { measureResourceUsage } from '../../bot/src/resource-usage';
import { startBotProcess } from '../../bot/test/bot-process';
import { say } from '../../temporal-dev/terminal';
import { findChromium } from '../chromium-path';
import { FakeBotApi } from '../fake-bot-api';
import { describeMachine, formatTable, mergeRows, today, writeSection } from './docs-section';
import { VENUES, VENUE_DESCRIPTIONS, type Venue, type VenueName } from './venues';
import { listSpeakers, writeScript } from './voices/script';

const PLATFORMS = Object.keys(VENUES) as VenueName[];
/** How many others are in the call. */
const OTHERS = [1, 2, 7];
const SETTLE_MS = 5_000;
const MEASURED_MS = 20_000;

/** `npm run bench -- bot [platforms]`: CPU and memory of one bot with its browser, while people talk. */
export async function benchBots(words: string[]): Promise<void> {
  const rows: string[][] = [];
  const names = words.length > 0 ? PLATFORMS.filter((name) => words.includes(name)) : PLATFORMS;
  for (const name of names) {
    const venue = await VENUES[name]();
    try {
      for (const others of OTHERS) {
        rows.push(await tellCase(venue, others));
        say((rows.at(-1) ?? []).join('  '));
      }
    } finally {
      await venue.close();
    }
    writeSection('bot', formatReport(mergeRows('bot', rows, PLATFORMS)));
  }
}

/** A case that fails is told as that, and the others are measured all the same. */
async function tellCase(venue: Venue, others: number): Promise<string[]> {
  const about = [venue.platform, String(others + 1)];
  try {
    return [...about, ...(await measure(venue, others)), today()];
  } catch (error) {
    say(String(error));
    return [...about, 'not measured: it failed', '', '', today()];
  }
}

async function measure(venue: Venue, others: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bot-bench-'));
  const joinUrl = await venue.begin(listSpeakers(others));
  const api = new FakeBotApi({ joinUrl, platform: venue.platform });
  const startedAt = Date.now();
  const bot = startBotProcess({
    BOT_API_URL: await api.start(),
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: folder,
    BOT_CHROMIUM_PATH: findChromium(),
    BOT_ALLOWED_ORIGINS: venue.origin,
  });
  try {
    await api.waitUntil(({ states }) => states.includes('in_meeting'), 60_000);
    const joinSeconds = (Date.now() - startedAt) / 1000;
    await venue.say(writeScript(Math.min(others, 8), false));
    await delay(SETTLE_MS);
    const before = await measureResourceUsage(bot.child.pid);
    const from = Date.now();
    await delay(MEASURED_MS);
    const after = await measureResourceUsage(bot.child.pid);
    const seconds = (Date.now() - from) / 1000;
    if (!before || !after) throw new Error('Expected /proc to tell what a process uses');
    const cores = (after.cpuSeconds - before.cpuSeconds) / seconds;
    const memory = Math.round(after.memoryBytes / 2 ** 20);
    return [`${cores.toFixed(2)}`, `${memory} MiB`, `${joinSeconds.toFixed(1)} s`];
  } finally {
    api.command({ kind: 'leave', reason: 'stopped' });
    await bot.exitCode;
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function formatReport(rows: string[][]): string {
  const measured = PLATFORMS.filter((name) => rows.some(([platform]) => platform === name));
  const places = measured.map((name) => `${name}: ${VENUE_DESCRIPTIONS[name]}`).join('; ');
  return [
    '## One bot',
    '',
    `\`npm run bench -- bot\` on ${describeMachine()}. The bot’s process and its whole browser, over ${MEASURED_MS / 1000} s while others talk in turns; people in the call count the bot. ${places}. The stand-in pages draw far less than the real ones: only the bot’s own share and the sound are true to life there.`,
    '',
    ...formatTable(
      ['platform', 'people', 'cores', 'memory (PSS)', 'start until in', 'measured'],
      rows,
    ),
  ].join('\n');
}
