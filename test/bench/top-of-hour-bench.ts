import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import PQueue from 'p-queue';
import { createBotActivities } from '../../activities/bots';
import { createMeetingActivities } from '../../activities/meetings';
import { createPlanActivities, decideWake } from '../../activities/plans';
import { leavePolicySchema } from '../../domain/leave-policy';
import { makeBotName, TASK_QUEUES } from '../../domain/temporal';
import { DEFAULT_MEETING_TIMING } from '../../domain/workflow-messages';
import { createDatabase, type Database } from '../../infra/database/client';
import { insertMeeting } from '../../infra/database/meeting-records';
import { createMeetingClient, type MeetingClient } from '../../infra/meeting-client';
import { createTemporalClient } from '../../infra/temporal';
import { findStackDir } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { startStack } from '../../temporal-dev/stack';
import { say } from '../../temporal-dev/terminal';
import { createMemoryDoorbell } from '../factories';
import { FakeLauncher } from '../fake-launcher';
import { describeMachine, formatTable, writeSection } from './docs-section';
import { percentile } from './percentiles';

const MEETINGS = 500;
const USERS = 10;
/** One user may have so many bots at the same time, of fifty that are planned. */
const LIMITED_TO = 20;
/** The usual settings. */
const PLANNING = { leadMs: 60_000, lateLimitMs: 1_800_000 };
/** Until then all are planned, also on a slow machine. */
const AHEAD_MS = 130_000;
/** Then whoever has not come is forgotten. */
const GIVEN_UP_MS = 240_000;
/** After the last one nobody may come a second time. */
const LOOK_AFTER_MS = 5_000;
const NO_LIMITS = { maxConcurrentBots: null, maxBotMinutesPerMonth: null };

/** Counts, and notes when. */
class CountingLauncher extends FakeLauncher {
  readonly at = new Map<string, number[]>();

  override async launch(launch: Parameters<FakeLauncher['launch']>[0]): Promise<void> {
    this.at.set(launch.name, [...(this.at.get(launch.name) ?? []), Date.now()]);
    await super.launch(launch);
  }
}

/** `npm run bench -- top-of-hour`: five hundred meetings that are planned for the same second. */
export async function benchTopOfHour(): Promise<void> {
  const stackDir = findStackDir(process.env);
  const dir = path.join(stackDir, 'bench-top-of-hour');
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  const { PATH, HOME, CHROMIUM_PATH } = process.env;
  const stack = await startStack({
    dir,
    toolsDir: path.join(stackDir, 'tools'),
    ports: await findFreePorts(),
    parts: ['postgres', 'temporal'],
    env: { PATH, HOME, CHROMIUM_PATH },
    log: say,
  });
  const db = createDatabase({ url: stack.env['DATABASE_URL'] ?? '', maxConnections: 10 });
  const address = stack.env['TEMPORAL_ADDRESS'] ?? '';
  const namespace = stack.env['TEMPORAL_NAMESPACE'] ?? 'meetings';
  const temporal = createTemporalClient({ address, namespace });
  const timing = { ...DEFAULT_MEETING_TIMING, firstReportTimeoutMs: 3_600_000 };
  const meetingClient = createMeetingClient(temporal.client, { timing });
  const launcher = new CountingLauncher();
  try {
    const startMs = Math.ceil((Date.now() + AHEAD_MS) / 1_000) * 1_000;
    const figures = await serve({ address, namespace, db, launcher }, async () => {
      const planned = await planAll(db, meetingClient, new Date(startMs));
      say(`${planned.length} meetings wait`);
      await delay(startMs - Date.now());
      await untilAllCameAbout(db, planned);
      await delay(LOOK_AFTER_MS);
      return measure(db, launcher, { planned, startMs });
    });
    say(JSON.stringify(figures));
    writeSection('top-of-hour', formatReport(figures));
  } finally {
    await temporal.close();
    await db.close();
    await stack.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

interface Served {
  address: string;
  namespace: string;
  db: Database;
  launcher: CountingLauncher;
}

async function serve<Result>(
  { address, namespace, db, launcher }: Served,
  work: () => Promise<Result>,
): Promise<Result> {
  const connection = await NativeConnection.connect({ address });
  const doorbell = createMemoryDoorbell();
  const common = {
    connection,
    namespace,
    shutdownGraceTime: 100,
    maxConcurrentActivityTaskExecutions: 2_000,
    activities: {
      ...createMeetingActivities({ db, doorbell }),
      ...createPlanActivities({ db, doorbell, planning: PLANNING, limits: NO_LIMITS }),
      ...createBotActivities({
        db,
        doorbell,
        launcher,
        mintToken: () => Promise.resolve('token'),
        isIntakeAnswering: () => Promise.resolve(true),
      }),
    },
  };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/index'),
  });
  const meetings = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.meetings,
    workflowBundle,
  });
  const bots = await Worker.create({ ...common, taskQueue: TASK_QUEUES.bots });
  try {
    return await meetings.runUntil(bots.runUntil(work));
  } finally {
    await connection.close();
  }
}

async function planAll(
  db: Database,
  meetingClient: MeetingClient,
  scheduledStart: Date,
): Promise<number[]> {
  const users = await Promise.all(
    Array.from({ length: USERS }, (_, index) =>
      db.prisma.user.create({
        data: {
          clerkId: randomUUID(),
          ...(index === 0 && { maxConcurrentBots: LIMITED_TO }),
        },
      }),
    ),
  );
  const queue = new PQueue({ concurrency: 10 });
  return queue.addAll(
    Array.from({ length: MEETINGS }, (_, index) => async () => {
      const userId = users[index % USERS]?.id ?? 0;
      const { id: meetingId } = await db.transaction((tx) =>
        insertMeeting(tx, {
          userId,
          link: {
            platform: 'custom',
            platformMeetingId: String(index),
            url: 'http://127.0.0.1:8004/r/top',
            passcode: null,
          },
          passcodeEncrypted: null,
          title: null,
          settings: {
            botName: 'Notetaker',
            language: null,
            leavePolicy: leavePolicySchema.parse({}),
            entryMessage: null,
            recording: false,
          },
          botIdentityId: null,
          joinTokenUrl: null,
          scheduledStart,
        }),
      );
      const meeting = { meetingId, platform: 'custom', transcriptVersion: 1 } as const;
      await meetingClient.startWaiting({ ...meeting, intentId: randomUUID() });
      return meetingId;
    }),
  );
}

/** Each has its attempt or its refusal; or long enough has passed. */
async function untilAllCameAbout(db: Database, planned: readonly number[]): Promise<void> {
  const deadlineMs = Date.now() + GIVEN_UP_MS;
  const where = { id: { in: [...planned] }, isPlanOpen: true };
  while ((await db.prisma.meeting.count({ where })) > 0 && Date.now() < deadlineMs)
    await delay(500);
  const launching = { meetingId: { in: [...planned] }, meeting: { botStatus: 'none' } };
  while ((await db.prisma.botAttempt.count({ where: launching })) > 0 && Date.now() < deadlineMs) {
    await delay(500);
  }
}

interface Figures {
  launched: number;
  refused: number;
  forgotten: number;
  twice: number;
  /** Most launches within one second. */
  busiestSecond: number;
  /** Before the planned start, in milliseconds. */
  earlyMs: { p50: number; p99: number; least: number };
  /** After the moment that the meeting's own jitter gave it, in milliseconds. */
  behindMs: { p50: number; p99: number; most: number };
}

async function measure(
  db: Database,
  launcher: CountingLauncher,
  { planned, startMs }: { planned: readonly number[]; startMs: number },
): Promise<Figures> {
  const rows = await db.prisma.meeting.findMany({ where: { id: { in: [...planned] } } });
  const refused = rows.filter(({ reason }) => reason === 'limit_reached').length;
  const wakes = planned.map((meetingId) => ({
    at: launcher.at.get(makeBotName(meetingId, 1)) ?? [],
    wakeAtMs: decideWake({ meetingId, scheduledStartMs: startMs }, PLANNING.leadMs),
  }));
  const launched = wakes.flatMap(({ at: [first], wakeAtMs }) =>
    first === undefined ? [] : [{ atMs: first, wakeAtMs }],
  );
  const early = launched.map(({ atMs }) => startMs - atMs);
  const behind = launched.map(({ atMs, wakeAtMs }) => atMs - wakeAtMs);
  const seconds = new Map<number, number>();
  for (const { atMs } of launched) {
    const second = Math.floor(atMs / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  return {
    launched: launched.length,
    refused,
    forgotten: planned.length - launched.length - refused,
    twice: launcher.launches.length - launched.length,
    busiestSecond: Math.max(...seconds.values()),
    // the nearer the start, the worse
    earlyMs: {
      p50: percentile(early, 0.5),
      p99: percentile(early, 0.01),
      least: Math.min(...early),
    },
    behindMs: {
      p50: percentile(behind, 0.5),
      p99: percentile(behind, 0.99),
      most: Math.max(...behind),
    },
  };
}

function formatReport({ earlyMs, behindMs, ...counts }: Figures): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  return [
    '## At the top of the hour',
    '',
    `\`npm run bench -- top-of-hour\` on ${describeMachine()}. ${MEETINGS} meetings of ${USERS} users are planned for the same second; the launcher only counts, everything else is as it is, on one machine with Temporal's development server. One of the users has ${MEETINGS / USERS} of them and may have ${LIMITED_TO} bots at the same time. Bots are asked for ${PLANNING.leadMs / 1_000} s before the start, spread over the first half of that.`,
    '',
    ...formatTable(
      ['launched', 'refused by the user’s limit', 'forgotten', 'twice', 'in the busiest second'],
      [[counts.launched, counts.refused, counts.forgotten, counts.twice, counts.busiestSecond]],
    ),
    '',
    ...formatTable(
      ['from planned start to launchBot', 'p50', 'p99', 'last'],
      [
        [
          'against the start',
          seconds(-earlyMs.p50),
          seconds(-earlyMs.p99),
          seconds(-earlyMs.least),
        ],
        [
          'against its own moment',
          seconds(behindMs.p50),
          seconds(behindMs.p99),
          seconds(behindMs.most),
        ],
      ],
    ),
  ].join('\n');
}
