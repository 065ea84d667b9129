import type { MeetingEvent } from '../../domain/events';
import type { NewSegment, Segment } from '../../domain/segment';
import type { Attempt } from '../../infra/database/attempts';
import { completeChunk, countChunks, insertChunk } from '../../infra/database/chunks';
import type { Database } from '../../infra/database/client';
import { readCursor, readEvents, readSegments } from '../../infra/database/events';
import { markMeetingDeleted } from '../../infra/database/meetings';
import { recordParticipants } from '../../infra/database/participants';
import { bindSources, lockCursor } from '../../infra/database/sound-sources';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../records';

let db: Database;
let close: () => Promise<void>;
let attempt: Attempt;
let userId: number;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());
beforeEach(async () => {
  const meeting = await insertMeeting(db);
  userId = meeting.userId;
  attempt = await insertAttempt(db, meeting.meetingId);
});

const segment = (text: string, source: string | null): NewSegment => ({
  startMs: 1_000,
  endMs: 1_500,
  text,
  language: 'en',
  confidence: 0.9,
  words: [],
  source,
});

async function acceptChunk(seq: number, of: Attempt = attempt): Promise<number> {
  const capturedAt = new Date(of.createdAt.getTime() - 1_000);
  const result = await insertChunk(db, makeChunk(of, { seq, participantKey: null, capturedAt }));
  if (result.kind !== 'accepted') throw new Error(`Expected the chunk in, got ${result.kind}`);
  return result.chunkId;
}

/** Completes a chunk of mixed sound whose segments have these sources. */
async function hear(seq: number, sources: (string | null)[], of?: Attempt): Promise<void> {
  const chunkId = await acceptChunk(seq, of);
  const segments = sources.map((source, index) => segment(`${seq}.${index}`, source));
  expect(await completeChunk(db, { chunkId, version: 1, segments, dropped: {} })).toBe(true);
}

const bind = (source: string, participantKey: string, of: Attempt = attempt) =>
  bindSources(db, of, [{ source, participantKey }]);

type Telling = [change: 'joined' | 'renamed' | 'left', key: string, name: string, atMs?: number];
const tell = (...[change, key, name, atMs = 1]: Telling) =>
  recordParticipants(db, attempt, [{ key, name, change, atMs }]);

const read = (after = 0): Promise<MeetingEvent[]> =>
  readEvents(db, [{ meetingId: attempt.meetingId, after }], 1_000);

async function readTranscript(): Promise<Segment[]> {
  const position = { meetingId: attempt.meetingId, after: 0, version: 1 };
  const events = await readSegments(db, position, 1_000);
  return events.flatMap(({ event }) => (event.type === 'segment' ? [event.segment] : []));
}

/** Text and speaker's name of each segment; `?` for a speaker without a name. */
const readSpeakers = async (): Promise<[string, string | null][]> =>
  (await readTranscript())
    .map(({ text, speaker }): [string, string | null] => [text, speaker && (speaker.name ?? '?')])
    .sort();

/** Resolves when so many statements of this database wait for a lock. */
async function waitForWaiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if ((rows[0]?.waiting ?? 0) >= count) return;
  }
}

describe('completeChunk with sources', () => {
  test('writes segments of unknown sources without a speaker and makes each source once', async () => {
    await hear(1, ['csrc-1', 'csrc-2', null]);
    await hear(2, ['csrc-1']);
    expect(await readSpeakers()).toEqual([
      ['1.0', null],
      ['1.1', null],
      ['1.2', null],
      ['2.0', null],
    ]);
    const sources = await db.prisma.soundSource.findMany({ where: { attemptId: attempt.id } });
    expect(sources.map(({ sourceKey }) => sourceKey).sort()).toEqual(['csrc-1', 'csrc-2']);
  });

  test('gives segments of a bound source its participant at once', async () => {
    await tell('joined', 'maya', 'Maya');
    await bind('csrc-1', 'maya');
    await hear(1, ['csrc-1', 'csrc-2']);
    expect(await readSpeakers()).toEqual([
      ['1.0', 'Maya'],
      ['1.1', null],
    ]);
    expect((await read()).map(({ event }) => event.type)).toEqual([
      'participant.joined',
      'segment',
      'segment',
    ]);
  });

  test('takes a source with a participant’s key for that participant', async () => {
    await tell('joined', 'maya', 'Maya');
    await hear(1, ['maya']);
    expect(await readSpeakers()).toEqual([['1.0', 'Maya']]);
  });

  test('corrects what a source had said when its participant turns up later', async () => {
    await hear(1, ['maya', 'jonas']);
    await tell('joined', 'maya', 'Maya');
    expect(await readSpeakers()).toEqual([
      ['1.0', 'Maya'],
      ['1.1', null],
    ]);
    expect((await read(2)).map(({ event }) => event.type)).toEqual([
      'participant.joined',
      'segment.updated',
    ]);
  });

  test('leaves the words of one person’s own track theirs', async () => {
    const result = await insertChunk(db, makeChunk(attempt, { participantKey: 'maya' }));
    if (result.kind !== 'accepted') throw new Error('Expected the chunk in');
    const segments = [segment('mine', 'csrc-1'), segment('mine too', null)];
    await completeChunk(db, { chunkId: result.chunkId, version: 1, segments, dropped: {} });
    await bind('csrc-1', 'jonas');
    const speakers = (await readTranscript()).map(({ speaker }) => speaker?.id);
    const maya = await db.prisma.participant.findFirstOrThrow({
      where: { meetingId: attempt.meetingId, participantKey: 'maya' },
    });
    expect(speakers).toEqual([maya.id, maya.id]);
  });

  test('writes the segments once when eight workers finish the chunk at the same time', async () => {
    const chunkId = await acceptChunk(1);
    const segments = [segment('one', 'csrc-1'), segment('two', 'csrc-2')];
    const finished = await Promise.all(
      Array.from({ length: 8 }, () =>
        completeChunk(db, { chunkId, version: 1, segments, dropped: {} }),
      ),
    );
    expect(finished.filter(Boolean)).toHaveLength(1);
    expect((await readTranscript()).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('leaves the chunk pending when its segments cannot be written', async () => {
    const chunkId = await acceptChunk(1);
    const segments = [segment('one', 'csrc-1'), { ...segment('two', 'csrc-1'), endMs: 1 }];
    await expect(completeChunk(db, { chunkId, version: 1, segments, dropped: {} })).rejects.toThrow(
      'transcriptions_span_check',
    );
    expect(await countChunks(db, attempt.meetingId)).toMatchObject({ pending: 1, done: 0 });
    expect(await readCursor(db, attempt.meetingId)).toBe(0);
  });
});

describe('bindSources', () => {
  test('corrects the segments of the source under their ids, in order, at the cursor’s end', async () => {
    await tell('joined', 'maya', 'Maya');
    await hear(1, ['csrc-1', 'csrc-2', 'csrc-1']);
    await hear(2, ['csrc-1']);
    const before = await readTranscript();
    expect(await bind('csrc-1', 'maya')).toBe('recorded');
    const after = await readTranscript();
    expect(after.map(({ id, seq, text }) => [id, seq, text])).toEqual([
      [before[1]?.id, 3, '1.1'],
      [before[0]?.id, 6, '1.0'],
      [before[2]?.id, 7, '1.2'],
      [before[3]?.id, 8, '2.0'],
    ]);
    const corrected = (await read(5)).map(({ event }) => event);
    expect(corrected).toMatchObject(
      ['1.0', '1.2', '2.0'].map((text) => ({
        type: 'segment.updated',
        segment: { text, speaker: { name: 'Maya' } },
      })),
    );
    expect(await readCursor(db, attempt.meetingId)).toBe(8);
  });

  test('makes a participant that is not known yet, whose name corrects the segments again', async () => {
    await hear(1, ['csrc-1']);
    await bind('csrc-1', 'maya');
    expect(await readSpeakers()).toEqual([['1.0', '?']]);
    await tell('joined', 'maya', 'Maya');
    expect(await readSpeakers()).toEqual([['1.0', 'Maya']]);
    expect((await read(2)).map(({ event }) => event.type)).toEqual([
      'participant.joined',
      'segment.updated',
    ]);
  });

  test('changes nothing when it is repeated', async () => {
    await hear(1, ['csrc-1']);
    await bind('csrc-1', 'maya');
    const seq = await readCursor(db, attempt.meetingId);
    await Promise.all(Array.from({ length: 4 }, () => bind('csrc-1', 'maya')));
    expect(await readCursor(db, attempt.meetingId)).toBe(seq);
  });

  test('moves a source to another participant when the bot learns better', async () => {
    await tell('joined', 'maya', 'Maya');
    await tell('joined', 'jonas', 'Jonas');
    await hear(1, ['csrc-1']);
    await bind('csrc-1', 'maya');
    await bind('csrc-1', 'jonas');
    await hear(2, ['csrc-1']);
    expect(await readSpeakers()).toEqual([
      ['1.0', 'Jonas'],
      ['2.0', 'Jonas'],
    ]);
  });

  test('takes the last of two bindings of one source', async () => {
    await tell('joined', 'jonas', 'Jonas');
    await bindSources(db, attempt, [
      { source: 'csrc-1', participantKey: 'maya' },
      { source: 'csrc-1', participantKey: 'jonas' },
    ]);
    await hear(1, ['csrc-1']);
    expect(await readSpeakers()).toEqual([['1.0', 'Jonas']]);
  });

  test('says nothing of the equal source of another attempt', async () => {
    await hear(1, ['csrc-1']);
    const next = await insertAttempt(db, attempt.meetingId);
    await bind('csrc-1', 'maya', next);
    await hear(1, ['csrc-1'], next);
    expect(await readSpeakers()).toEqual([
      ['1.0', null],
      ['1.0', '?'],
    ]);
  });

  test('is refused to a superseded attempt and for a deleted meeting', async () => {
    const next = await insertAttempt(db, attempt.meetingId);
    expect(await bind('csrc-1', 'maya')).toBe('superseded');
    await markMeetingDeleted(db, { meetingId: attempt.meetingId, userId });
    expect(await bind('csrc-1', 'maya', next)).toBe('meeting_deleted');
  });

  test.each(['binding first', 'completion first'])(
    'leaves no segment uncorrected when a chunk is completed at the same time, %s',
    async (order) => {
      const chunkId = await acceptChunk(1);
      const segments = [segment('one', 'csrc-1')];
      const begin = [
        () => bind('csrc-1', 'maya'),
        () => completeChunk(db, { chunkId, version: 1, segments, dropped: {} }),
      ];
      if (order === 'completion first') begin.reverse();
      const running: Promise<unknown>[] = [];
      await db.transaction(async (tx) => {
        await lockCursor(tx, attempt.meetingId);
        for (const [index, each] of begin.entries()) {
          running.push(each());
          await waitForWaiting(index + 1);
        }
      });
      await Promise.all(running);
      expect(await readSpeakers()).toEqual([['one', '?']]);
    },
  );

  test.each(['arrival first', 'completion first'])(
    'misses no participant who arrives while their source’s chunk is completed, %s',
    async (order) => {
      const chunkId = await acceptChunk(1);
      const segments = [segment('one', 'maya')];
      const begin = [
        () => tell('joined', 'maya', 'Maya'),
        () => completeChunk(db, { chunkId, version: 1, segments, dropped: {} }),
      ];
      if (order === 'completion first') begin.reverse();
      const running: Promise<unknown>[] = [];
      await db.transaction(async (tx) => {
        await lockCursor(tx, attempt.meetingId);
        for (const [index, each] of begin.entries()) {
          running.push(each());
          await waitForWaiting(index + 1);
        }
      });
      await Promise.all(running);
      expect(await readSpeakers()).toEqual([['one', 'Maya']]);
    },
  );

  test('ends right and without a hole while chunks, bindings and names all come at once', async () => {
    const sources = ['csrc-1', 'csrc-2', 'csrc-3'];
    const chunkIds = await Promise.all(
      Array.from({ length: 30 }, (_, index) => acceptChunk(index + 1)),
    );
    let writing = true;
    const seen: number[] = [];
    const latest = new Map<number, Segment>();
    const follow = async (): Promise<void> => {
      for (let last = false; !last;) {
        last = !writing;
        const events = await read(seen.at(-1) ?? 0);
        for (const { seq, event } of events) {
          seen.push(seq);
          if ('segment' in event) latest.set(event.segment.id, event.segment);
        }
        if (events.length > 0) last = false;
      }
    };
    const reader = follow();
    await Promise.all([
      ...chunkIds.map((chunkId, index) => {
        const segments = [0, 1].map((place) =>
          segment(`${index}`, sources[(index + place) % 3] ?? null),
        );
        return completeChunk(db, { chunkId, version: 1, segments, dropped: {} });
      }),
      ...sources
        .flatMap((source) => ['wrong', `of-${source}`].map((key) => () => bind(source, key)))
        .map((each) => each()),
      ...sources.map((source, index) => tell('joined', `of-${source}`, source, index)),
    ]);
    for (const source of sources) await bind(source, `of-${source}`);
    writing = false;
    await reader;
    const transcript = await readTranscript();
    expect(transcript).toHaveLength(60);
    expect([...latest.values()].sort((a, b) => a.seq - b.seq)).toEqual(transcript);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const rows = await db.prisma.transcription.findMany({
      where: { meetingId: attempt.meetingId },
      include: { soundSource: true, participant: true },
    });
    for (const { soundSource, participant } of rows) {
      expect(participant?.name).toBe(soundSource?.sourceKey);
    }
  });
});

describe('a new name', () => {
  test('puts all that its person has said on the cursor again', async () => {
    await tell('joined', 'maya', 'Maya');
    await bind('csrc-1', 'maya');
    await hear(1, ['csrc-1', 'csrc-2', 'csrc-1']);
    await tell('renamed', 'maya', 'Maya K.', 2);
    expect((await read(4)).map(({ event }) => event)).toMatchObject([
      { type: 'participant.renamed', participant: { name: 'Maya K.' } },
      { type: 'segment.updated', segment: { text: '1.0', speaker: { name: 'Maya K.' } } },
      { type: 'segment.updated', segment: { text: '1.2', speaker: { name: 'Maya K.' } } },
    ]);
  });

  test('is told once for several changes in one message, and not when it is the old one', async () => {
    await tell('joined', 'maya', 'Maya');
    await hear(1, ['maya']);
    const renamed = (name: string, atMs: number) => ({
      key: 'maya',
      name,
      change: 'renamed' as const,
      atMs,
    });
    await recordParticipants(db, attempt, [renamed('M', 2), renamed('Mai', 3)]);
    await recordParticipants(db, attempt, [renamed('M', 2), renamed('Mai', 3)]);
    expect((await read(2)).map(({ event }) => event.type)).toEqual([
      'participant.renamed',
      'participant.renamed',
      'segment.updated',
    ]);
    const seq = await readCursor(db, attempt.meetingId);
    await tell('left', 'maya', 'Mai', 4);
    expect((await read(seq)).map(({ event }) => event.type)).toEqual(['participant.left']);
  });
});
