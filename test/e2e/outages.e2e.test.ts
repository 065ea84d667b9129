import { makeBotName } from '../../domain/temporal';
import { createDatabase, type Database } from '../../infra/database/client';
import { readEvents } from '../../infra/database/events';
import { readConversation, type Conversation } from '../../temporal-dev/demo/conversation';
import { runMeeting, type MeetingRun } from '../../temporal-dev/demo/run-meeting';
import { measureWordErrorRate } from '../../temporal-dev/demo/word-error-rate';
import { startPlatform, type Platform, type PlatformPart } from './platform';

/** The first three utterances: long enough that words come before, during and after an outage. */
const UTTERANCES = 3;

let platform: Platform;
let db: Database;
let conversation: Conversation;
let wholeConversation: Conversation;

beforeAll(async () => {
  wholeConversation = await readConversation('test/audio/standup.json');
  const utterances = wholeConversation.utterances.slice(0, UTTERANCES);
  const durationMs = (utterances.at(-1)?.endMs ?? 0) + 1_500;
  conversation = { ...wholeConversation, utterances, durationMs };
  platform = await startPlatform('outages');
  db = createDatabase({ url: platform.databaseUrl });
}, 300_000);
afterAll(async () => {
  await db.close();
  await platform.stop();
}, 60_000);

/** Holds the conversation and, once the first words are there, ends the part as a crash would. */
async function runWithCrash(part: PlatformPart): Promise<MeetingRun> {
  let crash: Promise<void> | undefined;
  const run = await runMeeting({
    ...platform,
    conversation,
    onEvent: ({ event }) => {
      if (event.type === 'segment') crash ??= platform.crash(part);
    },
  });
  await crash;
  return run;
}

const PARTS: PlatformPart[] = ['workers', 'api', 'redis', 'postgres', 'temporal', 'whisper'];

describe('a crash in mid-meeting', () => {
  test.each(PARTS)(
    'of %s loses no acknowledged chunk, repeats none, and leaves every follower whole',
    async (part) => {
      const run = await runWithCrash(part);
      const meetingId = run.meeting.id;

      const chunks = await db.prisma.audioChunk.findMany({ where: { meetingId } });
      expect(chunks.length).toBeGreaterThan(3);
      expect(chunks.filter((chunk) => chunk.status !== 'done')).toEqual([]);

      const stored = await readEvents(db, [{ meetingId, after: 0 }], 10_000);
      // a corrected segment has left its first place, which the follower had seen
      const seen = new Set(run.events.map((event) => event.seq));
      expect(seen.size).toBe(run.events.length);
      const lastSeq = run.events.at(-1)?.seq ?? 0;
      expect(stored.filter(({ seq }) => seq <= lastSeq && !seen.has(seq))).toEqual([]);
      const segmentIds = run.segments.map(({ id }) => id);
      const transcriptions = await db.prisma.transcription.findMany({ where: { meetingId } });
      expect(segmentIds.toSorted()).toEqual(transcriptions.map((each) => each.id).toSorted());

      for (const { name } of conversation.speakers) {
        const said = conversation.utterances.filter((each) => each.speaker === name);
        const heard = run.segments.filter((each) => each.speaker?.name === name);
        const [saidText = '', heardText = ''] = [said, heard].map((each) =>
          each.map(({ text }) => text).join(' '),
        );
        const isClose = measureWordErrorRate(saidText, heardText) <= 0.25;
        expect({ name, heardText, isClose }).toMatchObject({ isClose: true });
      }

      expect(run.meeting.status).toBe('completed');
      expect(await db.prisma.botAttempt.count({ where: { meetingId } })).toBe(1);
    },
    180_000,
  );

  test('of the bot itself sends another one into the same meeting, and says what went unheard', async () => {
    let crash: Promise<void> | undefined;
    let meetingId = 0;
    const run = await runMeeting({
      ...platform,
      conversation: wholeConversation,
      onSpeaking: (id) => (meetingId = id),
      onEvent: ({ event }) => {
        if (event.type === 'segment') crash ??= platform.crashBot(makeBotName(meetingId, 1));
      },
    });
    await crash;

    const attempts = await db.prisma.botAttempt.findMany({
      where: { meetingId },
      orderBy: { attempt: 'asc' },
    });
    expect(attempts.map((each) => each.reason)).toEqual(['crashed', 'meeting_ended']);
    const gaps = run.events.flatMap(({ event }) => (event.type === 'gap' ? [event] : []));
    expect(gaps).toEqual([expect.objectContaining({ attempt: 1, reason: 'crashed' })]);

    const { endMs } = gaps[0] ?? {};
    const afterwards = run.segments.filter((each) => each.startMs >= (endMs ?? Infinity));
    expect(afterwards.length).toBeGreaterThan(0);
    const chunks = await db.prisma.audioChunk.findMany({ where: { meetingId } });
    expect(chunks.filter((chunk) => chunk.status !== 'done')).toEqual([]);
    expect(run.meeting).toMatchObject({ status: 'completed', reason: 'meeting_ended' });
  }, 180_000);
});
