import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { optionalTsToDate } from '@temporalio/common/lib/time';
import { makeBotName, makeMeetingWorkflowId } from '../../domain/temporal';
import { createTemporalClient } from '../../infra/temporal';
import { findFreePorts } from '../../temporal-dev/ports';
import { listTree, signal } from '../../temporal-dev/proc';
import { say } from '../../temporal-dev/terminal';
import { openLivekitRoom, type SpokenTurn } from '../livekit-room';
import { startLivekitServer, type LivekitServer } from '../livekit-server';
import { startLivekitMeet } from '../meeting-pages/livekit/livekit-meet';
import { startBenchStack, type BenchStack } from './bench-stack';
import { openBotsWay, type BotsWay } from './bots-way';
import { describeMachine, formatTable, mergeRows, today, writeSection } from './docs-section';
import { writeScript } from './voices/script';

interface Scene extends BenchStack {
  livekit: LivekitServer;
  meetUrl: string;
  botsWay: BotsWay;
}

/** What happens to a bot, and when it is undone, if it is. */
type Blow = (scene: Scene, meetingId: number) => Promise<void>;

/** Longer than a bot may be silent, and within the time that people's browsers try again. */
const NETWORK_GONE_MS = 30_000;
const NAMES = ['Maya', 'Jonas'];

const BLOWS: Record<string, Blow> = {
  'nothing (baseline)': () => Promise.resolve(),
  'bot killed (SIGKILL)': async (scene, meetingId) => {
    const [wrapper] = await listBotProcesses(scene, meetingId);
    if (wrapper) signal(-wrapper.pid, 'SIGKILL');
  },
  'browser killed': (scene, meetingId) => strike(scene, meetingId, isBrowser, 'SIGKILL'),
  'page crashed': (scene, meetingId) => strike(scene, meetingId, isRenderer, 'SIGKILL'),
  'page frozen': (scene, meetingId) => strike(scene, meetingId, isRenderer, 'SIGSTOP'),
  [`network gone for ${NETWORK_GONE_MS / 1000} s`]: async ({ livekit, botsWay }) => {
    livekit.pause();
    await botsWay.cut();
    await delay(NETWORK_GONE_MS);
    livekit.resume();
    await botsWay.mend();
  },
};

/** Into the second line, where somebody is speaking. */
const BLOW_AT_MS = 9_000;
const STEP_TIMEOUT_MS = 180_000;
const LOOK_MS = 250;
const FINAL = ['completed', 'failed', 'cancelled'];

/**
 * `npm run bench -- kills [words]`: how long until somebody listens again, and what went unheard;
 * with words, of those whose names have one of them.
 */
export async function benchKills(words: string[]): Promise<void> {
  const isWanted = (name: string) =>
    words.length === 0 || words.some((word) => name.includes(word));
  const livekit = await startLivekitServer();
  const meet = await startLivekitMeet(livekit);
  const ports = await findFreePorts();
  const botsWay = await openBotsWay(`http://127.0.0.1:${ports.api}`);
  const settings = { BOT_ALLOWED_ORIGINS: meet.url, BOT_API_URL: botsWay.url };
  const bench = await startBenchStack(settings, ports);
  const rows: string[][] = [];
  try {
    for (const [name, blow] of Object.entries(BLOWS).filter(([one]) => isWanted(one))) {
      const scene = { ...bench, livekit, meetUrl: meet.url, botsWay };
      const figures = await run(scene, blow).catch((error: unknown) => [String(error)]);
      rows.push([name, ...figures.map(String), today()]);
      say((rows.at(-1) ?? []).join('  '));
      writeSection('kills', formatReport(mergeRows('kills', rows, Object.keys(BLOWS))));
    }
  } finally {
    await bench.stop();
    await botsWay.close();
    await meet.close();
    await livekit.close();
  }
}

async function run(scene: Scene, blow: Blow): Promise<(string | number)[]> {
  const { livekit, meetUrl, api, db } = scene;
  const room = await openLivekitRoom({ server: livekit, name: `kills-${Date.now()}` });
  try {
    for (const name of NAMES) await room.addPerson(name);
    const link = `${meetUrl}/rooms/${room.name}`;
    const meetingId = await scene.createMeeting({ platform: 'livekit', link });
    const findMeeting = () => db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
    await api.startBot(meetingId);
    await waitFor(async () => (await findMeeting()).clockOrigin !== null);
    const script = writeScript(2, false);
    const lines = script.map(({ person, ...line }) => ({ ...line, name: person }));
    const first = await room.addSpeakers(lines);
    const startedAtMs = (first[0]?.startMs ?? 0) - (lines[0]?.atMs ?? 0);
    await delay(startedAtMs + BLOW_AT_MS - Date.now());
    const struckAtMs = Date.now();
    await blow(scene, meetingId);
    await untilSaid(first);
    await Promise.all(NAMES.map((name) => room.isBack(name)));
    await waitFor(async () => (await findMeeting()).botStatus === 'in_meeting');
    const second = await room.addSpeakers(lines);
    await untilSaid(second);
    await livekit.deleteRoom(room.name);
    await waitFor(async () => FINAL.includes((await findMeeting()).status));
    return await tellFigures(scene, { meetingId, turns: [...first, ...second], struckAtMs });
  } finally {
    await room.close();
  }
}

async function untilSaid(turns: readonly SpokenTurn[]): Promise<void> {
  await delay(Math.max(...turns.map(({ endMs }) => endMs)) + 3_000 - Date.now());
}

async function tellFigures(
  { stack, db }: Scene,
  story: { meetingId: number; turns: SpokenTurn[]; struckAtMs: number },
): Promise<(string | number)[]> {
  const { meetingId, turns, struckAtMs } = story;
  const meeting = await db.prisma.meeting.findUniqueOrThrow({ where: { id: meetingId } });
  const attempts = await db.prisma.botAttempt.findMany({
    where: { meetingId },
    orderBy: { attempt: 'asc' },
  });
  const chunks = await db.prisma.audioChunk.findMany({ where: { meetingId } });
  const heard = chunks.map(({ capturedAt, startMs, endMs }) => ({
    startMs: capturedAt.getTime(),
    endMs: capturedAt.getTime() + endMs - startMs,
  }));
  const [first] = attempts;
  const next = attempts.find(({ attempt, joinedAt }) => attempt > 1 && joinedAt !== null);
  const since = (moment: Date | null | undefined): string =>
    moment ? `${((moment.getTime() - struckAtMs) / 1000).toFixed(1)} s` : '';
  const isOneEnough = attempts.length === 1;
  return [
    first?.reason ?? '',
    isOneEnough ? '' : since(await findNoticed({ stack, db }, meetingId)),
    isOneEnough ? '' : since(first?.endedAt),
    since(next?.joinedAt),
    `${(measureUnheardMs(turns, heard) / 1000).toFixed(1)} s`,
    chunks.filter(({ status }) => status !== 'done').length,
    meeting.status,
  ];
}

/**
 * When somebody knew that the first bot is lost: the bot itself, whose status then carries a reason,
 * or its workflow, whose next step is to close the attempt.
 */
async function findNoticed(
  { stack, db }: Pick<Scene, 'stack' | 'db'>,
  meetingId: number,
): Promise<Date | undefined> {
  const told = await db.prisma.meetingEvent.findMany({ where: { meetingId, type: 'bot.status' } });
  const isReasoned = ({ data }: { data: unknown }): boolean => {
    const { attempt, reason } = data as { attempt: number; reason: string | null };
    return attempt === 1 && reason !== null;
  };
  const { TEMPORAL_ADDRESS: address = '', TEMPORAL_NAMESPACE: namespace = '' } = stack.env;
  const temporal = createTemporalClient({ address, namespace });
  const handle = temporal.client.workflow.getHandle(makeMeetingWorkflowId(meetingId));
  const { events } = await handle.fetchHistory().finally(() => temporal.close());
  const closing = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'closeAttempt',
  );
  const moments = told.filter(isReasoned).map(({ createdAt }) => createdAt);
  const closingAt = optionalTsToDate(closing?.eventTime);
  return [...moments, ...(closingAt ? [closingAt] : [])].sort((a, b) => +a - +b)[0];
}

/** Milliseconds of speech, in steps of 10 ms, that no chunk holds. */
function measureUnheardMs(
  turns: readonly SpokenTurn[],
  heard: readonly { startMs: number; endMs: number }[],
): number {
  let unheardMs = 0;
  for (const turn of turns) {
    for (let atMs = turn.startMs; atMs < turn.endMs; atMs += 10) {
      if (!heard.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)) unheardMs += 10;
    }
  }
  return unheardMs;
}

interface BotProcess {
  pid: number;
  command: string;
}

const isBrowser = ({ command }: BotProcess): boolean =>
  /chrom/.test(command) && !command.includes('--type=');
const isRenderer = ({ command }: BotProcess): boolean => command.includes('--type=renderer');

async function strike(
  scene: Scene,
  meetingId: number,
  ...[isTarget, name]: [(one: BotProcess) => boolean, NodeJS.Signals]
): Promise<void> {
  const targets = (await listBotProcesses(scene, meetingId)).filter(isTarget);
  if (targets.length === 0) throw new Error('Expected the bot to have such a process');
  for (const { pid } of targets) signal(pid, name);
}

/** The bot's wrapper first, then all that it started. */
async function listBotProcesses({ stack }: Scene, meetingId: number): Promise<BotProcess[]> {
  const folder = path.join(stack.folders.bots, makeBotName(meetingId, 1));
  const [wrapper] = (await readFile(path.join(folder, 'process'), 'utf8')).split(' ');
  const found = listTree(Number(wrapper)).map(async (pid) => ({
    pid,
    command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
  }));
  return Promise.all(found);
}

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(STEP_TIMEOUT_MS);
  while (!(await isTrue())) {
    if (deadline.aborted) throw new Error(`Expected it within ${STEP_TIMEOUT_MS / 1000} s`);
    await delay(LOOK_MS);
  }
}

function formatReport(rows: string[][]): string {
  return [
    '## Kills in mid-sentence',
    '',
    `\`npm run bench -- kills\` on ${describeMachine()}. Two people talk in turns in a room of a real LiveKit server for about a minute; ${BLOW_AT_MS / 1000} s in, this happens to the bot. Once a bot is in the meeting again they say it all once more. Noticed: the bot itself reports the reason, or its workflow has been told of it and closes the attempt. Between that and the attempt’s end the bot says its last and its browser is closed, or a process that does not answer is given 5 s before it is killed. The next bot hears from the moment it is in the meeting. The first row is the baseline: speech that counts as unheard there are the edges of lines that the voice detector takes for silence. While the network is gone, the bot reaches neither the room nor the API, which the workers’ own probe still reaches. The people’s own sound does not reach the room either: all of that counts as unheard.`,
    '',
    ...formatTable(
      [
        'what happened',
        'reason on the attempt',
        'noticed after',
        'attempt ended after',
        'next bot hears after',
        'speech unheard',
        'chunks not done',
        'meeting',
        'measured',
      ],
      rows,
    ),
  ].join('\n');
}
