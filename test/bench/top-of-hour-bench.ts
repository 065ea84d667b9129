import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { createBotActivities } from '../../activities/bots';
import { createMeetingActivities } from '../../activities/meetings';
import { createPlanActivities } from '../../activities/plans';
import { TASK_QUEUES } from '../../domain/temporal';
import { DEFAULT_MEETING_TIMING } from '../../domain/workflow-messages';
import type { BotSlots } from '../../infra/database/bot-slots';
import { createDatabase, type Database } from '../../infra/database/client';
import { createMeetingClient } from '../../infra/meeting-client';
import { createTemporalClient } from '../../infra/temporal';
import { findStackDir } from '../../temporal-dev/folders';
import { findFreePorts } from '../../temporal-dev/ports';
import { startStack } from '../../temporal-dev/stack';
import { say } from '../../temporal-dev/terminal';
import { createMemoryDoorbell } from '../factories';
import { NO_LIMITS } from '../records';
import { writeSection } from './docs-section';
import { measureHour, type Figures } from './top-of-hour/figures';
import { planHour } from './top-of-hour/planned-hour';
import { PlayedBots } from './top-of-hour/played-bots';
import { formatReport } from './top-of-hour/report';
import { makeHourSize, PLANNING, STAYS_MS, type HourSize } from './top-of-hour/settings';

/** Until then all are planned, also on a slow machine. */
const AHEAD_MS = 130_000;
/** Then whoever has not come is forgotten. */
const GIVEN_UP_MS = 480_000;
/** After the last one nobody may come a second time. */
const LOOK_AFTER_MS = 5_000;
const NO_SLOTS: BotSlots = { total: null, perUser: null };

/** What holds bots back. */
interface Scenario {
  slots: BotSlots;
  /** One of the users may have few bots at the same time. */
  isOneUserLimited: boolean;
  /** Null for bots that stay. */
  staysMs: number | null;
}

/**
 * `npm run bench -- top-of-hour [500]`: five hundred meetings that are planned for the same second, once
 * with the limit of one of their users, once with a cluster that has room for a fifth of their bots.
 */
export async function benchTopOfHour([meetings = '500']: string[]): Promise<void> {
  const size = makeHourSize(Number(meetings));
  const byUser = await play(size, { slots: NO_SLOTS, isOneUserLimited: true, staysMs: null });
  say(JSON.stringify(byUser));
  const byCluster = await play(size, {
    slots: { total: size.slots, perUser: null },
    isOneUserLimited: false,
    staysMs: STAYS_MS,
  });
  say(JSON.stringify(byCluster));
  writeSection('top-of-hour', formatReport(size, { byUser, byCluster }));
}

async function play(size: HourSize, scenario: Scenario): Promise<Figures> {
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
  const doorbell = createMemoryDoorbell();
  const bots = new PlayedBots({ db, doorbell, meetingClient, staysMs: scenario.staysMs });
  try {
    const startMs = Math.ceil((Date.now() + AHEAD_MS) / 1_000) * 1_000;
    return await serve(
      { address, namespace, db, doorbell, bots, slots: scenario.slots },
      async () => {
        const scheduledStart = new Date(startMs);
        const planned = await planHour(db, meetingClient, { size, ...scenario, scheduledStart });
        say(`${planned.length} meetings wait`);
        await delay(startMs - Date.now());
        await untilAllCameAbout(db, bots, planned);
        await delay(LOOK_AFTER_MS);
        return measureHour(db, bots, { planned, startMs, slots: scenario.slots.total });
      },
    );
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
  doorbell: ReturnType<typeof createMemoryDoorbell>;
  bots: PlayedBots;
  slots: BotSlots;
}

async function serve<Result>(served: Served, work: () => Promise<Result>): Promise<Result> {
  const { address, namespace, db, doorbell, bots, slots } = served;
  const connection = await NativeConnection.connect({ address });
  const common = {
    connection,
    namespace,
    shutdownGraceTime: 100,
    maxConcurrentActivityTaskExecutions: 2_000,
    activities: {
      ...createMeetingActivities({ db, doorbell, slots }),
      ...createPlanActivities({ db, doorbell, planning: PLANNING, limits: NO_LIMITS, slots }),
      ...createBotActivities({
        db,
        doorbell,
        launcher: bots,
        mintToken: () => Promise.resolve('token'),
        isIntakeAnswering: () => Promise.resolve(true),
      }),
    },
  };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows/index'),
  });
  const onMeetings = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.meetings,
    workflowBundle,
  });
  const onBots = await Worker.create({ ...common, taskQueue: TASK_QUEUES.bots });
  try {
    return await onMeetings.runUntil(onBots.runUntil(work));
  } finally {
    await connection.close();
  }
}

/** The bot of each was launched, or refused by the limit of its user; or long enough has passed. */
async function untilAllCameAbout(
  db: Database,
  bots: PlayedBots,
  planned: readonly number[],
): Promise<void> {
  const deadlineMs = Date.now() + GIVEN_UP_MS;
  const where = { id: { in: [...planned] }, reason: 'limit_reached' };
  for (;;) {
    const refused = await db.prisma.meeting.count({ where });
    if (bots.launchedAt.size + refused >= planned.length || Date.now() > deadlineMs) return;
    await delay(500);
  }
}
