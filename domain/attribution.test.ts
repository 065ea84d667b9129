import { attributeSegments } from './attribution';
import type { SoundSpan } from './bot-api';
import type { NewSegment } from './segment';

const CHUNK_START_MS = 10_000;

/** A segment of words that each take 400 ms, 100 ms apart, from the chunk's start on. */
function say(text: string): NewSegment {
  const words = text.split(/\s+/).map((word, index) => ({
    text: word,
    startMs: CHUNK_START_MS + index * 500,
    endMs: CHUNK_START_MS + index * 500 + 400,
    confidence: 0.9,
  }));
  return {
    startMs: CHUNK_START_MS,
    endMs: words.at(-1)?.endMs ?? CHUNK_START_MS,
    text,
    language: 'en',
    confidence: 0.8,
    words,
  };
}

const span = (source: string, startMs: number, endMs: number): SoundSpan => ({
  source,
  startMs,
  endMs,
});

/** Source and text of what becomes of the segments. */
function attribute(segments: NewSegment[], ...spans: SoundSpan[]): [string | null, string][] {
  return attributeSegments(segments, spans, CHUNK_START_MS).map(({ source, text }) => [
    source ?? null,
    text,
  ]);
}

describe('attributeSegments', () => {
  test('leaves a segment of one source whole', () => {
    const segment = say('Good morning, everybody.');
    const [only, ...others] = attributeSegments([segment], [span('a', 0, 2_000)], CHUNK_START_MS);
    expect(only).toEqual({ ...segment, source: 'a' });
    expect(others).toEqual([]);
  });

  test('splits a segment where the source changes and keeps every character of its text', () => {
    expect(
      attribute([say('Are you ready? “Yes,” I am.')], span('a', 0, 1_450), span('b', 1_500, 4_000)),
    ).toEqual([
      ['a', 'Are you ready?'],
      ['b', '“Yes,” I am.'],
    ]);
  });

  test('gives each part its words’ times, and language and confidence of the whole', () => {
    const spans = [span('a', 0, 950), span('b', 1_000, 2_000)];
    const parts = attributeSegments([say('one two three four')], spans, CHUNK_START_MS);
    expect(parts).toMatchObject([
      { startMs: 10_000, endMs: 10_900, language: 'en', confidence: 0.8 },
      { startMs: 11_000, endMs: 11_900, language: 'en', confidence: 0.8 },
    ]);
    expect(parts.map(({ words }) => words.map(({ text }) => text))).toEqual([
      ['one', 'two'],
      ['three', 'four'],
    ]);
  });

  test('cuts text that has no spaces between its words', () => {
    const words = ['你好', '吗', '我', '很好'];
    const segment = { ...say(words.join(' ')), text: '你好吗？我很好。' };
    expect(attribute([segment], span('a', 0, 950), span('b', 1_000, 2_000))).toEqual([
      ['a', '你好吗？'],
      ['b', '我很好。'],
    ]);
  });

  test('returns to a source that spoke before', () => {
    expect(
      attribute(
        [say('one two three four five six')],
        span('a', 0, 950),
        span('b', 1_000, 1_950),
        span('a', 2_000, 3_000),
      ),
    ).toEqual([
      ['a', 'one two'],
      ['b', 'three four'],
      ['a', 'five six'],
    ]);
  });

  test('names nobody where nobody was heard', () => {
    expect(attribute([say('one two three')])).toEqual([[null, 'one two three']]);
    expect(attribute([say('one two three')], span('a', 5_000, 6_000))).toEqual([
      [null, 'one two three'],
    ]);
  });

  test('names nobody where two speak at once', () => {
    expect(
      attribute([say('one two three four')], span('a', 0, 2_000), span('b', 900, 2_000)),
    ).toEqual([
      ['a', 'one two'],
      [null, 'three four'],
    ]);
  });

  test.each([
    ['a quarter of a word is still the other’s', 100, 'a'],
    ['more than a quarter of a word is nobody’s for certain', 110, null],
  ])('somebody else in %s', (_what, otherMs, source) => {
    expect(attribute([say('one')], span('a', 0, 400), span('b', 0, otherMs))).toEqual([
      [source, 'one'],
    ]);
  });

  test('a word at a change of speakers that lies half in either is nobody’s', () => {
    expect(
      attribute([say('one two three four five')], span('a', 0, 1_200), span('b', 1_200, 2_500)),
    ).toEqual([
      ['a', 'one two'],
      [null, 'three'],
      ['b', 'four five'],
    ]);
  });

  test('takes a word that Whisper stretched into the silence before it', () => {
    expect(attribute([say('one')], span('a', 300, 400))).toEqual([['a', 'one']]);
  });

  test('a click of a source is not enough for a word', () => {
    expect(attribute([say('one')], span('a', 0, 40))).toEqual([[null, 'one']]);
  });

  test('joins a lone word in a silence between two words of one source', () => {
    expect(attribute([say('one two three')], span('a', 0, 450), span('a', 950, 1_500))).toEqual([
      ['a', 'one two three'],
    ]);
  });

  test('joins a lone word through which its neighbours’ source spoke on', () => {
    expect(attribute([say('one two three')], span('a', 0, 1_500), span('b', 500, 900))).toEqual([
      ['a', 'one two three'],
    ]);
  });

  test('joins no lone word in which somebody else is heard longer', () => {
    expect(
      attribute(
        [say('one two three')],
        span('a', 0, 650),
        span('a', 950, 1_500),
        span('b', 600, 900),
      ),
    ).toEqual([
      ['a', 'one'],
      [null, 'two'],
      ['a', 'three'],
    ]);
  });

  test('joins neither two uncertain words nor one between different sources nor one at an edge', () => {
    expect(
      attribute([say('one two three four')], span('a', 0, 450), span('a', 1_500, 2_000)),
    ).toEqual([
      ['a', 'one'],
      [null, 'two three'],
      ['a', 'four'],
    ]);
    expect(attribute([say('one two three')], span('a', 0, 450), span('b', 1_000, 1_500))).toEqual([
      ['a', 'one'],
      [null, 'two'],
      ['b', 'three'],
    ]);
    expect(attribute([say('one two')], span('a', 500, 1_000))).toEqual([
      [null, 'one'],
      ['a', 'two'],
    ]);
  });

  test('attributes a word without a length by what is heard around it', () => {
    const segment = say('one');
    const [word] = segment.words;
    if (!word) throw new Error('Expected a word');
    const words = [{ ...word, endMs: word.startMs }];
    expect(attribute([{ ...segment, words }], span('a', 0, 400))).toEqual([['a', 'one']]);
  });

  test('counts spans of one source that overlap only once', () => {
    expect(
      attribute([say('one')], span('a', 0, 110), span('a', 0, 110), span('b', 0, 400)),
    ).toEqual([[null, 'one']]);
  });

  test('takes spans that end before they begin for nothing', () => {
    expect(attribute([say('one')], span('a', 400, 0))).toEqual([[null, 'one']]);
  });

  test('keeps each of Whisper’s segments by itself', () => {
    expect(attribute([say('one two'), say('three four')], span('a', 0, 1_000))).toEqual([
      ['a', 'one two'],
      ['a', 'three four'],
    ]);
  });
});

describe('a segment without word times', () => {
  const whole = { ...say('one two three four'), words: [] };

  test('is a source’s that covers it and is alone', () => {
    expect(attribute([whole], span('a', 0, 1_500))).toEqual([['a', whole.text]]);
  });

  test.each([
    ['is heard in less than half of it', [span('a', 0, 900)]],
    ['is not alone', [span('a', 0, 2_000), span('b', 1_600, 1_900)]],
    ['is not heard at all', []],
  ])('is nobody’s when the source %s', (_what, spans) => {
    expect(attribute([whole], ...spans)).toEqual([[null, whole.text]]);
  });
});

describe('a segment whose words are not those of its text', () => {
  const segment = { ...say('one two three four'), text: 'one two, thirty-three four' };

  test('is one source’s when all its words are', () => {
    expect(attribute([segment], span('a', 0, 2_000))).toEqual([['a', segment.text]]);
  });

  test('is neither cut nor anybody’s when they are not', () => {
    expect(attribute([segment], span('a', 0, 950), span('b', 1_000, 2_000))).toEqual([
      [null, segment.text],
    ]);
  });

  test('is cut all the same when only a word at its edge is missing on one side', () => {
    const spans = [span('a', 0, 950), span('b', 1_000, 2_000)];
    expect(attribute([{ ...say('one two three four'), text: 'one two three' }], ...spans)).toEqual([
      ['a', 'one two'],
      ['b', 'three'],
    ]);
    expect(
      attribute([{ ...say('one two three four'), text: 'So, one two three four.' }], ...spans),
    ).toEqual([
      ['a', 'So, one two'],
      ['b', 'three four.'],
    ]);
  });
});
