import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import {
  makeMeetingWorkflowId,
  makeOccurrenceWorkflowId,
  makeTemporalScheduleId,
  PLANNING_SCHEDULE_ID,
} from '../domain/temporal';
import type { Database } from '../infra/database/client';
import {
  deleteSchedule,
  lockSchedule,
  updateSchedule,
  type ScheduleRow,
} from '../infra/database/schedules';
import { createMeetingClient } from '../infra/meeting-client';
import { createCarriers, type Carriers } from '../infra/schedules/carriers';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { isWorkflowRunning } from '../infra/workflow-executions';
import { createMemoryDoorbell } from '../test/factories';
import { openTestDatabase } from '../test/records';
import { makeSchedule, planAt, readStarts, type ScheduleOptions } from '../test/schedule-records';
import { createTestNamespace, getTemporalAddress } from '../test/temporal';
import { createScheduleActivities, type ScheduleActivities } from './schedules';

let db: Database;
let close: () => Promise<void>;
let temporal: TemporalClient;
let client: Client;
let carriers: Carriers;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  const namespace = await createTestNamespace();
  temporal = createTemporalClient({ address: getTemporalAddress(), namespace });
  client = temporal.client;
  carriers = createCarriers(client);
});
afterAll(async () => {
  await temporal.close();
  await close();
});
const opened: number[] = [];
beforeEach(async () => {
  await db.query('DELETE FROM schedules');
  for (const id of opened.splice(0)) await carriers.remove(id);
  await run('mendSchedules');
});

function makeActivities(): ScheduleActivities {
  const meetingClient = createMeetingClient(client);
  return createScheduleActivities({
    db,
    client,
    doorbell: createMemoryDoorbell(),
    meetingClient,
    carriers,
  });
}

const run = (kind: 'mendSchedules' | 'planDueOccurrences'): Promise<number> =>
  new MockActivityEnvironment().run(makeActivities()[kind]);
const handleOf = ({ id }: ScheduleRow) => client.schedule.getHandle(makeTemporalScheduleId(id));
const reread = (id: number): Promise<ScheduleRow> =>
  db.transaction(async (tx) => {
    const found = await lockSchedule(tx, id);
    if (!found) throw new Error('Expected the schedule to be there');
    return found;
  });

/** A schedule with what it has planned and its Temporal Schedule, changed long enough ago. */
async function open(options: ScheduleOptions = { cron: '0 9 * * 1-5' }): Promise<ScheduleRow> {
  const { id } = await makeSchedule(db, options);
  opened.push(id);
  await planAt(db, id);
  await db.query(`UPDATE schedules SET updated_at = now() - interval '1 minute' WHERE id = $1`, [
    id,
  ]);
  const schedule = await reread(id);
  await carriers.follow(schedule);
  return schedule;
}

/** Until Temporal's index shows what was done by hand. */
async function untilListed(isTrue: (found: Awaited<ReturnType<Carriers['list']>>) => boolean) {
  while (!isTrue(await carriers.list()));
}

describe('the Temporal Schedule of a schedule', () => {
  test.each<ScheduleOptions>([
    { cron: '0 9 * * 1-5' },
    { cron: '*/15 9-17 13 * 5', timeZone: 'America/New_York' },
    { rrule: 'FREQ=WEEKLY;BYDAY=TU,TH;BYHOUR=9,15', timeZone: 'Europe/Berlin' },
    { rrule: 'FREQ=YEARLY', startsAt: new Date('2024-02-29T09:30:15Z') },
    { rrule: 'FREQ=DAILY', endsAt: new Date(Date.now() + 40 * 24 * 3_600_000) },
  ])('is what %j says, in Temporal’s description and in its index', async (options) => {
    const schedule = await open(options);
    const { spec, policies } = await handleOf(schedule).describe();
    expect(spec).toMatchObject({ timezone: schedule.timeZone, jitter: 20_000 });
    expect(policies).toMatchObject({ overlap: 'ALLOW_ALL', catchupWindow: 600_000 });
    await expect(carriers.follow(schedule)).resolves.toBe(false);
    await untilListed((all) => all.has(schedule.id));
    const listed = (await carriers.list()).get(schedule.id);
    expect(carriers.isAsWished(schedule, listed)).toBe(true);
    await expect(run('mendSchedules')).resolves.toBe(0);
  });

  test('is not there for a rule that Temporal’s calendars cannot say, nor for one that is over', async () => {
    const last = await open({ rrule: 'FREQ=MONTHLY;BYDAY=-1FR' });
    const endsAt = new Date(Date.now() + 1_000);
    const over = await open({ cron: '0 9 1 1 *', startsAt: new Date(Date.now() - 10_000), endsAt });
    for (const schedule of [last, over]) {
      await expect(handleOf(schedule).describe()).rejects.toThrow();
    }
    await expect(run('mendSchedules')).resolves.toBe(0);
  });

  test('starts a workflow at an occurrence that plans the next one', async () => {
    const schedule = await open();
    await handleOf(schedule).trigger();
    const prefix = makeOccurrenceWorkflowId(schedule.id);
    const query = `WorkflowId STARTS_WITH "${prefix}-"`;
    const started: string[] = [];
    while (started.length === 0) {
      for await (const each of client.workflow.list({ query })) started.push(each.workflowId);
    }
    expect(started[0]).toMatch(new RegExp(`^${prefix}-\\d{4}-\\d\\d-\\d\\dT`));
    const handle = client.workflow.getHandle(started[0] ?? '');
    await expect(handle.describe()).resolves.toMatchObject({ type: 'occurrenceWorkflow' });
    await handle.terminate();
  });
});

describe('planNextOccurrences', () => {
  test('makes the meetings, and their workflows wait', async () => {
    const { id } = await makeSchedule(db, { rrule: 'FREQ=DAILY;BYHOUR=0,6,12,18' });
    const plan = (): Promise<number[]> =>
      new MockActivityEnvironment().run(makeActivities().planNextOccurrences, { scheduleId: id });
    const made = await plan();
    expect(made).toHaveLength(4);
    for (const meetingId of made) {
      expect(await isWorkflowRunning(client, makeMeetingWorkflowId(meetingId))).toBe(true);
    }
    await expect(plan()).resolves.toEqual([]);
  });

  test('of a schedule that was deleted meanwhile makes none', async () => {
    const input = { scheduleId: 2_000_000_000 };
    const { planNextOccurrences } = makeActivities();
    await expect(new MockActivityEnvironment().run(planNextOccurrences, input)).resolves.toEqual(
      [],
    );
  });
});

describe('planDueOccurrences', () => {
  const due = (id: number, seconds: number) =>
    db.query(
      `UPDATE schedules SET look_again_at = now() - $2 * interval '1 second' WHERE id = $1`,
      [id, seconds],
    );

  test('plans for rules that have no Temporal Schedule, at once', async () => {
    const { id } = await makeSchedule(db, { rrule: 'FREQ=DAILY;INTERVAL=2' });
    await due(id, 1);
    await expect(run('planDueOccurrences')).resolves.toBe(1);
    await expect(run('planDueOccurrences')).resolves.toBe(0);
    expect(await readStarts(db, id)).toHaveLength(1);
  });

  test('plans for a Temporal Schedule that did not ring, a minute later', async () => {
    const { id } = await makeSchedule(db, { cron: '0 9 * * *' });
    await due(id, 50);
    await expect(run('planDueOccurrences')).resolves.toBe(0);
    await due(id, 70);
    await expect(run('planDueOccurrences')).resolves.toBe(1);
  });

  test('passes over one that is paused, and one that fails holds up no other', async () => {
    const paused = await makeSchedule(db, { rrule: 'FREQ=DAILY;INTERVAL=2' });
    const broken = await makeSchedule(db, { rrule: 'FREQ=DAILY;INTERVAL=2' });
    const good = await makeSchedule(db, { rrule: 'FREQ=DAILY;INTERVAL=2' });
    await db.query(`UPDATE schedules SET is_paused = true WHERE id = $1`, [paused.id]);
    await db.query(`UPDATE schedules SET rrule = 'FREQ=NEVER' WHERE id = $1`, [broken.id]);
    for (const { id } of [paused, broken, good]) await due(id, 1);
    await expect(run('planDueOccurrences')).resolves.toBe(1);
    expect(await readStarts(db, good.id)).toHaveLength(1);
  });
});

describe('reconciliation', () => {
  test('makes a Temporal Schedule again that was deleted by hand', async () => {
    const schedule = await open();
    await handleOf(schedule).delete();
    await untilListed((all) => !all.has(schedule.id));
    await expect(run('mendSchedules')).resolves.toBe(1);
    await expect(handleOf(schedule).describe()).resolves.toMatchObject({
      state: { paused: false },
    });
    await expect(run('mendSchedules')).resolves.toBe(0);
  });

  test('resumes one that was paused by hand, and pauses one that was resumed', async () => {
    const active = await open();
    const paused = await open();
    await db.transaction((tx) => updateSchedule(tx, paused.id, { isPaused: true }));
    await carriers.follow(await reread(paused.id));
    await db.query(`UPDATE schedules SET updated_at = now() - interval '1 minute'`);
    await handleOf(active).pause('by hand');
    await handleOf(paused).unpause('by hand');
    const isPaused = (all: Awaited<ReturnType<Carriers['list']>>, { id }: ScheduleRow) =>
      all.get(id)?.state.paused;
    await untilListed((all) => isPaused(all, active) === true && isPaused(all, paused) === false);
    await expect(run('mendSchedules')).resolves.toBe(2);
    expect((await handleOf(active).describe()).state.paused).toBe(false);
    expect((await handleOf(paused).describe()).state.paused).toBe(true);
  });

  test('gives one its rule back that was edited by hand', async () => {
    const schedule = await open();
    const [before] = (await handleOf(schedule).describe()).info.nextActionTimes;
    await handleOf(schedule).update((old) => ({
      ...old,
      spec: { calendars: [{ hour: 3 }], timezone: 'Asia/Tokyo' },
    }));
    await untilListed((all) => all.get(schedule.id)?.spec?.timezone === 'Asia/Tokyo');
    await expect(run('mendSchedules')).resolves.toBe(1);
    const [after] = (await handleOf(schedule).describe()).info.nextActionTimes;
    // each look draws its jitter anew
    expect(Math.abs(Number(after) - Number(before))).toBeLessThan(21_000);
    await expect(carriers.follow(schedule)).resolves.toBe(false);
  });

  test('deletes one whose schedule is gone', async () => {
    const schedule = await open();
    await untilListed((all) => all.has(schedule.id));
    await db.transaction((tx) => deleteSchedule(tx, schedule.id));
    await expect(run('mendSchedules')).resolves.toBe(1);
    await expect(handleOf(schedule).describe()).rejects.toThrow();
  });

  test('makes the one that plans for all others again, and resumes it', async () => {
    const planning = client.schedule.getHandle(PLANNING_SCHEDULE_ID);
    await planning.delete();
    await expect(run('mendSchedules')).resolves.toBe(1);
    await planning.pause('by hand');
    await expect(run('mendSchedules')).resolves.toBe(1);
    expect((await planning.describe()).state.paused).toBe(false);
    await expect(run('mendSchedules')).resolves.toBe(0);
  });

  test('leaves the Temporal Schedules of others alone', async () => {
    const scheduleId = `other-${randomUUID()}`;
    await client.schedule.create({
      scheduleId,
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'other', args: [] },
    });
    await expect(run('mendSchedules')).resolves.toBe(0);
    await expect(client.schedule.getHandle(scheduleId).describe()).resolves.toBeTruthy();
  });
});
