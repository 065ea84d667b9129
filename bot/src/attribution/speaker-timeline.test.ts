import { SpeakerTimeline } from './speaker-timeline';

const PROMPT = { startMs: 0, endMs: 0 };

function makeTimeline(lag = PROMPT) {
  const timeline = new SpeakerTimeline(lag);
  const note = (atMs: number, ...sources: string[]) => timeline.note(sources, atMs);
  return { timeline, note };
}

describe('a timeline of speakers', () => {
  test('gives the turns within a stretch, clipped to it and counted from its start', () => {
    const { timeline, note } = makeTimeline();
    note(1_000, 'maya');
    note(3_000, 'jonas');
    note(6_000);
    expect(timeline.spansIn(2_000, 5_000)).toEqual([
      { source: 'maya', startMs: 0, endMs: 1_000 },
      { source: 'jonas', startMs: 1_000, endMs: 3_000 },
    ]);
  });

  test('gives both of two who speak at once', () => {
    const { timeline, note } = makeTimeline();
    note(0, 'maya');
    note(1_000, 'maya', 'jonas');
    note(1_500, 'jonas');
    note(3_000);
    expect(timeline.spansIn(0, 4_000)).toEqual([
      { source: 'maya', startMs: 0, endMs: 1_500 },
      { source: 'jonas', startMs: 1_000, endMs: 3_000 },
    ]);
  });

  test('lets a turn that lasts reach to the end of the stretch', () => {
    const { timeline, note } = makeTimeline();
    note(500, 'maya');
    expect(timeline.spansIn(0, 2_000)).toEqual([{ source: 'maya', startMs: 500, endMs: 2_000 }]);
    expect(timeline.active).toEqual(['maya']);
  });

  test('takes a pause between two words for none', () => {
    const { timeline, note } = makeTimeline();
    note(0, 'maya');
    note(1_000);
    note(1_150, 'maya');
    note(2_000);
    expect(timeline.spansIn(0, 3_000)).toEqual([{ source: 'maya', startMs: 0, endMs: 2_000 }]);
  });

  test('leaves out what is shorter than any word', () => {
    const { timeline, note } = makeTimeline();
    note(0, 'maya');
    note(60);
    note(1_000, 'jonas');
    note(1_090);
    expect(timeline.spansIn(0, 2_000)).toEqual([{ source: 'jonas', startMs: 1_000, endMs: 1_090 }]);
  });

  test('allows for signs that are told late', () => {
    const { timeline, note } = makeTimeline({ startMs: 50, endMs: 400 });
    note(1_050, 'maya');
    note(2_400);
    expect(timeline.spansIn(0, 3_000)).toEqual([{ source: 'maya', startMs: 1_000, endMs: 2_000 }]);
  });

  test('forgets what no piece of sound can still need', () => {
    const { timeline, note } = makeTimeline();
    note(0, 'maya');
    note(1_000);
    note(100_000, 'jonas');
    expect(timeline.spansIn(0, 2_000)).toEqual([]);
  });
});
