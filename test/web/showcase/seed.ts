import { hashShareToken, makeShareToken } from '../../../api/share/share-token';
import { createDatabase, type Database } from '../../../infra/database/client';
import { drawSights } from './evidence';
import { insertMainMeeting } from './main-meeting';
import { insertFailedMeeting, insertLiveMeeting, insertOtherMeetings } from './other-meetings';
import { insertSchedules, insertSettings } from './settings';

export interface ShowcaseOptions {
  databaseUrl: string;
  audioDir: string;
  encryptionKey: string;
  ffmpegPath: string;
  chromiumPath: string;
  /** Who has all of it, and must have signed in before. */
  email: string;
  /** The moment that everything is dated by. */
  now: Date;
}

/** Where pictures find what they show. */
export interface Showcase {
  meetingId: number;
  liveId: number;
  failedId: number;
  scheduleId: number;
  endpointId: number;
  /** Of the meeting as strangers read it, on the API. */
  sharePath: string;
  userId: number;
}

/** Fills one person's account with a bit of everything that the page can show. */
export async function seedShowcase(options: ShowcaseOptions): Promise<Showcase> {
  const { databaseUrl, audioDir, ffmpegPath, chromiumPath, encryptionKey, email, now } = options;
  const sights = await drawSights(chromiumPath);
  const db = createDatabase({ url: databaseUrl, maxConnections: 2 });
  try {
    const { id: userId } = await db.prisma.user.findFirstOrThrow({ where: { email } });
    const who = { userId, now };
    await insertOtherMeetings(db, who);
    const failedId = await insertFailedMeeting(db, who, { audioDir, picture: sights.waiting });
    const origin = new Date(now.getTime() - 95 * 60_000);
    const meetingId = await insertMainMeeting(db, {
      ...{ userId, origin, audioDir, ffmpegPath, picture: sights.lost },
    });
    const liveId = await insertLiveMeeting(db, who);
    const endpointId = await insertSettings(db, who, encryptionKey);
    const scheduleId = await insertSchedules(db, who);
    const sharePath = await share(db, meetingId);
    return { meetingId, liveId, failedId, scheduleId, endpointId, sharePath, userId };
  } finally {
    await db.close();
  }
}

async function share(db: Database, meetingId: number): Promise<string> {
  const token = makeShareToken();
  const tokenSha256 = hashShareToken(token) ?? '';
  const [createdAt, expiresAt] = [new Date(), new Date('2100-01-01T00:00:00Z')];
  await db.prisma.shareLink.create({
    data: { meetingId, tokenSha256, emails: [], createdAt, expiresAt },
  });
  return `/s/${token}`;
}
