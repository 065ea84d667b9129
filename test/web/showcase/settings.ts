import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '../../../infra/database/client';
import { createEncryption } from '../../../infra/encryption';
import { leavePolicySchema } from '../../../domain/leave-policy';
import type { Who } from './other-meetings';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ago = (now: Date, ms: number): Date => new Date(now.getTime() - ms);

/** Keys, an endpoint with its delivery log, an account of a bot, audit, and people to administer. */
export async function insertSettings(
  db: Database,
  { userId, now }: Who,
  encryptionKey: string,
): Promise<number> {
  await db.prisma.user.update({ where: { id: userId }, data: { fullName: 'Maya Okafor' } });
  await insertKeys(db, { userId, now });
  const endpointId = await insertWebhooks(db, { userId, now }, encryptionKey);
  const { encrypt } = createEncryption([encryptionKey]);
  await db.prisma.botIdentity.create({
    data: {
      ...{
        userId,
        platform: 'google_meet',
        name: 'notes@example.org',
        lastUsedAt: ago(now, DAY_MS),
      },
      ...{ stateEncrypted: encrypt('{}'), createdAt: ago(now, 30 * DAY_MS) },
    },
  });
  await insertAudit(db, { userId, now });
  for (const [index, name] of ['Jonas Lindqvist', 'Priya Raghunathan', 'Tom Bauer'].entries()) {
    const [first = ''] = name.toLowerCase().split(' ');
    await db.prisma.user.create({
      data: {
        ...{ clerkId: randomUUID(), fullName: name, email: `${first}@example.org` },
        ...{ createdAt: ago(now, (20 + index) * DAY_MS) },
        ...(index === 2 ? { disabledAt: ago(now, DAY_MS) } : {}),
      },
    });
  }
  return endpointId;
}

async function insertKeys(db: Database, { userId, now }: Who): Promise<void> {
  const keys = [
    ['Weekly report', ['meetings:read', 'transcripts:read'], 0.2, null],
    ['Calendar importer', ['meetings:read', 'meetings:write'], 9, 30],
  ] as const;
  for (const [name, scopes, usedDaysAgo, expiresInDays] of keys) {
    await db.prisma.apiKey.create({
      data: {
        ...{
          userId,
          name,
          scopes: [...scopes],
          lastFour: name === 'Weekly report' ? 'k7Qx' : 'm2Pz',
        },
        keyHash: createHash('sha256').update(name).digest('hex'),
        ...{ createdAt: ago(now, 40 * DAY_MS), lastUsedAt: ago(now, usedDaysAgo * DAY_MS) },
        expiresAt: expiresInDays === null ? null : ago(now, -expiresInDays * DAY_MS),
      },
    });
  }
}

async function insertWebhooks(
  db: Database,
  { userId, now }: Who,
  encryptionKey: string,
): Promise<number> {
  const { encrypt } = createEncryption([encryptionKey]);
  const endpoint = await db.prisma.webhookEndpoint.create({
    data: {
      ...{ userId, url: 'https://hooks.example.org/meetings', description: 'Notes into the wiki' },
      ...{ eventTypes: ['meeting.*', 'analysis.*'], secretEncrypted: encrypt('whsec_x') },
      ...{ createdAt: ago(now, 20 * DAY_MS), lastSuccessAt: ago(now, 4 * MINUTE_MS) },
    },
  });
  await db.prisma.webhookEndpoint.create({
    data: {
      ...{
        userId,
        url: 'https://crm.example.org/api/v2/incoming/meetings-and-transcripts/eu-west',
      },
      ...{ secretEncrypted: encrypt('whsec_y'), isEnabled: false, disabledReason: 'failing' },
      ...{ disabledAt: ago(now, DAY_MS), failingSince: ago(now, 6 * DAY_MS) },
      createdAt: ago(now, 60 * DAY_MS),
    },
  });
  const log = [
    ['meeting.completed', 'failed', 1, 503, 'Service Unavailable', 312],
    ['meeting.completed', 'failed', 2, null, 'It did not answer within 10 s.', 10_002],
    ['meeting.completed', 'delivered', 3, 200, '', 88],
    ['analysis.completed', 'delivered', 1, 204, '', 41],
    ['meeting.started', 'dead_lettered', 9, 404, 'Not Found', 65],
    ['webhook.test', 'delivered', 1, 200, '', 37],
  ] as const;
  for (const [index, [type, outcome, attempt, status, answer, latencyMs]] of log.entries()) {
    await db.prisma.webhookDelivery.create({
      data: {
        ...{ endpointId: endpoint.id, messageId: `msg_${index}`, type, outcome, attempt },
        ...{ status, latencyMs, createdAt: ago(now, (30 - index) * MINUTE_MS) },
        error: status === null ? answer : null,
        responseHead: status === null ? null : answer,
        requestHead: { 'content-type': 'application/json', 'webhook-id': `msg_${index}` },
      },
    });
  }
  return endpoint.id;
}

async function insertAudit(db: Database, { userId, now }: Who): Promise<void> {
  const actions = ['meeting.created', 'bot.started', 'share.created', 'api_key.created'];
  await db.prisma.auditEntry.createMany({
    data: actions.map((action, index) => ({
      ...{ action, actorKind: 'session', actorId: 'local_maya', userId, status: 200 },
      ...{
        address: '127.0.0.1',
        requestId: randomUUID(),
        at: ago(now, (60 - index * 9) * MINUTE_MS),
      },
    })),
  });
}

/** A weekly one with what became of it, one on weekdays that is paused. */
export async function insertSchedules(db: Database, { userId, now }: Who): Promise<number> {
  const starts = ago(now, 21 * DAY_MS);
  starts.setUTCHours(9, 0, 0, 0);
  const common = {
    ...{ userId, platform: 'google_meet', platformMeetingId: 'abc-defg-hij' },
    ...{ meetingUrl: 'https://meet.google.com/abc-defg-hij', botName: 'Notetaker' },
    ...{ timeZone: 'Europe/Berlin', isCalendar: true, leavePolicy: leavePolicySchema.parse({}) },
    ...{ startsAt: starts, lookedAt: now, createdAt: starts },
    lookAgainAt: ago(now, -DAY_MS),
  };
  const weekly = await db.prisma.schedule.create({
    data: { ...common, title: 'Product weekly', rrule: 'FREQ=WEEKLY;BYDAY=TH', isRecorded: true },
  });
  await db.prisma.schedule.create({
    data: {
      ...common,
      ...{ title: 'Standup', rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', isPaused: true },
    },
  });
  await db.prisma.schedule.create({
    data: { ...common, title: 'Board', rrule: 'FREQ=MONTHLY;BYMONTHDAY=12', platform: 'teams' },
  });
  return weekly.id;
}
