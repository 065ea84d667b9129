import { randomUUID } from 'node:crypto';
import type { EndReason } from '../../../domain/end-reasons';
import { describeEndReason } from '../../../domain/end-reasons';
import type { Database } from '../../../infra/database/client';
import { insertEvidence, type EvidenceFiles } from './evidence';
import { MeetingWriter } from './meeting-writer';
import { LINES, PEOPLE } from './words';

export interface Who {
  userId: number;
  now: Date;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A meeting that goes on: its first lines, and more to come. */
export async function insertLiveMeeting(db: Database, { userId, now }: Who): Promise<number> {
  const origin = new Date(now.getTime() - 3 * MINUTE_MS);
  const meeting = await MeetingWriter.create(db, {
    ...{ userId, origin, title: 'Design review', platform: 'teams', actualStart: origin },
    meetingUrl: 'https://teams.microsoft.com/l/meetup-join/19%3ameeting_x',
    ...{ status: 'live', botStatus: 'in_meeting', isRecorded: true, recordingStatus: 'recording' },
  });
  await meeting.addPerson('Notetaker', { role: 'bot' });
  const jonas = await meeting.addPerson(PEOPLE.jonas, { role: 'host' });
  const maya = await meeting.addPerson(PEOPLE.maya);
  const attempt = await meeting.addAttempt(1, {
    ...{ status: 'in_meeting', createdAt: meeting.at(-9), joinedAt: origin },
    lastHeartbeatAt: now,
  });
  const bot = { type: 'bot.status', attempt: 1, reason: null, message: null } as const;
  await meeting.tell(-9, { ...bot, status: 'joining' });
  await meeting.tell(0, { ...bot, status: 'in_meeting' });
  const said = LINES.slice(31, 40).map(([who, , text], index) => ({
    ...{ person: who === 'priya' ? jonas : maya, text },
    ...{ startMs: 3_000 + index * 9_000, endMs: 10_000 + index * 9_000 },
  }));
  await meeting.say(attempt, said);
  await meeting.finish();
  return meeting.meetingId;
}

/** One whose bot was never let in. */
export async function insertFailedMeeting(
  db: Database,
  { userId, now }: Who,
  evidence: EvidenceFiles,
): Promise<number> {
  const origin = new Date(now.getTime() - 26 * HOUR_MS);
  const reason = 'waiting_room_timeout';
  const meeting = await MeetingWriter.create(db, {
    ...{ userId, origin, clockOrigin: null, title: 'Call with Northwind', platform: 'zoom' },
    meetingUrl: 'https://zoom.us/j/94512345678',
    ...{ status: 'failed', botStatus: 'failed', reason },
  });
  const attempt = await meeting.addAttempt(1, {
    ...{ status: 'failed', reason, confidence: 'certain', createdAt: origin },
    endedAt: meeting.at(900),
    signs: ['text: Please wait, the meeting host will let you in soon'],
  });
  await insertEvidence(db, attempt, evidence);
  const over = { reason, message: describeEndReason(reason) } as const;
  const bot = { type: 'bot.status', attempt: 1 } as const;
  await meeting.tell(4, { ...bot, status: 'waiting_room', reason: null, message: null });
  await meeting.tell(900, { ...bot, status: 'failed', ...over });
  await meeting.tell(901, { type: 'meeting.status', status: 'failed', ...over });
  await meeting.finish();
  return meeting.meetingId;
}

/** A file that is being transcribed. */
async function insertUpload(db: Database, { userId, now }: Who): Promise<void> {
  const origin = new Date(now.getTime() - 7 * MINUTE_MS);
  const meeting = await MeetingWriter.create(db, {
    ...{ userId, origin, title: 'Interview with Dr. Adeyemi', platform: 'none', meetingUrl: null },
    ...{ source: 'upload', status: 'processing', botStatus: 'none' },
  });
  await db.prisma.upload.create({
    data: {
      ...{ meetingId: meeting.meetingId, fileName: 'interview-adeyemi.m4a', status: 'decoded' },
      ...{ sizeBytes: 48_000_000n, receivedBytes: 48_000_000n },
      ...{ durationMs: 3_120_000, decodedMs: 3_120_000, percent: 64 },
    },
  });
  await meeting.tell(5, { type: 'upload.progress', percent: 64 });
  await meeting.finish();
}

type Past = readonly [
  title: string | null,
  platform: string,
  hoursAgo: number,
  minutes: number,
  status: 'completed' | 'failed' | 'cancelled',
  reason: EndReason,
];

const PAST: readonly Past[] = [
  ['1:1 Maya and Tom', 'google_meet', 23, 31, 'completed', 'alone'],
  [null, 'jitsi', 28, 12, 'completed', 'stopped'],
  [
    'Quarterly business review with the whole of the operations team, the partners in Lisbon and everybody from finance who could make it',
    'teams',
    50,
    94,
    'completed',
    'meeting_ended',
  ],
  ['الاجتماع الأسبوعي للفريق', 'google_meet', 73, 45, 'completed', 'alone'],
  ['Standup', 'livekit', 75, 14, 'completed', 'time_limit'],
  ['Board preparation', 'zoom', 98, 0, 'cancelled', 'plan_cancelled'],
  ['Hiring panel', 'teams', 120, 0, 'failed', 'join_denied'],
  ['All hands', 'zoom', 24 * 40, 61, 'completed', 'meeting_ended'],
];

const UPCOMING: readonly (readonly [title: string, platform: string, hours: number])[] = [
  ['Sales sync', 'zoom', 2],
  ['Product weekly', 'google_meet', 24 * 7],
  ['Berlin launch, dry run', 'teams', 24 * 9],
];

const LINKS: Record<string, string> = {
  google_meet: 'https://meet.google.com/abc-defg-hij',
  teams: 'https://teams.microsoft.com/l/meetup-join/19%3ameeting_x',
  zoom: 'https://zoom.us/j/94512345678',
  jitsi: 'https://meet.jit.si/berlin-launch',
  livekit: 'https://meet.example.org/rooms/standup',
};

/** What fills the list: planned ones, a recording, an upload, and past ones of every outcome. */
export async function insertOtherMeetings(db: Database, { userId, now }: Who): Promise<void> {
  for (const [title, platform, hoursAgo, minutes, status, reason] of PAST.toReversed()) {
    const origin = new Date(now.getTime() - hoursAgo * HOUR_MS);
    const meeting = await MeetingWriter.create(db, {
      ...{ userId, origin, title, platform, meetingUrl: LINKS[platform], status, reason },
      botStatus: status === 'completed' ? 'ended' : status === 'failed' ? 'failed' : 'none',
      ...(status === 'completed'
        ? { actualStart: origin, actualEnd: new Date(origin.getTime() + minutes * MINUTE_MS) }
        : { clockOrigin: null }),
    });
    if (minutes > 0) await sayAFew(meeting, minutes);
    await meeting.finish();
  }
  for (const [title, platform, hours] of UPCOMING) {
    const meeting = await MeetingWriter.create(db, {
      ...{ userId, origin: new Date(now.getTime() - DAY_MS), clockOrigin: null },
      ...{ title, platform, meetingUrl: LINKS[platform], status: 'scheduled', isPlanOpen: true },
      scheduledStart: new Date(now.getTime() + hours * HOUR_MS),
    });
    await meeting.finish();
  }
  const recorded = await MeetingWriter.create(db, {
    ...{ userId, origin: new Date(now.getTime() - 5 * HOUR_MS), platform: 'none' },
    ...{ title: 'Thoughts on the roadmap', meetingUrl: null, source: 'recorder' },
    ...{ status: 'completed', botStatus: 'ended', reason: 'recording_finished' },
    actualStart: new Date(now.getTime() - 5 * HOUR_MS),
    actualEnd: new Date(now.getTime() - 5 * HOUR_MS + 9 * MINUTE_MS),
  });
  await sayAFew(recorded, 9);
  await recorded.finish();
  await insertUpload(db, { userId, now });
}

async function sayAFew(meeting: MeetingWriter, minutes: number): Promise<void> {
  const attempt = await meeting.addAttempt(1, {
    ...{ status: 'ended', createdAt: meeting.at(0), joinedAt: meeting.at(0) },
    endedAt: meeting.at(minutes * 60),
  });
  const person = await meeting.addPerson(PEOPLE.priya, { participantKey: randomUUID() });
  await meeting.say(attempt, [
    {
      ...{ person, startMs: 4_000, endMs: 9_000 },
      text: 'Let us look at the budget again, and at the date of the launch.',
    },
  ]);
}
