import { SoundCounters } from './sound-counters';

const BLOCK = 1_600;
const makeBlock = (level: number) => new Int16Array(BLOCK).fill(level);

function note(counters: SoundCounters, blocks: [level: number, isShown: boolean][]) {
  return blocks.map(([level, isShown]) => counters.note('a-1', makeBlock(level), isShown));
}

describe('the counters of the sound', () => {
  test('count what is above the floor as heard', () => {
    const counters = new SoundCounters();
    const hasSound = note(counters, [
      [0, true],
      [5, true],
      [900, true],
      [-900, false],
    ]);
    expect(hasSound).toEqual([false, false, true, true]);
    expect(counters.totals.heardMs).toBe(200);
  });

  test('count a run of zeros from half a second on, and only while somebody is shown speaking', () => {
    const counters = new SoundCounters();
    note(counters, Array(4).fill([0, true]));
    note(counters, [[900, true]]);
    note(counters, Array(9).fill([0, false]));
    expect(counters.totals.zeroRunMs).toBe(0);
    note(counters, Array(7).fill([0, true]));
    expect(counters.totals.zeroRunMs).toBe(700);
  });

  test('count clipped samples of either sign', () => {
    const counters = new SoundCounters();
    note(counters, [
      [32_767, true],
      [-32_768, true],
      [32_000, true],
    ]);
    expect(counters.totals.clippedSamples).toBe(2 * BLOCK);
  });

  test('keep the totals of tracks that are over', () => {
    const counters = new SoundCounters();
    note(counters, [[900, true]]);
    expect(counters.end('a-1')).toEqual({ heardMs: 100, zeroRunMs: 0, clippedSamples: 0 });
    counters.note('a-2', makeBlock(900), true);
    expect(counters.totals.heardMs).toBe(200);
  });
});
