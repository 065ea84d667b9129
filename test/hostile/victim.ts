import { randomUUID } from 'node:crypto';
import { SCOPES } from '../../domain/scopes';
import { appendEvent } from '../../infra/database/events';
import type { Database } from '../../infra/database/client';
import { makeSessionToken, type TestApi } from '../api-server';
import { insertAttempt, insertMeeting } from '../records';
import type { Route } from './routes';

/** Stands in everything of the victim that has room for text. */
export const SECRET = `secret-${randomUUID()}`;

/** A user with something of each kind, and what opens their data. */
export interface Victim {
  userId: number;
  meetingId: number;
  participantId: number;
  identityId: number;
  apiKeyId: number;
  endpointId: number;
  scheduleId: number;
}

export interface Person {
  session: Record<string, string>;
  apiKey: Record<string, string>;
}

/** A signed-in person with a key that may all that keys may. */
export async function makePerson(
  api: TestApi,
  keyName: string,
): Promise<Person & { id: number; keyId: number }> {
  const session = {
    authorization: `Bearer ${await makeSessionToken({ sub: `user_${randomUUID()}` })}`,
  };
  const { body } = await api.http
    .post('/api/api-keys')
    .set(session)
    .send({ name: keyName, scopes: Object.keys(SCOPES) });
  const { body: me } = await api.http.get('/api/me').set(session);
  return { session, apiKey: { 'x-api-key': body.key }, id: me.id, keyId: body.id };
}

export async function makeVictim(api: TestApi): Promise<Victim> {
  const { session, id: userId, keyId: apiKeyId } = await makePerson(api, SECRET);
  const { meetingId } = await insertMeeting(api.db, { userId, title: SECRET });
  await insertAttempt(api.db, meetingId);
  await appendEvent(api.db, meetingId, {
    body: { type: 'chat.message', from: null, text: SECRET },
  });
  const { id: participantId } = await api.db.prisma.participant.create({
    data: { meetingId, participantKey: SECRET, name: SECRET },
  });
  await api.http
    .put(`/api/meetings/${meetingId}/notes`)
    .set(session)
    .send({ text: SECRET, version: 0 });
  const { body: identity } = await api.http
    .post('/api/identities')
    .set(session)
    .send({
      name: SECRET,
      platform: 'google_meet',
      storageState: { cookies: [], origins: [{ origin: 'https://x.example', localStorage: [] }] },
    });
  const { body: endpoint } = await api.http
    .post('/api/webhooks/endpoints')
    .set(session)
    .send({ url: `https://hooks.example.com/${SECRET}` });
  const { body: schedule } = await api.http.post('/api/schedules').set(session).send({
    title: SECRET,
    meetingUrl: 'https://meet.google.com/abc-defg-hij',
    cron: '0 9 * * *',
    timeZone: 'UTC',
  });
  return {
    userId,
    meetingId,
    participantId,
    identityId: identity.id,
    apiKeyId,
    endpointId: endpoint.id,
    scheduleId: schedule.id,
  };
}

/** Whose ids stand in which paths; a new kind of thing needs a line here. */
const IDS: [RegExp, (victim: Victim) => Record<string, string>][] = [
  [
    /^\/api\/meetings\/\{id\}/,
    ({ meetingId, participantId }) => ({
      id: String(meetingId),
      attempt: '1',
      name: 'page.html',
      participantId: String(participantId),
      track: 'microphone',
      seq: '1',
    }),
  ],
  [/^\/api\/identities\/\{id\}/, ({ identityId }) => ({ id: String(identityId) })],
  [
    /^\/api\/webhooks\/endpoints\/\{id\}/,
    ({ endpointId }) => ({ id: String(endpointId), deliveryId: '1' }),
  ],
  [/^\/api\/schedules\/\{id\}/, ({ scheduleId }) => ({ id: String(scheduleId) })],
  [/^\/api\/api-keys\/\{id\}/, ({ apiKeyId }) => ({ id: String(apiKeyId) })],
];

/** The path's parameters with the victim's ids. */
export function fillIds({ key, path }: Route, victim: Victim): Record<string, string> {
  const found = IDS.find(([pattern]) => pattern.test(path));
  if (!found) throw new Error(`Expected a line in test/hostile/victim.ts for the ids of ${key}`);
  return found[1](victim);
}

/** Bodies that pass validation, so that what refuses a request is whose the thing is. */
export const BODIES: Record<string, object> = {
  'patch /api/meetings/{id}': { title: 'taken over' },
  'patch /api/meetings/{id}/participants/{participantId}': { name: 'taken over' },
  'put /api/meetings/{id}/notes': { text: 'taken over', version: 1 },
  'post /api/meetings/{id}/chat': { text: 'taken over' },
  'post /api/meetings/{id}/speak': { text: 'taken over' },
  'patch /api/identities/{id}': { name: 'taken over' },
  'patch /api/schedules/{id}': { title: 'taken over' },
  'post /api/schedules/{id}/occurrences': {
    change: 'skip',
    occurrenceStart: '2030-01-01T09:00:00Z',
  },
};

/** What else such routes insist on before they look whose the thing is. */
export const QUERIES: Record<string, string> = {
  'get /api/meetings/{id}/export': '?format=txt',
};

/** All that the database holds, but for the log of what was tried and when keys were used. */
export async function readEverything(db: Database): Promise<Record<string, unknown>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name NOT IN ('audit_entries', 'api_keys')`,
  );
  const everything: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { rows } = await db.query(`SELECT * FROM "${name}" AS t ORDER BY t::text`);
    everything[name] = rows;
  }
  return everything;
}
