import { createMeetingsClient, type MeetingsClient } from 'meetings-client';
import { SCOPES, type Scope } from '../../domain/scopes';
import { completeChunk, insertChunk } from '../../infra/database/chunks';
import { beginAnalysis } from '../../infra/database/analyses';
import { keepEvidence } from '../../infra/database/evidence';
import { appendEvent } from '../../infra/database/events';
import { projectMeeting } from '../../infra/database/meetings';
import { settleRecording } from '../../infra/database/recordings';
import { findOrMakeUser } from '../../infra/database/users';
import { makeBotToken, type TestApi } from '../api-server';
import { insertAttempt, insertMeeting, makeChunk } from '../records';

/** What a run asks about: enough of everything that most reads find something. */
export interface Seeds {
  sessionToken: string;
  apiKey: string;
  botToken: string;
  /** Ids that exist, by the beginning of the paths they belong to; the first that fits counts. */
  ids: Record<string, number[]>;
  /** Parameters that find something only together, by operation. */
  given: Record<string, Record<string, number | string>>;
  /** Those for the routes that delete, which must leave something for the others. */
  doomedIds: Record<string, number[]>;
}

/** Meetings in several states, with all that a meeting can have, of one user. */
export async function seed(api: TestApi): Promise<Seeds> {
  await beginAtHighIds(api);
  const userIds: number[] = [];
  for (const clerkId of ['user_a', 'user_b', 'user_c', 'user_d']) {
    userIds.push(await findOrMakeUser(api.db, clerkId));
  }
  const seeded = await seedByClient(api.url);
  const { sessionToken, apiKey, client, userId, identityIds, endpointIds, scheduleIds } = seeded;
  const { recorderIds, uploadIds } = await beginSources(client);
  const meetingIds: number[] = [];
  while (meetingIds.length < 10) {
    const { meetingId } = await insertMeeting(api.db, { userId, title: 'Planning' });
    meetingIds.push(meetingId);
  }
  const [rich = 0, running = 0, fresh = 0, talking = 0, bots = 0] = meetingIds.slice(5);
  const participantId = await enrich(api, rich);
  for (const meetingId of [running, talking]) {
    await insertAttempt(api.db, meetingId);
    const state = { status: 'live', botStatus: 'in_meeting' } as const;
    await projectMeeting(api.db, { meetingId, decidedAtMs: Date.now(), ...state });
  }
  return {
    sessionToken,
    apiKey,
    botToken: await makeBotToken(await insertAttempt(api.db, bots), 3_600_000),
    ids: {
      // of their own: others are stopped meanwhile
      '/api/meetings/{id}/speak': [talking],
      '/api/meetings/{id}/chat': [talking],
      '/api/meetings/{id}/chunks': recorderIds.slice(0, 1),
      '/api/meetings/{id}/recorder/alive': recorderIds.slice(0, 1),
      '/api/meetings/{id}/recorder': recorderIds.slice(1),
      '/api/meetings/{id}/upload': uploadIds.slice(1),
      '/api/meetings/{id}': [rich, running, fresh],
      '/api/identities/{id}': identityIds.slice(2),
      '/api/webhooks/endpoints/{id}': endpointIds.slice(1),
      '/api/schedules/{id}': scheduleIds.slice(1),
      '/api/admin/users/{id}': userIds.slice(2),
      '/api/admin/meetings/{id}': [talking],
    },
    given: {
      getEvidence: { 'path.id': rich, 'path.attempt': 1, 'path.name': 'page.html' },
      changeOccurrence: await seedOccurrence(client),
      renameParticipant: { 'path.id': rich, 'path.participantId': participantId },
      ...(await share(client, rich)),
    },
    doomedIds: {
      '/api/meetings/{id}/upload': uploadIds.slice(0, 1),
      '/api/meetings/{id}': meetingIds.slice(0, 5),
      '/api/identities/{id}': identityIds.slice(0, 2),
      '/api/webhooks/endpoints/{id}': endpointIds.slice(0, 1),
      '/api/schedules/{id}': scheduleIds.slice(0, 1),
      '/api/admin/users/{id}': userIds.slice(0, 2),
    },
  };
}

/** The program makes up small ids and takes those of the document's examples: they shall hit nothing. */
async function beginAtHighIds({ db }: TestApi): Promise<void> {
  for (const name of ['meetings', 'schedules', 'bot_identities', 'webhook_endpoints']) {
    await db.query(`ALTER SEQUENCE ${name}_id_seq RESTART WITH 100000`);
  }
}

/** Meetings without a bot. */
async function beginSources(
  client: MeetingsClient,
): Promise<{ recorderIds: number[]; uploadIds: number[] }> {
  const recorderIds: number[] = [];
  const uploadIds: number[] = [];
  for (const sizeBytes of [10, 20]) {
    const recorder = await client.POST('/api/recorders', { body: {} });
    const upload = await client.POST('/api/uploads', { body: { sizeBytes } });
    if (recorder.data) recorderIds.push(recorder.data.meeting.id);
    if (upload.data) uploadIds.push(upload.data.meeting.id);
  }
  return { recorderIds, uploadIds };
}

/** A time that a rule names, of a schedule that nothing else changes. */
async function seedOccurrence(client: MeetingsClient): Promise<Record<string, number | string>> {
  const meetingUrl = 'https://meet.google.com/abc-defg-hij';
  const body = { meetingUrl, cron: '0 12 * * *', timeZone: 'Europe/Berlin' };
  const made = await client.POST('/api/schedules', { body });
  const occurrence = made.data?.nextOccurrences.at(-1);
  if (!made.data || !occurrence) throw new Error('Expected a schedule with occurrences');
  return { 'path.id': made.data.id, 'body.occurrenceStart': occurrence.occurrenceStart };
}

/** One link to read by, and one to end. */
async function share(client: MeetingsClient, id: number): Promise<Seeds['given']> {
  const params = { path: { id } };
  const [read, ended] = await Promise.all(
    ['read', 'ended'].map(() => client.POST('/api/meetings/{id}/shares', { params, body: {} })),
  );
  if (!read?.data || !ended?.data) throw new Error('Expected two shares');
  const token = { 'path.token': read.data.token };
  return {
    readSharedPage: token,
    readSharedText: token,
    revokeShare: { 'path.id': id, 'path.shareId': ended.data.id },
  };
}

/** Returns the id of a participant. */
async function enrich(api: TestApi, meetingId: number): Promise<number> {
  const attempt = await insertAttempt(api.db, meetingId);
  const chunk = await insertChunk(api.db, makeChunk(attempt));
  if (chunk.kind !== 'accepted') throw new Error(`Expected an accepted chunk, got ${chunk.kind}`);
  const words = [{ text: 'Hello', startMs: 0, endMs: 400, confidence: 0.9 }];
  await completeChunk(api.db, {
    chunkId: chunk.chunkId,
    version: 1,
    segments: [{ startMs: 0, endMs: 400, text: 'Hello', language: 'en', confidence: 0.9, words }],
    dropped: {},
  });
  await appendEvent(api.db, meetingId, {
    body: { type: 'chat.message', from: 'Maya', text: 'Hello' },
  });
  await beginAnalysis(api.db, meetingId);
  const objectKey = `meetings/${meetingId}/evidence/page.html`;
  await api.audio.put(objectKey, Buffer.from('<p>Knock</p>'));
  await keepEvidence(api.db, meetingId, {
    attemptId: attempt.id,
    name: 'page.html',
    contentType: 'text/html',
    sizeBytes: 12,
    objectKey,
  });
  const key = `meetings/${meetingId}/recording/one.webm`;
  await api.audio.put(key, Buffer.alloc(1_000, 1));
  await settleRecording(api.db, meetingId, {
    status: 'ready',
    file: { key, bytes: 1_000, durationMs: 60_000 },
    url: `/api/meetings/${meetingId}/recording`,
  });
  const { id } = await api.db.prisma.participant.findFirstOrThrow({ where: { meetingId } });
  return id;
}

/** By the client that others use too. */
async function seedByClient(baseUrl: string) {
  const visitor = createMeetingsClient({ baseUrl });
  const email = 'conformance@example.com';
  const { data: session } = await visitor.POST('/api/local/sign-in', { body: { email } });
  if (!session) throw new Error('Expected to be signed in');
  const client = createMeetingsClient({ baseUrl, token: session.token });
  const identityIds: number[] = [];
  for (const name of ['One', 'Two', 'Three']) {
    const storageState = {
      cookies: [],
      origins: [{ origin: 'https://a.example', localStorage: [] }],
    };
    const body = { name, platform: 'custom', storageState } as const;
    const made = await client.POST('/api/identities', { body });
    if (made.data) identityIds.push(made.data.id);
  }
  const endpointIds: number[] = [];
  for (const name of ['one', 'two', 'three']) {
    const body = { url: `https://hooks.example.com/${name}` };
    const made = await client.POST('/api/webhooks/endpoints', { body });
    if (made.data) endpointIds.push(made.data.id);
  }
  const scheduleIds: number[] = [];
  for (const cron of ['0 9 * * *', '0 10 * * 1-5', '0 11 1 * *']) {
    const meetingUrl = 'https://meet.google.com/abc-defg-hij';
    const body = { meetingUrl, cron, timeZone: 'Europe/Berlin' };
    const made = await client.POST('/api/schedules', { body });
    if (made.data) scheduleIds.push(made.data.id);
  }
  const scopes = Object.keys(SCOPES) as Scope[];
  const { data: key } = await client.POST('/api/api-keys', { body: { name: 'All', scopes } });
  const { data: me } = await client.GET('/api/me');
  if (!key || !me) throw new Error('Expected an API key and its user');
  return {
    sessionToken: session.token,
    userId: me.id,
    identityIds,
    endpointIds,
    scheduleIds,
    apiKey: key.key,
    client,
  };
}
