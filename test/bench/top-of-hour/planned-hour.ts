import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import { leavePolicySchema } from '../../../domain/leave-policy';
import type { Database } from '../../../infra/database/client';
import { insertMeeting } from '../../../infra/database/meeting-records';
import type { MeetingClient } from '../../../infra/meeting-client';

export const MEETINGS = 500;
export const USERS = 10;
/** One user may have so many bots at the same time, of fifty that are planned. */
export const LIMITED_TO = 20;

/** Plans all meetings for the same second, each with its waiting workflow; their ids. */
export async function planHour(
  db: Database,
  meetingClient: MeetingClient,
  { scheduledStart, isOneUserLimited }: { scheduledStart: Date; isOneUserLimited: boolean },
): Promise<number[]> {
  const users = await Promise.all(
    Array.from({ length: USERS }, (_, index) =>
      db.prisma.user.create({
        data: {
          clerkId: randomUUID(),
          ...(isOneUserLimited && index === 0 && { maxConcurrentBots: LIMITED_TO }),
        },
      }),
    ),
  );
  const queue = new PQueue({ concurrency: 10 });
  return queue.addAll(
    Array.from({ length: MEETINGS }, (_, index) => async () => {
      const userId = users[index % USERS]?.id ?? 0;
      const meetingId = await insertPlanned(db, { userId, room: index, scheduledStart });
      const meeting = { meetingId, platform: 'custom', transcriptVersion: 1 } as const;
      await meetingClient.startWaiting({ ...meeting, intentId: randomUUID() });
      return meetingId;
    }),
  );
}

async function insertPlanned(
  db: Database,
  { userId, room, scheduledStart }: { userId: number; room: number; scheduledStart: Date },
): Promise<number> {
  const { id } = await db.transaction((tx) =>
    insertMeeting(tx, {
      userId,
      link: {
        platform: 'custom',
        platformMeetingId: String(room),
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
  return id;
}
