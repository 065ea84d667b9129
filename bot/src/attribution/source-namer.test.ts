import type { SourceBinding } from '../../../domain/bot-api';
import { SourceNamer } from './source-namer';

const START_MS = 1_000_000;
type Turn = [lengthMs: number, sources: string[], shown: string[]];
const PAUSE: Turn = [1_000, [], []];

/** Plays turns one after the other, looked at each 100 ms. */
function play(turns: Turn[]) {
  const namer = new SourceNamer();
  const learned: SourceBinding[] = [];
  let atMs = START_MS;
  for (const [lengthMs, sources, shown] of [...turns, PAUSE]) {
    for (const endMs = atMs + lengthMs; atMs < endMs; atMs += 100) {
      learned.push(...namer.observe({ sources, shown }, atMs));
    }
  }
  return { namer, learned };
}
const learnFrom = (turns: Turn[]) => play(turns).learned;
const repeat = (times: number, ...turns: Turn[]) =>
  Array.from({ length: times }, () => turns).flat();

const maya = { source: 'csrc-1', participantKey: 'maya' };
const jonas = { source: 'csrc-2', participantKey: 'jonas' };

describe('the namer of sources', () => {
  test('learns who a source is from the time both were alone', () => {
    const learned = learnFrom([
      [3_000, ['csrc-1'], ['maya']],
      [3_000, ['csrc-2'], ['jonas']],
    ]);
    expect(learned).toEqual([maya, jonas]);
  });

  test('says nothing after too little evidence', () => {
    expect(learnFrom([[1_500, ['csrc-1'], ['maya']]])).toEqual([]);
  });

  test('says nothing until the sign has gone off with its source', () => {
    expect(
      learnFrom([
        [60_000, ['csrc-1'], ['maya']],
        [60_000, ['csrc-1'], []],
        [60_000, [], ['maya']],
      ]),
    ).toEqual([]);
    expect(learnFrom([[60_000, ['csrc-1'], ['maya']]])).toEqual([maya]);
  });

  test('gathers evidence from several short turns', () => {
    expect(learnFrom(repeat(3, [1_000, ['csrc-1'], ['maya']], [500, [], []]))).toEqual([maya]);
  });

  test('learns nothing while two speak, or two are shown as speaking', () => {
    const learned = learnFrom([
      [9_000, ['csrc-1', 'csrc-2'], ['maya']],
      [9_000, ['csrc-1'], ['maya', 'jonas']],
    ]);
    expect(learned).toEqual([]);
  });

  test('is not misled by a sign that still shows the last speaker', () => {
    const late: Turn[] = [
      [350, ['csrc-2'], ['maya']],
      [2_500, ['csrc-2'], ['jonas']],
      [350, ['csrc-1'], ['jonas']],
      [2_500, ['csrc-1'], ['maya']],
    ];
    expect(learnFrom(repeat(2, ...late))).toEqual([jonas, maya]);
  });

  test('says nothing while the evidence disagrees', () => {
    const each = (person: string): Turn[] => [[1_800, ['csrc-1'], [person]], PAUSE];
    expect(learnFrom(repeat(4, ...each('maya'), ...each('jonas')))).toEqual([]);
  });
});

describe('the namer beside a sign that is always on', () => {
  const always = (turns: Turn[]): Turn[] =>
    [...turns, PAUSE].map(([ms, sources, shown]) => [ms, sources, [...shown, 'stuck']]);

  test('gives nobody’s sound to its person, who speaks too', () => {
    const turns = repeat(
      9,
      [4_000, ['csrc-1'], []],
      [600, [], []],
      [4_000, ['csrc-2'], []],
      [600, [], []],
      [4_000, ['csrc-3'], []],
    );
    const { learned } = play(always(turns).slice(0, -1));
    expect(learned).toEqual([]);
  });

  test('names the others once it was on while nobody was heard', () => {
    const talk: Turn[] = [[3_000, ['csrc-1'], ['maya']], PAUSE, [3_000, ['csrc-2'], ['jonas']]];
    expect(learnFrom(always(talk))).toEqual([]);
    expect(learnFrom(always([[8_000, [], []], ...talk]))).toEqual([maya, jonas]);
  });

  test('gives nobody’s sound to one that goes off for a moment now and then', () => {
    const lit: Turn[] = [
      [4_000, ['csrc-1'], ['stuck']],
      [2_000, [], ['stuck']],
    ];
    const off: Turn = [300, [], []];
    expect(learnFrom(repeat(9, ...lit, [4_000, ['csrc-2'], ['stuck']], off))).toEqual([]);
  });

  test('trusts it again after it has been off for long', () => {
    const talk: Turn[] = [[3_000, ['csrc-1'], ['maya']], PAUSE];
    expect(learnFrom([[60_000, [], ['maya']], ...talk])).toEqual([]);
    expect(learnFrom([[60_000, [], ['maya']], [6_000, [], []], ...talk])).toEqual([maya]);
  });
});

describe('a source that is somebody else’s from now on', () => {
  const before: Turn[] = [[4_000, ['csrc-1'], ['maya']], PAUSE];
  const after: Turn[] = [[8_000, ['csrc-1'], ['jonas']]];

  test('goes by another key, from its first new word on', () => {
    const { namer, learned } = play([...before, ...after]);
    expect(learned).toEqual([maya, { source: 'csrc-1-2', participantKey: 'jonas' }]);
    const span = { source: 'csrc-1', startMs: 0, endMs: 13_000 };
    expect(namer.rename(span, START_MS)).toEqual([
      { source: 'csrc-1', startMs: 0, endMs: 4_700 },
      { source: 'csrc-1-2', startMs: 4_700, endMs: 13_000 },
    ]);
  });

  test('is nobody’s until it is known whose', () => {
    const { namer, learned } = play([...before, [3_500, ['csrc-1'], ['jonas']]]);
    expect(learned).toEqual([maya]);
    expect(namer.rename({ source: 'csrc-1', startMs: 0, endMs: 900 }, START_MS + 6_000)).toEqual([
      { source: 'csrc-1-2', startMs: 0, endMs: 900 },
    ]);
  });

  test('leaves the words of before to whom they belong, without a pause in between too', () => {
    const { namer } = play([[4_000, ['csrc-1'], ['maya']], PAUSE, ...before.slice(0, 1), ...after]);
    const [first] = namer.rename({ source: 'csrc-1', startMs: 0, endMs: 20_000 }, START_MS);
    expect(first).toEqual({ source: 'csrc-1', startMs: 0, endMs: 9_000 });
  });

  test('stays whose it is when another sign is on for a moment', () => {
    const { namer, learned } = play([
      ...before,
      ...repeat(9, [2_000, ['csrc-1'], ['jonas']], [4_000, ['csrc-1'], ['maya']], PAUSE),
    ]);
    expect(learned).toEqual([maya]);
    const span = { source: 'csrc-1', startMs: 0, endMs: 60_000 };
    expect(namer.rename(span, START_MS)).toEqual([span]);
  });

  test('may come back to its person', () => {
    const learned = learnFrom([...before, ...after, PAUSE, ...before, ...before]);
    expect(learned).toEqual([
      maya,
      { source: 'csrc-1-2', participantKey: 'jonas' },
      { source: 'csrc-1-3', participantKey: 'maya' },
    ]);
  });
});

test('a person whose sound moves to another source is no longer the first', () => {
  const renumbered: Turn[] = [[3_000, ['csrc-7'], ['maya']], PAUSE];
  const first: Turn[] = [[3_000, ['csrc-1'], ['maya']], PAUSE];
  expect(learnFrom([...first, ...renumbered])).toEqual([maya]);
  expect(learnFrom([...first, ...renumbered, ...renumbered])).toEqual([
    maya,
    { source: 'csrc-7', participantKey: 'maya' },
  ]);
});
