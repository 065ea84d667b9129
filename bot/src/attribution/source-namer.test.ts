import type { SourceBinding } from '../../../domain/bot-api';
import { SourceNamer } from './source-namer';

/** Plays turns of `[lengthMs, sources, shown]` one after the other, looked at each 100 ms. */
function play(turns: [number, string[], string[]][]): SourceBinding[] {
  const namer = new SourceNamer();
  const learned: SourceBinding[] = [];
  let atMs = 1_000_000;
  for (const [lengthMs, sources, shown] of turns) {
    for (const endMs = atMs + lengthMs; atMs < endMs; atMs += 100) {
      learned.push(...namer.observe({ sources, shown }, atMs));
    }
  }
  learned.push(...namer.observe({ sources: [], shown: [] }, atMs));
  return learned;
}

const maya = { source: 'csrc-1', participantKey: 'maya' };
const jonas = { source: 'csrc-2', participantKey: 'jonas' };

describe('the namer of sources', () => {
  test('learns who a source is from the time both were alone', () => {
    const learned = play([
      [3_000, ['csrc-1'], ['maya']],
      [3_000, ['csrc-2'], ['jonas']],
    ]);
    expect(learned).toEqual([maya, jonas]);
  });

  test('says nothing after too little evidence', () => {
    expect(play([[1_500, ['csrc-1'], ['maya']]])).toEqual([]);
  });

  test('gathers evidence from several short turns', () => {
    const turn: [number, string[], string[]] = [1_000, ['csrc-1'], ['maya']];
    expect(play([turn, [500, [], []], turn, [500, [], []], turn])).toEqual([maya]);
  });

  test('learns nothing while two speak, or two are shown as speaking', () => {
    const learned = play([
      [9_000, ['csrc-1', 'csrc-2'], ['maya']],
      [9_000, ['csrc-1'], ['maya', 'jonas']],
    ]);
    expect(learned).toEqual([]);
  });

  test('is not misled by a sign that still shows the last speaker', () => {
    const late: [number, string[], string[]][] = [
      [350, ['csrc-2'], ['maya']],
      [2_500, ['csrc-2'], ['jonas']],
      [350, ['csrc-1'], ['jonas']],
      [2_500, ['csrc-1'], ['maya']],
    ];
    expect(play([...late, ...late])).toEqual([jonas, maya]);
  });

  test('says nothing while the evidence disagrees', () => {
    const learned = play([
      [1_800, ['csrc-1'], ['maya']],
      [1_800, ['csrc-1'], ['jonas']],
      [1_800, ['csrc-1'], ['maya']],
      [1_800, ['csrc-1'], ['jonas']],
    ]);
    expect(learned).toEqual([]);
  });

  test('never takes back what it said', () => {
    const learned = play([
      [3_000, ['csrc-1'], ['maya']],
      [60_000, ['csrc-1'], ['jonas']],
    ]);
    expect(learned).toEqual([maya]);
  });

  test('gives a person a second source only on better evidence than the first', () => {
    const renumbered: [number, string[], string[]] = [3_000, ['csrc-7'], ['maya']];
    expect(play([[3_000, ['csrc-1'], ['maya']], renumbered])).toEqual([maya]);
    expect(play([[3_000, ['csrc-1'], ['maya']], renumbered, renumbered])).toEqual([
      maya,
      { source: 'csrc-7', participantKey: 'maya' },
    ]);
  });
});
