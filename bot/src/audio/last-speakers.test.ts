import { LastSpeakers } from './last-speakers';

const START_MS = 1_000_000;
const NEVER = -Infinity;

function markFirst(...keys: string[]) {
  const speakers = new LastSpeakers();
  speakers.note(keys, NEVER, START_MS);
  return speakers;
}

describe('marks that stay on the last speaker', () => {
  test('tell that somebody has begun when they pass on, for some seconds', () => {
    const speakers = markFirst('maya');
    expect(speakers.note(['jonas'], NEVER, START_MS + 9_000)).toEqual(['jonas']);
    expect(speakers.speakingAt(START_MS + 14_900)).toEqual(['jonas']);
    expect(speakers.speakingAt(START_MS + 15_000)).toEqual([]);
  });

  test('tell nothing while they stay, or when they are first seen', () => {
    const speakers = markFirst('maya');
    expect(speakers.speakingAt(START_MS)).toEqual([]);
    expect(speakers.note(['maya'], NEVER, START_MS + 9_000)).toEqual([]);
    expect(speakers.speakingAt(START_MS + 9_000)).toEqual([]);
  });

  test('tell nothing when nobody had them before, as where the last speaker left', () => {
    const speakers = markFirst('maya');
    speakers.note([], NEVER, START_MS + 1_000);
    expect(speakers.note(['jonas'], NEVER, START_MS + 1_200)).toEqual([]);
  });

  test('tell nothing when they pass on behind words that were heard', () => {
    const speakers = markFirst('maya');
    expect(speakers.note(['jonas'], START_MS + 7_000, START_MS + 9_000)).toEqual([]);
    expect(speakers.note(['maya'], START_MS + 7_000, START_MS + 12_000)).toEqual(['maya']);
  });
});
