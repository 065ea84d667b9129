import { makeSessionToken, PRACTICE_ROOM, startTestApi, type TestApi } from '../test/api-server';

let api: TestApi;
let headers: Record<string, string>;
beforeAll(async () => {
  api = await startTestApi({ settings: { LATE_START_SECONDS: '600' } });
});
afterAll(() => api.close());
beforeEach(async () => {
  api.temporal.mood = 'answers';
  api.temporal.planned.length = 0;
  headers = { authorization: `Bearer ${await makeSessionToken()}` };
});

const inMinutes = (minutes: number): string =>
  new Date(Date.now() + minutes * 60_000).toISOString();

function plan(scheduledStart: unknown) {
  const body = { meetingUrl: `${PRACTICE_ROOM}/r/standup`, scheduledStart };
  return api.http.post('/api/meetings').set(headers).send(body);
}

async function planned(minutes: number): Promise<number> {
  return (await plan(inMinutes(minutes))).body.id;
}

const move = (id: number, scheduledStart: string | null) =>
  api.http.patch(`/api/meetings/${id}`).set(headers).send({ scheduledStart });
const command = (id: number, name: string) =>
  api.http.post(`/api/meetings/${id}/${name}`).set(headers);

describe('POST /api/meetings with scheduledStart', () => {
  test('makes a meeting that is scheduled, and its workflow waits at once', async () => {
    const start = inMinutes(30);
    const { status, body } = await plan(start);
    expect([status, body.status, body.scheduledStart]).toEqual([201, 'scheduled', start]);
    expect(api.temporal.planned).toEqual([body.id]);
  });

  test('takes an offset and keeps the moment', async () => {
    const start = new Date(Date.now() + 86_400_000);
    start.setUTCMilliseconds(0);
    const local = new Date(start.getTime() + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    expect((await plan(local)).body.scheduledStart).toBe(start.toISOString());
  });

  test.each([
    ['a time without zone', '2026-12-01T10:00:00'],
    ['a day', '2026-12-01'],
    ['a time more than a year ahead', inMinutes(367 * 24 * 60)],
    ['a time that passed beyond the limit', inMinutes(-11)],
    ['no text', 5],
  ])('refuses %s', async (_, start) => {
    expect((await plan(start)).status).toBe(422);
  });

  test('takes a time that has just passed', async () => {
    expect((await plan(inMinutes(-9))).status).toBe(201);
  });

  test('makes the meeting while Temporal is down; reconciliation starts its workflow', async () => {
    api.temporal.mood = 'down';
    const { status, body } = await plan(inMinutes(30));
    expect([status, body.status]).toEqual([201, 'scheduled']);
  });
});

describe('PATCH of scheduledStart', () => {
  test('moves the start, tells the workflow, and puts it onto the cursor', async () => {
    const id = await planned(30);
    const start = inMinutes(45);
    const { status, body } = await move(id, start);
    expect([status, body.scheduledStart, body.status]).toEqual([200, start, 'scheduled']);
    expect(api.temporal.planned).toEqual([id, id]);
    const { body: page } = await api.http.get(`/api/meetings/${id}/events`).set(headers);
    const events = page.events.map(({ event }: { event: object }) => event);
    expect(events).toMatchObject([
      { type: 'meeting.planned' },
      { type: 'meeting.planned', scheduledStart: start },
    ]);
  });

  test('plans a meeting that had no plan', async () => {
    const meetingUrl = `${PRACTICE_ROOM}/r/standup`;
    const { body: made } = await api.http.post('/api/meetings').set(headers).send({ meetingUrl });
    expect((await move(made.id, inMinutes(10))).body.status).toBe('scheduled');
  });

  test('with null cancels the meeting', async () => {
    const id = await planned(30);
    const { body } = await move(id, null);
    expect(body).toMatchObject({
      status: 'cancelled',
      reason: 'plan_cancelled',
      message: 'The planned meeting was cancelled before a bot was sent.',
      scheduledStart: null,
    });
  });

  test('is refused while the bot is on its way', async () => {
    const id = await planned(30);
    await command(id, 'start-bot');
    const { status, body } = await move(id, inMinutes(60));
    expect([status, body.error.code]).toEqual([409, 'command_refused']);
  });

  test('changes nothing else when it is refused', async () => {
    const id = await planned(30);
    await command(id, 'start-bot');
    const both = { title: 'New', scheduledStart: inMinutes(60) };
    await api.http.patch(`/api/meetings/${id}`).set(headers).send(both);
    const { body } = await api.http.get(`/api/meetings/${id}`).set(headers);
    expect(body.title).toBeNull();
  });

  test('keeps an intent for reconciliation while Temporal is down', async () => {
    const id = await planned(30);
    api.temporal.mood = 'down';
    expect((await move(id, inMinutes(50))).status).toBe(200);
    const intents = await api.db.prisma.intent.findMany({ where: { meetingId: id } });
    expect(intents).toMatchObject([{ kind: 'plan_meeting', status: 'pending' }]);
  });

  test('of somebody else’s meeting is 404', async () => {
    const id = await planned(30);
    headers = { authorization: `Bearer ${await makeSessionToken()}` };
    expect((await move(id, inMinutes(60))).status).toBe(404);
  });
});

describe('stop-bot of a meeting that waits', () => {
  test.each(['answers', 'no_worker', 'down'] as const)(
    'cancels it in the database, whatever answers (%s)',
    async (mood) => {
      const id = await planned(30);
      api.temporal.mood = mood;
      const { status, body } = await command(id, 'stop-bot');
      expect([200, 202]).toContain(status);
      expect(body.meeting).toMatchObject({ status: 'cancelled', reason: 'plan_cancelled' });
      expect((await command(id, 'start-bot')).status).toBeLessThan(300);
    },
  );
});

describe('GET /api/meetings?status=scheduled', () => {
  test('lists what is coming, soonest first, page by page', async () => {
    const ids: Record<number, number> = {};
    for (const minutes of [50, 10, 30, 20, 40]) ids[minutes] = await planned(minutes);
    const seen: number[] = [];
    let cursor = '';
    do {
      const path = `/api/meetings?status=scheduled&limit=2${cursor && `&cursor=${cursor}`}`;
      const { body } = await api.http.get(path).set(headers);
      seen.push(...body.meetings.map(({ id }: { id: number }) => id));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    expect(seen).toEqual([10, 20, 30, 40, 50].map((minutes) => ids[minutes]));
  });

  test('refuses a cursor of another list', async () => {
    const cursor = Buffer.from('before:5').toString('base64url');
    const path = `/api/meetings?status=scheduled&cursor=${cursor}`;
    expect((await api.http.get(path).set(headers)).status).toBe(422);
  });
});
