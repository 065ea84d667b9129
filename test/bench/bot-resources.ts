import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { measureResourceUsage } from '../../bot/src/resource-usage';
import { startBotProcess } from '../../bot/test/bot-process';
import { startPracticeRoom } from '../../temporal-dev/practice-room/practice-room';
import { findChromium } from '../chromium-path';
import { FakeBotApi } from '../fake-bot-api';
import { startFakeParticipant } from '../fake-participant';

const AUDIO = join(__dirname, '../audio');
const SETTLE_MS = 5_000;
const MEASURED_MS = 30_000;

/** CPU and memory of one bot, its browser included, while it hears two people talk. */
async function main(): Promise<void> {
  const chromiumPath = findChromium();
  const folder = await mkdtemp(join(tmpdir(), 'bot-resources-'));
  const room = await startPracticeRoom({
    host: '127.0.0.1',
    port: 0,
    forgetAfterMs: 60_000,
    absenceMs: 5_000,
  });
  const roomUrl = `${room.url}/r/bot-resources`;
  const enter = (name: string, file: string) =>
    startFakeParticipant({ roomUrl, name, audioFile: join(AUDIO, file), chromiumPath });
  const people = [
    await enter('Maya', 'standup-maya.wav'),
    await enter('Jonas', 'standup-jonas.wav'),
  ];
  const api = new FakeBotApi({ joinUrl: roomUrl });
  const startedAt = Date.now();
  const bot = startBotProcess({
    BOT_API_URL: await api.start(),
    BOT_TOKEN: api.token,
    BOT_SPOOL_DIR: folder,
    BOT_CHROMIUM_PATH: chromiumPath,
  });
  await api.waitUntil(({ states }) => states.includes('in_meeting'));
  const joinSeconds = (Date.now() - startedAt) / 1000;
  await Promise.all(people.map((person) => person.startSpeaking()));
  await delay(SETTLE_MS);
  const before = await measureResourceUsage(bot.child.pid);
  const measuredFrom = Date.now();
  await delay(MEASURED_MS);
  const after = await measureResourceUsage(bot.child.pid);
  const seconds = (Date.now() - measuredFrom) / 1000;
  api.command({ kind: 'leave', reason: 'stopped' });
  await bot.exitCode;
  await Promise.all(people.map((person) => person.leave()));
  await Promise.all([api.stop(), room.close(), rm(folder, { recursive: true, force: true })]);
  if (!before || !after) throw new Error('Expected /proc to tell what a process uses');
  const cores = (after.cpuSeconds - before.cpuSeconds) / seconds;
  const latencies = api.chunks
    .map((chunk) => chunk.receivedAtMs - (api.clockOriginMs ?? 0) - chunk.endMs)
    .sort((a, b) => a - b);
  console.log(`in the meeting after  ${joinSeconds.toFixed(1)} s`);
  console.log(`CPU while listening   ${(cores * 100).toFixed(1)} % of a core, two tracks`);
  console.log(`start until in        ${before.cpuSeconds.toFixed(1)} s of CPU, settling included`);
  console.log(`memory (PSS)          ${(after.memoryBytes / 2 ** 20).toFixed(0)} MiB`);
  console.log(
    `chunk's end to API    p50 ${latencies[latencies.length >> 1]} ms, most ${latencies.at(-1)} ms`,
  );
}

void main();
