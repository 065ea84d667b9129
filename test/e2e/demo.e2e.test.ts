import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConversation, type Conversation } from '../../temporal-dev/demo/conversation';
import { runMeeting, type MeetingRun } from '../../temporal-dev/demo/run-meeting';
import { measureWordErrorRate } from '../../temporal-dev/demo/word-error-rate';
import { measureLoudness } from '../webm-tone';
import { startPlatform, type Platform } from './platform';

let platform: Platform;
let conversation: Conversation;
let run: MeetingRun;

beforeAll(async () => {
  conversation = await readConversation('test/audio/standup.json');
  platform = await startPlatform('demo');
  run = await runMeeting({ ...platform, conversation, recording: true });
}, 300_000);
afterAll(() => platform.stop(), 60_000);

const said = (speaker: string): string =>
  conversation.utterances
    .filter((each) => each.speaker === speaker)
    .map((each) => each.text)
    .join(' ');

const heard = (speaker: string): string =>
  run.segments
    .filter((each) => each.speaker?.name === speaker)
    .map((each) => each.text)
    .join(' ');

/** The file is assembled beside the analysis. */
async function waitForRecording(meetingId: number): Promise<void> {
  const abort = new AbortController();
  for await (const { event } of platform.api.follow(meetingId, abort.signal)) {
    if (event.type !== 'recording.status' || event.status === 'assembling') continue;
    expect(event.status).toBe('ready');
    abort.abort();
    return;
  }
}

/** By how many places `later` must be moved back so that the two agree most; at most 20. */
function findShift(earlier: readonly boolean[], later: readonly boolean[]): number {
  const shifts = Array.from({ length: 41 }, (_, index) => index - 20);
  const agreements = shifts.map(
    (shift) => earlier.filter((each, index) => each === (later[index + shift] ?? false)).length,
  );
  return shifts[agreements.indexOf(Math.max(...agreements))] ?? NaN;
}

describe('a meeting with two people', () => {
  test.each(['Maya', 'Jonas'])('has the words of %s under the right name', (speaker) => {
    expect(measureWordErrorRate(said(speaker), heard(speaker))).toBeLessThanOrEqual(0.15);
  });

  test('attributes every segment to one of the two', () => {
    const speakers = new Set(run.segments.map((segment) => segment.speaker?.name));
    expect(speakers).toEqual(new Set(['Maya', 'Jonas']));
  });

  test('brings every event once and in order', () => {
    const seqs = run.events.map((event) => event.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });

  test('has no segment twice', () => {
    const places = run.segments.map((each) => `${each.speaker?.id}:${each.startMs}:${each.text}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test('is completed after its last segment, because its host ended it', () => {
    const lastSegment = run.events.findLast(({ event }) => event.type === 'segment');
    const completed = run.events.find(
      ({ event }) => event.type === 'meeting.status' && event.status === 'completed',
    );
    expect(completed?.event).toMatchObject({ reason: 'meeting_ended' });
    expect(completed?.seq).toBeGreaterThan(lastSegment?.seq ?? Infinity);
    expect(run.meeting.status).toBe('completed');
  });

  test('has times on the meeting’s clock', async () => {
    const first = run.segments.find((segment) => segment.speaker?.name === 'Maya');
    const last = run.segments.findLast((segment) => segment.speaker?.name === 'Maya');
    const expected = conversation.utterances.filter((each) => each.speaker === 'Maya');
    const apart = (last?.endMs ?? 0) - (first?.startMs ?? 0);
    const apartAsSaid = (expected.at(-1)?.endMs ?? 0) - (expected[0]?.startMs ?? 0);
    expect(Math.abs(apart - apartAsSaid)).toBeLessThan(1_500);
  });

  test('has a recording in which everybody is heard when the transcript says so', async () => {
    await waitForRecording(run.meeting.id);
    const file = path.join(tmpdir(), `recording-${process.pid}.webm`);
    await writeFile(file, await platform.api.readRecording(run.meeting.id));
    const levels = measureLoudness(file);
    await rm(file);
    const isLoud = levels.map((level) => level > 0.01);
    const isTold = levels.map((_, index) => {
      const atMs = index * 100 + 50;
      return run.segments.some((each) => each.startMs <= atMs && atMs < each.endMs);
    });
    expect(Math.abs(findShift(isTold, isLoud))).toBeLessThanOrEqual(5);
    const told = isLoud.filter((_, index) => isTold[index]);
    expect(told.filter(Boolean).length / told.length).toBeGreaterThan(0.6);
  });

  test('has an analysis whose claims cite segments that exist', () => {
    const content = run.analysis.content;
    const ids = new Set(run.segments.map((segment) => segment.id));
    const claims = Object.values(content ?? {}).flat();
    expect(claims.length).toBeGreaterThan(0);
    for (const claim of claims) {
      expect(claim.segmentIds.length).toBeGreaterThan(0);
      for (const id of claim.segmentIds) expect(ids).toContain(id);
    }
  });

  test('has the action item that Jonas took on, with its day', () => {
    const items = run.analysis.content?.actionItems ?? [];
    expect(items).toContainEqual(
      expect.objectContaining({ who: 'Jonas', due: expect.stringMatching(/thursday/i) }),
    );
  });
});
