import { randomUUID } from 'node:crypto';
import type { StoredEventBody } from '../../../domain/events';
import { leavePolicySchema } from '../../../domain/leave-policy';
import type { Database } from '../../../infra/database/client';
import type { Prisma } from '../../../infra/generated/prisma/client';

type MeetingData = Omit<
  Prisma.MeetingUncheckedCreateInput,
  'userId' | 'platform' | 'botName' | 'leavePolicy'
> & { platform?: string; botName?: string };

/** A segment before it has its row. */
export interface Said {
  person: number | null;
  startMs: number;
  endMs: number;
  text: string;
  isCorrected?: boolean;
}

/** Writes one meeting's rows as the platform leaves them, at moments of one's own choice. */
export class MeetingWriter {
  private seq = 0;

  private constructor(
    private readonly db: Database,
    readonly meetingId: number,
    /** Where its clock begins. */
    private readonly origin: Date,
  ) {}

  static async create(
    db: Database,
    { userId, origin, ...data }: MeetingData & { userId: number; origin: Date },
  ): Promise<MeetingWriter> {
    const meeting = await db.prisma.meeting.create({
      data: {
        platform: 'google_meet',
        botName: 'Notetaker',
        createdAt: origin,
        clockOrigin: origin,
        meetingUrl: 'https://meet.google.com/abc-defg-hij',
        ...data,
        userId,
        leavePolicy: leavePolicySchema.parse({}),
      },
    });
    await db.prisma.meetingCursor.create({ data: { meetingId: meeting.id } });
    await db.prisma.meetingIntake.create({ data: { meetingId: meeting.id, closedAt: origin } });
    return new MeetingWriter(db, meeting.id, origin);
  }

  at(seconds: number): Date {
    return new Date(this.origin.getTime() + seconds * 1_000);
  }

  async addPerson(
    name: string,
    more: Partial<Prisma.ParticipantUncheckedCreateInput> = {},
  ): Promise<number> {
    const { meetingId } = this;
    const person = await this.db.prisma.participant.create({
      data: { meetingId, participantKey: randomUUID(), name, joinTime: this.origin, ...more },
    });
    return person.id;
  }

  async addAttempt(
    attempt: number,
    data: Omit<Prisma.BotAttemptUncheckedCreateInput, 'meetingId' | 'attempt' | 'launchId'>,
  ): Promise<number> {
    const { meetingId } = this;
    const made = await this.db.prisma.botAttempt.create({
      data: { meetingId, attempt, launchId: randomUUID(), ...data },
    });
    return made.id;
  }

  async tell(seconds: number, { type, ...data }: StoredEventBody): Promise<void> {
    this.seq += 1;
    const { meetingId, seq } = this;
    await this.db.prisma.meetingEvent.create({
      data: { meetingId, seq, type, data, createdAt: this.at(seconds) },
    });
  }

  /** Returns the segments' ids. */
  async say(attemptId: number, said: readonly Said[]): Promise<number[]> {
    const { meetingId } = this;
    const chunk = await this.db.prisma.audioChunk.create({
      data: {
        ...{ meetingId, attemptId, track: 'mixed', seq: this.seq + 1 },
        ...{ startMs: 0, endMs: 1_000, sizeBytes: 32_044 },
        ...{ sha256: 'a'.repeat(64), objectKey: randomUUID() },
        ...{ capturedAt: this.origin, status: 'done', doneAt: this.origin },
      },
    });
    const rows = await this.db.prisma.transcription.createManyAndReturn({
      data: said.map(({ person, startMs, endMs, text, isCorrected = false }, index) => ({
        ...{ meetingId, participantId: person, chunkId: chunk.id, version: 1, index },
        ...{ seq: this.seq + 1 + index, text, timestampMs: startMs, endMs },
        ...{ language: 'en', confidence: 0.94, words: [], revision: isCorrected ? 2 : 1 },
      })),
      select: { id: true },
    });
    this.seq += said.length;
    return rows.map(({ id }) => id);
  }

  /** Lets readers see what was written. */
  async finish(): Promise<void> {
    const { meetingId, seq } = this;
    await this.db.prisma.meetingCursor.update({ where: { meetingId }, data: { seq } });
  }
}
