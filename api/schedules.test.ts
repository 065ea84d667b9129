import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';
import type { ScheduleDetail } from '../domain/schedules';

let api: TestApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  api.temporal.mood = 'answers';
  api.temporal.planned.length = 0;
  headers = { authorization: `Bearer ${await makeSessionToken()}` };
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
const STANDUP = { meetingUrl: `${PRACTICE_ROOM}/r/standup`, timeZone: 'Europe/Berlin' };
/** One a day, the first in an hour. */
const daily = () => ({ ...STANDUP, rrule: 'FREQ=DAILY', startsAt: inMs(HOUR_MS) });
/** Every six hours, the first in an hour. */
function sixHourly() {
  const first = new Date(Date.now() + HOUR_MS);
  const hours = [0, 6, 12, 18].map((more) => (first.getUTCHours() + more) % 24);
  const rrule = `FREQ=DAILY;BYHOUR=${hours.join(',')}`;
  return { ...STANDUP, timeZone: 'UTC', rrule, startsAt: first.toISOString() };
}

const post = (body: object, path = '') =>
  api.http.post(`/api/schedules${path}`).set(headers).send(body);
const patch = (id: number, body: object) =>
  api.http.patch(`/api/schedules/${id}`).set(headers).send(body);
const read = async (id: number): Promise<ScheduleDetail> =>
  (await api.http.get(`/api/schedules/${id}`).set(headers)).body;
async function made(body: object = daily()): Promise<ScheduleDetail> {
  const answer = await post(body);
  expect(answer.status).toBe(201);
  return answer.body;
}
const upcoming = async (): Promise<{ id: number; scheduledStart: string; title: string }[]> =>
  (await api.http.get('/api/meetings?status=scheduled').set(headers)).body.meetings;
const meeting = async (id: number) => (await api.http.get(`/api/meetings/${id}`).set(headers)).body;

describe('POST /api/schedules/preview', () => {
  const preview = (body: object) => post({ timeZone: 'Europe/Berlin', ...body }, '/preview');

  test('names the next ten times of a rule, without skipped days, and keeps nothing', async () => {
    const { body } = await preview({ cron: '0 9 * * *' });
    expect(body.occurrences).toHaveLength(10);
    const [first = '', second] = body.occurrences as string[];
    const day = new Date(first).toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });
    const skipping = await preview({ cron: '0 9 * * *', skipDates: [day] });
    expect(skipping.body.occurrences[0]).toBe(second);
    expect((await api.http.get('/api/schedules').set(headers)).body.schedules).toEqual([]);
  });

  test('says what is wrong with a rule', async () => {
    const { status, body } = await preview({ rrule: 'FREQ=SOMETIMES', startsAt: inMs(HOUR_MS) });
    expect([status, body.error.details[0].field]).toEqual([422, 'rrule']);
  });
});

describe('POST /api/schedules', () => {
  test('plans the next occurrence at once, and its workflow waits', async () => {
    const schedule = await made({ ...daily(), title: 'Standup' });
    expect(schedule).toMatchObject({ status: 'active', rrule: 'FREQ=DAILY', cron: null });
    const [next, ...more] = await upcoming();
    expect(next).toMatchObject({
      title: 'Standup',
      scheduledStart: schedule.nextStart,
      scheduleId: schedule.id,
      occurrenceStart: schedule.nextStart,
    });
    expect(more).toEqual([]);
    expect(api.temporal.planned).toEqual([next?.id]);
  });

  test('plans all of the next 24 hours', async () => {
    await made(sixHourly());
    expect(await upcoming()).toHaveLength(4);
  });

  test('plans the next occurrence however far it is away', async () => {
    const schedule = await made({ ...daily(), startsAt: inMs(90 * 24 * HOUR_MS) });
    expect(await upcoming()).toMatchObject([{ scheduledStart: schedule.startsAt }]);
  });

  test('shows the next ten occurrences', async () => {
    const { nextOccurrences } = await made();
    expect(nextOccurrences).toHaveLength(10);
    expect(nextOccurrences.map(({ state }) => state)).toEqual([
      'planned',
      ...Array.from({ length: 9 }, () => 'upcoming'),
    ]);
  });

  test('takes a start by the clocks of its zone', async () => {
    const schedule = await made({ ...STANDUP, rrule: 'FREQ=WEEKLY', startsAt: '2026-01-05T09:00' });
    expect(schedule.startsAt).toBe('2026-01-05T08:00:00.000Z');
    expect(schedule.nextOccurrences.map(({ scheduledStart }) => scheduledStart)).toContainEqual(
      expect.stringMatching(/T0[78]:00:00.000Z$/),
    );
  });

  test('says whether Temporal’s own calendars run it', async () => {
    expect((await made({ ...STANDUP, cron: '0 9 * * 1-5' })).runBy).toBe('temporal_calendar');
    const last = { ...STANDUP, rrule: 'FREQ=MONTHLY;BYDAY=-1FR', startsAt: inMs(0) };
    expect((await made(last)).runBy).toBe('planning_workflow');
  });

  test.each([
    ['neither rule', {}, 'rrule'],
    ['both rules', { rrule: 'FREQ=DAILY', cron: '0 9 * * *', startsAt: inMs(0) }, 'rrule'],
    ['an RRULE without a start', { rrule: 'FREQ=DAILY' }, 'startsAt'],
    ['a bad RRULE', { rrule: 'FREQ=NEVER', startsAt: inMs(0) }, 'rrule'],
    ['an unknown part', { rrule: 'FREQ=DAILY;BYMOOD=1', startsAt: inMs(0) }, 'rrule'],
    ['a 40th of the month', { rrule: 'FREQ=MONTHLY;BYMONTHDAY=40', startsAt: inMs(0) }, 'rrule'],
    ['a second Monday of a week', { rrule: 'FREQ=WEEKLY;BYDAY=2MO', startsAt: inMs(0) }, 'rrule'],
    [
      'a 30th of February',
      { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', startsAt: inMs(0) },
      'rrule',
    ],
    [
      'a rule that is over',
      { rrule: 'FREQ=DAILY;UNTIL=20200101', startsAt: inMs(-HOUR_MS) },
      'rrule',
    ],
    ['an end before the start', { cron: '0 9 * * *', endsAt: inMs(-HOUR_MS) }, 'endsAt'],
    ['bad cron', { cron: 'every day' }, 'cron'],
    ['cron with six fields', { cron: '0 0 9 * * *' }, 'cron'],
    ['cron that never comes', { cron: '0 9 30 2 *' }, 'cron'],
    ['a rule for each minute', { cron: '* * * * *' }, 'cron'],
    ['a zone that is none', { cron: '0 9 * * *', timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['an offset for a zone', { cron: '0 9 * * *', timeZone: '+01:00' }, 'timeZone'],
    ['a skipped day that is none', { cron: '0 9 * * *', skipDates: ['2026-02-30'] }, 'skipDates.0'],
    ['an unknown field', { cron: '0 9 * * *', colour: 'red' }, 'colour'],
    [
      'a link that leads nowhere',
      { cron: '0 9 * * *', meetingUrl: 'https://example.com' },
      'meetingUrl',
    ],
  ])('refuses %s and names the field', async (_, fields, field) => {
    const { status, body } = await post({ ...STANDUP, ...fields });
    expect(status).toBe(422);
    expect(body.error.details.map((problem: { field: string }) => problem.field)).toContain(field);
  });

  test('repeats its answer for the same key', async () => {
    const body = daily();
    const ask = () => post(body).set('idempotency-key', 'one');
    const [first, second] = [await ask(), await ask()];
    expect(second.body.id).toBe(first.body.id);
    expect(second.headers['idempotency-replayed']).toBe('true');
  });

  test('makes schedule and meetings while Temporal is down', async () => {
    api.temporal.mood = 'down';
    await made();
    expect(await upcoming()).toHaveLength(1);
  });
});

describe('PATCH /api/schedules/:id', () => {
  test('moves what is planned to where the rule is now', async () => {
    const schedule = await made();
    const [before] = await upcoming();
    const changed = await patch(schedule.id, { startsAt: inMs(2 * HOUR_MS) });
    expect(changed.status).toBe(200);
    const [after] = await upcoming();
    expect(after).toMatchObject({ scheduledStart: changed.body.nextStart });
    expect(changed.body.nextStart).not.toBe(schedule.nextStart);
    expect(await meeting(before?.id ?? 0)).toMatchObject({
      status: 'cancelled',
      reason: 'schedule_changed',
    });
    const { body: page } = await api.http.get(`/api/meetings/${before?.id}/events`).set(headers);
    const events = page.events.map(({ event }: { event: object }) => event);
    expect(events).toContainEqual({ type: 'meeting.planned', scheduledStart: null });
  });

  test('and back again plans the same meeting', async () => {
    const body = daily();
    const schedule = await made(body);
    const [before] = await upcoming();
    await patch(schedule.id, { startsAt: inMs(2 * HOUR_MS) });
    await patch(schedule.id, { startsAt: body.startsAt });
    expect((await upcoming()).map(({ id }) => id)).toEqual([before?.id]);
  });

  test('gives planned meetings what it gives the schedule', async () => {
    const schedule = await made();
    await patch(schedule.id, { title: 'Retro', meetingUrl: `${PRACTICE_ROOM}/r/retro` });
    expect(await upcoming()).toMatchObject([
      { title: 'Retro', meetingUrl: expect.stringContaining('/r/retro') },
    ]);
  });

  test('leaves alone what has its bot', async () => {
    const schedule = await made();
    const [first] = await upcoming();
    await api.http.post(`/api/meetings/${first?.id}/start-bot`).set(headers);
    await patch(schedule.id, { startsAt: inMs(2 * HOUR_MS), title: 'Other' });
    expect((await meeting(first?.id ?? 0)).status).toBe('joining');
  });

  test('leaves alone the time that somebody gave one meeting', async () => {
    const schedule = await made();
    const [first] = await upcoming();
    const scheduledStart = inMs(3 * HOUR_MS);
    await api.http.patch(`/api/meetings/${first?.id}`).set(headers).send({ scheduledStart });
    await patch(schedule.id, { title: 'Other' });
    expect(await upcoming()).toMatchObject([{ scheduledStart, title: 'Other' }]);
    expect((await read(schedule.id)).nextOccurrences[0]).toMatchObject({ scheduledStart });
  });

  test('takes days out', async () => {
    const schedule = await made({ ...daily(), timeZone: 'UTC' });
    const day = schedule.nextStart?.slice(0, 10);
    const { body } = await patch(schedule.id, { skipDates: [day] });
    expect(body.nextOccurrences[0]).toMatchObject({ state: 'skipped' });
    expect(body.nextStart).toBe(body.nextOccurrences[1].scheduledStart);
  });

  test('with another zone keeps the time on the clocks', async () => {
    const schedule = await made({ ...STANDUP, rrule: 'FREQ=DAILY', startsAt: '2026-01-05T09:00' });
    expect(schedule.startsAt).toBe('2026-01-05T08:00:00.000Z');
    const { body } = await patch(schedule.id, { timeZone: 'America/New_York' });
    expect(body.startsAt).toBe('2026-01-05T14:00:00.000Z');
  });

  test('replaces an RRULE by cron', async () => {
    const schedule = await made();
    const { body } = await patch(schedule.id, { cron: '0 9 * * 1' });
    expect(body).toMatchObject({ rrule: null, cron: '0 9 * * 1' });
  });
});

describe('pause and resume', () => {
  test('cancel what is planned and plan the same meetings again', async () => {
    const schedule = await made();
    const before = await upcoming();
    const paused = await post({}, `/${schedule.id}/pause`);
    expect(paused.body).toMatchObject({ status: 'paused', nextStart: null });
    expect(await upcoming()).toEqual([]);
    const resumed = await post({}, `/${schedule.id}/resume`);
    expect(resumed.body).toMatchObject({ status: 'active', nextStart: schedule.nextStart });
    expect((await upcoming()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });
});

describe('single occurrences', () => {
  const change = (id: number, body: object) => post(body, `/${id}/occurrences`);

  test('are skipped, and the next one is planned', async () => {
    const schedule = await made();
    const [first, second] = schedule.nextOccurrences;
    const { occurrenceStart } = first ?? {};
    const { body } = await change(schedule.id, { change: 'skip', occurrenceStart });
    expect(body.nextOccurrences[0]).toMatchObject({ occurrenceStart, state: 'skipped' });
    expect(body.nextStart).toBe(second?.scheduledStart);
  });

  test('are moved, before they are planned and after', async () => {
    const schedule = await made();
    const [first, , third] = schedule.nextOccurrences;
    const moves = [
      [first?.occurrenceStart, inMs(90 * MINUTE_MS)],
      [third?.occurrenceStart, inMs(2 * HOUR_MS)],
    ] as const;
    for (const [occurrenceStart, scheduledStart] of moves) {
      const body = { change: 'move', occurrenceStart, scheduledStart };
      expect((await change(schedule.id, body)).status).toBe(200);
    }
    expect((await upcoming()).map(({ scheduledStart }) => scheduledStart)).toEqual(
      moves.map(([, to]) => to),
    );
  });

  test('are restored after a skip, a move and a cancellation', async () => {
    const schedule = await made();
    const [planned] = await upcoming();
    const { occurrenceStart } = schedule.nextOccurrences[0] ?? {};
    const restore = () => change(schedule.id, { change: 'restore', occurrenceStart });
    for (const undo of [
      () => change(schedule.id, { change: 'skip', occurrenceStart }),
      () =>
        change(schedule.id, { change: 'move', occurrenceStart, scheduledStart: inMs(5 * HOUR_MS) }),
      () => api.http.post(`/api/meetings/${planned?.id}/stop-bot`).set(headers),
    ]) {
      await undo();
      await restore();
      const [again] = await upcoming();
      expect(again).toMatchObject({ id: planned?.id, scheduledStart: occurrenceStart });
    }
  });

  test('that were cancelled by hand stay so', async () => {
    const schedule = await made();
    const [planned] = await upcoming();
    await api.http.post(`/api/meetings/${planned?.id}/stop-bot`).set(headers);
    await patch(schedule.id, { title: 'Other' });
    expect(await meeting(planned?.id ?? 0)).toMatchObject({ status: 'cancelled' });
    expect((await read(schedule.id)).nextOccurrences[0]).toMatchObject({ state: 'cancelled' });
  });

  test('whose meeting was deleted are skipped', async () => {
    const schedule = await made();
    const [planned] = await upcoming();
    await api.http.delete(`/api/meetings/${planned?.id}`).set(headers);
    await patch(schedule.id, { title: 'Other' });
    expect((await read(schedule.id)).nextOccurrences[0]).toMatchObject({ state: 'skipped' });
    expect(await upcoming()).toHaveLength(1);
  });

  test('that the rule does not name are refused, and so are those that have begun', async () => {
    const schedule = await made();
    const other = await change(schedule.id, { change: 'skip', occurrenceStart: inMs(HOUR_MS) });
    expect([other.status, other.body.error.details[0].field]).toEqual([422, 'occurrenceStart']);
    const [planned] = await upcoming();
    await api.http.post(`/api/meetings/${planned?.id}/start-bot`).set(headers);
    const { occurrenceStart } = schedule.nextOccurrences[0] ?? {};
    const begun = await change(schedule.id, { change: 'skip', occurrenceStart });
    expect([begun.status, begun.body.error.code]).toEqual([409, 'command_refused']);
  });
});

describe('POST /api/schedules/:id/run', () => {
  test('makes a meeting now, beside what is planned, and tells of it', async () => {
    const schedule = await made();
    const { status, body } = await post({}, `/${schedule.id}/run`);
    expect([status, body.status, body.occurrenceStart]).toEqual([201, 'scheduled', null]);
    expect(Math.abs(Date.parse(body.scheduledStart) - Date.now())).toBeLessThan(5_000);
    expect(api.temporal.planned).toContain(body.id);
    expect(await upcoming()).toHaveLength(2);
  });
});

describe('DELETE /api/schedules/:id', () => {
  test('cancels what is planned and leaves alone what has its bot', async () => {
    const schedule = await made(sixHourly());
    const [running, planned] = await upcoming();
    await api.http.post(`/api/meetings/${running?.id}/start-bot`).set(headers);
    expect((await api.http.delete(`/api/schedules/${schedule.id}`).set(headers)).status).toBe(204);
    expect(await meeting(running?.id ?? 0)).toMatchObject({ status: 'joining', scheduleId: null });
    expect(await meeting(planned?.id ?? 0)).toMatchObject({ reason: 'schedule_changed' });
    expect(await upcoming()).toEqual([]);
    expect((await api.http.get(`/api/schedules/${schedule.id}`).set(headers)).status).toBe(404);
  });
});

describe('GET /api/schedules', () => {
  test('pages through one’s own, newest first', async () => {
    const ids = [await made(), await made(), await made()].map(({ id }) => id);
    const path = '/api/schedules?limit=2';
    const { body: first } = await api.http.get(path).set(headers);
    const { body: last } = await api.http.get(`${path}&cursor=${first.nextCursor}`).set(headers);
    const seen = [...first.schedules, ...last.schedules].map(({ id }: { id: number }) => id);
    expect(seen).toEqual(ids.reverse());
    expect(last.nextCursor).toBeNull();
  });

  test('knows nothing of other people’s', async () => {
    const schedule = await made();
    headers = { authorization: `Bearer ${await makeSessionToken()}` };
    expect((await api.http.get(`/api/schedules/${schedule.id}`).set(headers)).status).toBe(404);
    expect((await post({}, `/${schedule.id}/pause`)).status).toBe(404);
    expect((await api.http.get('/api/schedules').set(headers)).body.schedules).toEqual([]);
  });
});
