import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import type { Database } from '../../../infra/database/client';
import { insertMeeting } from '../../../infra/database/meeting-records';
import type { MeetingClient } from '../../../infra/meeting-client';
import { BOT_SETTINGS } from '../../records';
import type { HourSize } from './settings';

/** Plans all meetings for the same second, each with its waiting workflow; their ids. */
export async function planHour(
  db: Database,
  meetingClient: MeetingClient,
  hour: { size: HourSize; scheduledStart: Date; isOneUserLimited: boolean },
): Promise<number[]> {
  const { size, scheduledStart, isOneUserLimited } = hour;
  const users = await Promise.all(
    Array.from({ length: size.users }, (_, index) =>
      db.prisma.user.create({
        data: {
          clerkId: randomUUID(),
          ...(isOneUserLimited && index === 0 && { maxConcurrentBots: size.limitedTo }),
        },
      }),
    ),
  );
  const queue = new PQueue({ concurrency: 10 });
  return queue.addAll(
    Array.from({ length: size.meetings }, (_, index) => async () => {
      const userId = users[index % size.users]?.id ?? 0;
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
      settings: BOT_SETTINGS,
      botIdentityId: null,
      joinTokenUrl: null,
      scheduledStart,
    }),
  );
  return id;
}
