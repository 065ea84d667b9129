import { MockActivityEnvironment } from '@temporalio/testing';
import type { ApplicationFailure } from '@temporalio/common';
import { EMPTY_ANALYSIS } from '../domain/analysis';
import { AnalyserError, type Analyser } from '../infra/analysis/analyser';
import { createLocalAnalyser } from '../infra/analysis/local/local-analyser';
import { createOpenAiAnalyser } from '../infra/analysis/openai/openai-analyser';
import { beginAnalysis, findLatestAnalysis } from '../infra/database/analyses';
import { completeChunk, insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { readEvents } from '../infra/database/events';
import { markMeetingDeleted } from '../infra/database/meetings';
import { readIds, startOpenAiEndpoint } from '../test/openai-endpoint/server';
import { insertAttempt, insertMeeting, makeChunk, openTestDatabase } from '../test/records';
import { readStandup } from '../test/transcripts';
import { createAnalysisActivities, type AnalysisCounts } from './analysis';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());

/** A meeting in which the stand-up was said as far as `sentences`, and how to say one more. */
async function makeMeeting({ sentences = readStandup().length } = {}) {
  const { meetingId, userId } = await insertMeeting(db);
  const attempt = await insertAttempt(db, meetingId);
  let seq = 0;
  const say = async (
    participantKey: string,
    words: { startMs: number; endMs: number; text: string },
  ) => {
    seq += 1;
    const { startMs, endMs } = words;
    const inserted = await insertChunk(
      db,
      makeChunk(attempt, { seq, participantKey, startMs, endMs }),
    );
    if (inserted.kind !== 'accepted') throw new Error(`Expected accepted, got ${inserted.kind}`);
    const segment = { ...words, language: 'en', confidence: 1, words: [] };
    await completeChunk(db, {
      chunkId: inserted.chunkId,
      version: 1,
      segments: [segment],
      dropped: {},
    });
  };
  for (const { speakerName, startMs, endMs, text } of readStandup().slice(0, sentences)) {
    await say(speakerName ?? '', { startMs, endMs, text });
  }
  await db.query('UPDATE participants SET name = participant_key WHERE meeting_id = $1', [
    meetingId,
  ]);
  return { meetingId, userId, say };
}

async function begin(meetingId: number): Promise<{ meetingId: number; run: number }> {
  const begun = await beginAnalysis(db, meetingId);
  if (!begun) throw new Error(`Expected meeting ${meetingId} to take an analysis`);
  return { meetingId, run: begun.run };
}

function analyse(analyser: Analyser, input: { meetingId: number; run: number }) {
  const rung: number[] = [];
  const doorbell = { ring: (_: string, meetingId: number) => void rung.push(meetingId) };
  const activities = createAnalysisActivities({ db, analyser, doorbell });
  const environment = new MockActivityEnvironment();
  const result: Promise<AnalysisCounts | null> = environment.run(activities.analyseMeeting, input);
  return { result, rung, environment };
}

async function readStatuses(meetingId: number): Promise<unknown[]> {
  const events = await readEvents(db, [{ meetingId, after: 0 }], 1_000);
  return events.flatMap(({ event }) => (event.type === 'analysis.status' ? [event] : []));
}

const fakeAnalyser = (analyse: Analyser['analyse']): Analyser => ({
  ...{ provider: 'fake', model: null },
  analyse,
});

describe('analyseMeeting', () => {
  test('stores what was said with citations of the segments’ ids, and says so on the cursor', async () => {
    const { meetingId } = await makeMeeting();
    const input = await begin(meetingId);
    const { result, rung } = analyse(createLocalAnalyser(), input);
    await expect(result).resolves.toMatchObject({ decisions: 1, actionItems: 3, openQuestions: 1 });
    const analysis = await findLatestAnalysis(db, meetingId);
    expect(analysis).toMatchObject({ run: 1, status: 'completed', provider: 'local', model: null });
    const { rows } = await db.query<{ id: number }>(
      "SELECT id FROM transcriptions WHERE meeting_id = $1 AND text LIKE 'Yes. We decided%'",
      [meetingId],
    );
    expect(analysis?.content?.decisions[0]?.segmentIds).toEqual([rows[0]?.id]);
    expect(await readStatuses(meetingId)).toEqual([
      { type: 'analysis.status', run: 1, status: 'running' },
      { type: 'analysis.status', run: 1, status: 'completed' },
    ]);
    expect(rung).toEqual([meetingId]);
  });

  test('gives an honest empty answer when nothing was said', async () => {
    const { meetingId } = await makeMeeting({ sentences: 0 });
    const analyser = fakeAnalyser(() => Promise.reject(new Error('Expected not to be asked')));
    await analyse(analyser, await begin(meetingId)).result;
    expect(await findLatestAnalysis(db, meetingId)).toMatchObject({
      status: 'completed',
      content: EMPTY_ANALYSIS,
    });
  });

  test('changes nothing when it runs a second time', async () => {
    const { meetingId } = await makeMeeting();
    const input = await begin(meetingId);
    await analyse(createLocalAnalyser(), input).result;
    const before = await findLatestAnalysis(db, meetingId);
    await expect(analyse(createLocalAnalyser(), input).result).resolves.toBeNull();
    expect(await findLatestAnalysis(db, meetingId)).toEqual(before);
  });

  test('stores one answer when it runs twice at the same time', async () => {
    const { meetingId } = await makeMeeting();
    const input = await begin(meetingId);
    const both = [createLocalAnalyser(), createLocalAnalyser()].map((each) => analyse(each, input));
    const results = await Promise.all(both.map(({ result }) => result));
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect(await readStatuses(meetingId)).toHaveLength(2);
  });

  test('starts over when more was said while it worked on a meeting that is over', async () => {
    const { meetingId, say } = await makeMeeting({ sentences: 2 });
    const seen: number[] = [];
    const analyser = fakeAnalyser(async ({ segments }) => {
      seen.push(segments.length);
      if (seen.length === 1) await say('Maya', { startMs: 90_000, endMs: 91_000, text: 'Late.' });
      return { content: EMPTY_ANALYSIS, droppedClaims: 0 };
    });
    await analyse(analyser, await begin(meetingId)).result;
    expect(seen).toEqual([2, 3]);
  });

  test('does not chase a meeting that goes on: its end begins another run', async () => {
    const { meetingId, say } = await makeMeeting({ sentences: 2 });
    await db.query("UPDATE meetings SET status = 'live' WHERE id = $1", [meetingId]);
    const analyser = fakeAnalyser(async () => {
      await say('Maya', { startMs: 90_000, endMs: 91_000, text: 'And then.' });
      return { content: EMPTY_ANALYSIS, droppedClaims: 0 };
    });
    await analyse(analyser, await begin(meetingId)).result;
    expect(await begin(meetingId)).toEqual({ meetingId, run: 2 });
  });

  test('ends quietly when the meeting is deleted meanwhile', async () => {
    const { meetingId, userId } = await makeMeeting();
    const input = await begin(meetingId);
    await markMeetingDeleted(db, { meetingId, userId });
    await expect(analyse(createLocalAnalyser(), input).result).rejects.toMatchObject({
      type: 'MeetingDeleted',
      nonRetryable: true,
    });
  });

  test.each([
    ['misconfigured', 'AnalysisMisconfigured', true],
    ['refused', 'AnalysisRefused', true],
    ['unavailable', 'AnalysisUnavailable', false],
  ] as const)('turns %s into the failure %s', async (kind, type, nonRetryable) => {
    const error = new AnalyserError(kind, 'A sentence for people.');
    const { meetingId } = await makeMeeting();
    const { result } = analyse(
      fakeAnalyser(() => Promise.reject(error)),
      await begin(meetingId),
    );
    await expect(result).rejects.toMatchObject({ type, nonRetryable, message: error.message });
  });

  test('waits as long as the endpoint asks before the next attempt', async () => {
    const { meetingId } = await makeMeeting();
    const busy = new AnalyserError('unavailable', 'It is busy.', 7_000);
    const { result } = analyse(
      fakeAnalyser(() => Promise.reject(busy)),
      await begin(meetingId),
    );
    const failure: unknown = await result.catch((error: unknown) => error);
    expect((failure as ApplicationFailure).nextRetryDelay).toBe(7_000);
  });

  test('hands over when its worker shuts down', async () => {
    const { meetingId } = await makeMeeting();
    const input = await begin(meetingId);
    let started: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (started = resolve));
    const analyser = fakeAnalyser(() => {
      started();
      return new Promise(() => undefined);
    });
    const { result, environment } = analyse(analyser, input);
    await asked;
    environment.cancel('WORKER_SHUTDOWN');
    await expect(result).rejects.toMatchObject({ type: 'WorkerShuttingDown' });
    expect(await findLatestAnalysis(db, meetingId)).toMatchObject({ status: 'running' });
  });

  test('goes on with the parts that were paid for, and counts every token', async () => {
    let isDown = true;
    const endpoint = await startOpenAiEndpoint({
      answer: (request, index) => {
        if (isDown && index === 1) return { status: 500 };
        const segmentIds = readIds(request).slice(0, 1);
        return { content: { ...EMPTY_ANALYSIS, topics: [{ text: 'work', segmentIds }] } };
      },
    });
    const { apiKey, model, url: baseUrl } = endpoint;
    const analyser = createOpenAiAnalyser({ apiKey, model, baseUrl, contextTokens: 400 });
    const { meetingId } = await makeMeeting();
    const input = await begin(meetingId);
    await expect(analyse(analyser, input).result).rejects.toMatchObject({
      type: 'AnalysisUnavailable',
    });
    const first = await findLatestAnalysis(db, meetingId);
    expect(first?.inputTokens).toBeGreaterThan(0);
    isDown = false;
    await analyse(analyser, input).result;
    await endpoint.close();
    const asked = endpoint.requests.map(({ messages }) => messages[1]?.content);
    expect(asked.length - new Set(asked).size).toBe(1);
    const last = await findLatestAnalysis(db, meetingId);
    expect(last).toMatchObject({ status: 'completed', model: 'test-model' });
    expect(last?.inputTokens).toBeGreaterThan(first?.inputTokens ?? 0);
  });
});

describe('giveUpAnalysis', () => {
  test('says why on the run and on the cursor, once', async () => {
    const { meetingId } = await makeMeeting();
    const input = await begin(meetingId);
    const doorbell = { ring: () => undefined };
    const activities = createAnalysisActivities({ db, analyser: createLocalAnalyser(), doorbell });
    await activities.giveUpAnalysis({ ...input, error: 'The key is wrong.' });
    await activities.giveUpAnalysis({ ...input, error: 'Said twice.' });
    expect(await findLatestAnalysis(db, meetingId)).toMatchObject({
      status: 'failed',
      error: 'The key is wrong.',
      content: null,
    });
    expect(await readStatuses(meetingId)).toHaveLength(2);
  });
});

describe('beginAnalysis', () => {
  test('gives everybody the same run while one is running, also at the same time', async () => {
    const { meetingId } = await makeMeeting({ sentences: 0 });
    const begun = await Promise.all(Array.from({ length: 6 }, () => beginAnalysis(db, meetingId)));
    expect(new Set(begun.map((each) => each?.run))).toEqual(new Set([1]));
    expect(await readStatuses(meetingId)).toHaveLength(1);
  });

  test('begins the next run once the last has ended', async () => {
    const { meetingId } = await makeMeeting({ sentences: 0 });
    await analyse(createLocalAnalyser(), await begin(meetingId)).result;
    expect(await begin(meetingId)).toEqual({ meetingId, run: 2 });
  });
});
