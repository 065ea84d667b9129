import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { RECONCILE_SCHEDULE_ID, makeMeetingWorkflowId } from '../../domain/temporal';
import { createTemporalClient, type TemporalClient } from '../../infra/temporal';
import { openShell, readCommands } from './guide';
import { Platform } from './platform';
import {
  makeTemporal,
  TEMPORAL_BUILD_MS,
  TEMPORAL_DATABASES,
  type Place,
  type RealTemporal,
} from './temporal';

/*
 * What docs/operations.md says of back-ups, done with its own commands: the platform's database and
 * Temporal's two in one PostgreSQL, as the chart keeps them, and meetings that are on their way.
 */

const RECORDING = 'test/audio/standup-maya.wav';
const DATABASES = ['vexa', ...Object.keys(TEMPORAL_DATABASES)];
const LAST_CHUNK = 4;
const TEST_MS = 240_000;

const server = new URL(process.env.DATABASE_URL ?? '');
const place: Place = {
  ...{ host: server.hostname, port: Number(server.port) },
  ...{ user: 'vexa', password: 'a-test-of-restoring' },
};
const directory = path.join(process.env.TEST_STACK_DIR ?? '', 'restore');

let temporal: RealTemporal;
let client: TemporalClient;
let platform: Platform | undefined;
let shell: (command: string) => Promise<string>;
let said: number;
let live: number;
let planned: number;
/** Of the three meetings' workflows. */
let runIds: string[];
const saved = new Map<string, string[]>();

/** As the server's owner, in one of its databases. */
async function administer(database: string, ...statements: string[]): Promise<void> {
  const url = new URL(server);
  url.pathname = `/${database}`;
  const connection = new pg.Client({ connectionString: url.href });
  await connection.connect();
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

async function startAll(): Promise<Platform> {
  client = createTemporalClient({ address: temporal.address, namespace: 'meetings' });
  await temporal.start();
  const { host, port, user, password } = place;
  const started = await Platform.start(directory, {
    DATABASE_URL: `postgresql://${user}:${password}@${host}:${port}/vexa`,
    TEMPORAL_ADDRESS: temporal.address,
  });
  platform = started;
  return started;
}

/** As with no replicas: nobody writes. */
async function stopAll(): Promise<void> {
  await client.close();
  await platform?.stop();
  platform = undefined;
  await temporal.stop();
}

async function readRunId(meetingId: number): Promise<string> {
  const handle = client.client.workflow.getHandle(makeMeetingWorkflowId(meetingId));
  return (await handle.describe()).runId;
}

const readRunIds = (): Promise<string[]> => Promise.all([said, live, planned].map(readRunId));

async function makeEmpty(database: string): Promise<void> {
  await administer('postgres', `DROP DATABASE ${database}`, `CREATE DATABASE ${database}`);
}

/** The recorder sends the rest of what it heard. */
async function finishLive(again: Platform): Promise<void> {
  await again.record(live, RECORDING, [2, LAST_CHUNK]);
  await again.finishRecorder(live, LAST_CHUNK);
  await again.untilStatus(live, 'completed');
  const text = (await again.readText(live)).toLowerCase();
  for (const words of ['good morning', 'thank you']) expect(text).toContain(words);
}

/** Everything that a dump says of tables, rows and rights, whatever its order. */
async function readStatements(command: string): Promise<string[]> {
  const lines = (await shell(command)).split('\n');
  return lines
    .filter((line) => !/^(--|\\(un)?restrict |$)/.test(line))
    .map(flatten)
    .sort();
}

/** PostgreSQL writes `(a AND b) AND c` of a check as `a AND b AND c` once it has read it again. */
function flatten(line: string): string {
  return line.includes(' CHECK (') ? line.replace(/[()]/g, '') : line;
}

beforeAll(async () => {
  fs.mkdirSync(directory, { recursive: true });
  temporal = await makeTemporal(directory, place);
  shell = await openShell(directory, place);
  await administer(
    'postgres',
    `CREATE ROLE vexa SUPERUSER LOGIN PASSWORD '${place.password}'`,
    'CREATE DATABASE vexa OWNER vexa',
  );
  await temporal.makeDatabases();
  const first = await startAll();

  said = await first.startRecorder('A meeting that is over');
  live = await first.startRecorder('A meeting that goes on');
  const { id } = (await first.call('POST', '/api/meetings', {
    title: 'A meeting of tomorrow',
    meetingUrl: 'https://meet.google.com/abc-defg-hij',
    scheduledStart: new Date(Date.now() + 86_400_000).toISOString(),
  })) as { id: number };
  planned = id;
  await first.record(said, RECORDING, [1, 1]);
  await first.record(live, RECORDING, [1, 1]);
  await first.finishRecorder(said, 1);
  await first.untilStatus(said, 'completed');
  await first.untilText(live, 'good morning');
  runIds = await readRunIds();

  for (const command of readCommands('pg_dump')) await shell(command);
  for (const name of DATABASES) {
    saved.set(name, await readStatements(`pg_restore -f - ${name}.dump`));
  }
  // what happens after the back-up is lost with the damage
  await first.call('DELETE', `/api/meetings/${said}`);
  await first.finishRecorder(live, 1);
  await first.call('PATCH', `/api/meetings/${planned}`, { scheduledStart: null });
  await first.untilStatus(live, 'completed');
  await first.untilStatus(planned, 'cancelled');
  await stopAll();
}, TEMPORAL_BUILD_MS);

describe('the back-up of the guide', () => {
  test('is of all three databases, each of which is restored from it', () => {
    const names = (program: string): string[] =>
      readCommands(program).map((command) => /(\w+)\.dump$/.exec(command)?.[1] ?? command);
    expect(names('pg_dump')).toEqual(DATABASES);
    expect(names('pg_restore')).toEqual(DATABASES);
  });
});

describe('all databases, restored over what is damaged', () => {
  beforeAll(async () => {
    // one that has gone on, one without half of its tables, one that is empty
    await administer('temporal', 'DROP TABLE executions, history_node');
    await makeEmpty('temporal_visibility');
    for (const command of readCommands('pg_restore')) await shell(command);
  }, TEST_MS);
  afterAll(stopAll, 60_000);

  test.each(DATABASES)('hold what they held: %s', async (name) => {
    const wanted = saved.get(name) ?? [];
    expect(wanted.length).toBeGreaterThan(100);
    expect(await readStatements(`pg_dump -U vexa ${name}`)).toEqual(wanted);
  });

  test(
    'let meetings go on in the workflows that carried them',
    async () => {
      const again = await startAll();
      expect(await readRunIds()).toEqual(runIds);
      expect(await again.search('stand up')).toContain(said);
      await finishLive(again);
      expect((await again.readMeeting(planned)).status).toBe('scheduled');
      await again.call('PATCH', `/api/meetings/${planned}`, { scheduledStart: null });
      await again.untilStatus(planned, 'cancelled');
      expect(await readRunIds()).toEqual(runIds);
    },
    TEST_MS,
  );

  test('let Temporal find meetings by their attributes, and its Schedules act', async () => {
    const { workflow, schedule } = client.client;
    const found: string[] = [];
    for await (const { workflowId } of workflow.list({ query: "MeetingStatus = 'completed'" })) {
      found.push(workflowId);
    }
    expect(found).toEqual(expect.arrayContaining([said, live].map(makeMeetingWorkflowId)));
    const handle = schedule.getHandle(RECONCILE_SCHEDULE_ID);
    const count = async (): Promise<number> => (await handle.describe()).info.numActionsTaken;
    const before = await count();
    while ((await count()) === before) await pause(500);
  }, 120_000);
});

describe('the platform’s database alone, beside a Temporal that is empty', () => {
  beforeAll(async () => {
    const [command = ''] = readCommands('pg_restore');
    await shell(command);
    for (const name of Object.keys(TEMPORAL_DATABASES)) {
      await administer('postgres', `DROP DATABASE ${name}`);
    }
    await temporal.makeDatabases();
  }, TEST_MS);
  afterAll(stopAll, 60_000);

  test(
    'has what was over, and meetings that were on their way go on in new workflows',
    async () => {
      const again = await startAll();
      expect(await again.readText(said)).toContain('stand up');
      await finishLive(again);
      expect(await readRunId(live)).not.toBe(runIds[1]);
      expect((await again.readMeeting(planned)).status).toBe('scheduled');
      await again.call('PATCH', `/api/meetings/${planned}`, { scheduledStart: null });
      await again.untilStatus(planned, 'cancelled');
    },
    TEST_MS,
  );
});
