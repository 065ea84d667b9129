import { toSegments, type Heard, type HeardSegment } from './transcription';

const SPAN = { startMs: 60_000, endMs: 68_000 };

function makeHeard(...segments: Partial<HeardSegment>[]): Heard {
  return {
    language: 'en',
    words: [],
    segments: segments.map((segment) => ({
      startSeconds: 0,
      endSeconds: 2,
      text: ' We decided to release on Tuesday.',
      avgLogprob: -0.2,
      compressionRatio: 1.1,
      noSpeechProb: 0.01,
      ...segment,
    })),
  };
}

const textsOf = (heard: Heard): string[] =>
  toSegments(heard, SPAN).segments.map(({ text }) => text);

describe('toSegments', () => {
  test('puts times on the meeting’s clock and turns the log probability into a confidence', () => {
    const { segments } = toSegments(makeHeard({ startSeconds: 1.2504, endSeconds: 3.5 }), SPAN);
    expect(segments).toEqual([
      {
        startMs: 61_250,
        endMs: 63_500,
        text: 'We decided to release on Tuesday.',
        language: 'en',
        confidence: Math.exp(-0.2),
        words: [],
      },
    ]);
  });

  test('clips what Whisper hears beyond the end of the chunk', () => {
    const { segments } = toSegments(makeHeard({ startSeconds: 7, endSeconds: 30 }), SPAN);
    expect(segments).toMatchObject([{ startMs: 67_000, endMs: 68_000 }]);
  });

  test('drops and counts what begins after the end of the chunk', () => {
    const heard = makeHeard({ startSeconds: 8, endSeconds: 9 });
    expect(toSegments(heard, SPAN)).toEqual({ segments: [], dropped: { outside: 1 } });
  });

  test.each(['', '   ', ' ...', '♪'])('drops and counts %j, which holds no word', (text) => {
    expect(toSegments(makeHeard({ text }), SPAN)).toEqual({ segments: [], dropped: { empty: 1 } });
  });

  test('keeps words of every script', () => {
    expect(textsOf(makeHeard({ text: ' שלום לכולם' }, { text: '会議を始めます' }))).toEqual([
      'שלום לכולם',
      '会議を始めます',
    ]);
  });

  test('leaves out what a database does not take as text', () => {
    expect(textsOf(makeHeard({ text: ' We\u0000 agree\ud800.' }))).toEqual(['We  agree .']);
  });

  test('drops and counts silence only when both of Whisper’s signs say so', () => {
    const heard = makeHeard(
      { noSpeechProb: 0.9, avgLogprob: -1.2, text: ' Thank you.' },
      { noSpeechProb: 0.9, avgLogprob: -0.3, text: ' First.' },
      { noSpeechProb: 0.1, avgLogprob: -1.2, text: ' Second.' },
    );
    expect(textsOf(heard)).toEqual(['First.', 'Second.']);
    expect(toSegments(heard, SPAN).dropped).toEqual({ silence: 1 });
  });

  test('drops and counts a phrase that is said over and over', () => {
    const heard = makeHeard({ text: ' I will go to the store.'.repeat(6) }, { text: ' Good.' });
    expect(textsOf(heard)).toEqual(['Good.']);
    expect(toSegments(heard, SPAN).dropped).toEqual({ repetition: 1 });
  });

  test.each([
    'No, no, no, no, no, that is not it.',
    'Bye. Bye. Bye-bye.',
    'It was very, very, very good, and I am very, very happy.',
    'One for the team, one for the customers, one for the release, and one for us.',
  ])('keeps the repetition of ordinary speech: %s', (text) => {
    expect(textsOf(makeHeard({ text }))).toEqual([text]);
  });

  test('keeps the first of three equal sentences in a row, and both of two', () => {
    const thanks = { text: ' Thank you.' };
    expect(
      textsOf(makeHeard(thanks, thanks, thanks, { text: ' Yes.' }, { text: ' Yes!' })),
    ).toEqual(['Thank you.', 'Yes.', 'Yes!']);
  });

  test('drops the loop and keeps the speech of a window that Whisper marks as repetitive', () => {
    const heard = makeHeard(
      { text: ' The payment page is finished.', compressionRatio: 3.1 },
      { text: ' and so on, and so on, and so on, and so on', compressionRatio: 3.1 },
    );
    expect(textsOf(heard)).toEqual(['The payment page is finished.']);
  });

  test('drops the whole window when Whisper marks it as repetitive and no segment stands out', () => {
    expect(toSegments(makeHeard({ compressionRatio: 2.5 }), SPAN)).toEqual({
      segments: [],
      dropped: { repetition: 1 },
    });
  });

  test('takes a worker that gives no probabilities', () => {
    const heard = makeHeard({ avgLogprob: null, compressionRatio: null, noSpeechProb: null });
    heard.words = [{ startSeconds: 0.1, endSeconds: 0.4, text: ' We', probability: null }];
    expect(toSegments(heard, SPAN).segments).toMatchObject([
      {
        confidence: null,
        words: [{ text: 'We', startMs: 60_100, endMs: 60_400, confidence: null }],
      },
    ]);
  });

  test('gives each word to one segment, also when segments touch', () => {
    const heard = makeHeard({ endSeconds: 2 }, { startSeconds: 2, endSeconds: 4 });
    heard.words = [0.5, 1.5, 2, 3.5].map((middle) => ({
      startSeconds: middle - 0.1,
      endSeconds: middle + 0.1,
      text: ` w${middle}`,
      probability: 0.9,
    }));
    const words = toSegments(heard, SPAN).segments.map((segment) =>
      segment.words.map(({ text }) => text),
    );
    expect(words).toEqual([['w0.5', 'w1.5', 'w2'], ['w3.5']]);
  });
});

/** A small generator with a seed, so that a failure can be seen again. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe('toSegments, whatever Whisper answers', () => {
  const seeds = Array.from({ length: 200 }, (_, index) => index + 1);

  function makeRandomHeard(seed: number): Heard {
    const random = makeRandom(seed);
    const pick = (): string => ['yes', 'no', 'we', 'go', '…', ''][Math.floor(random() * 6)] ?? '';
    const time = (): number => random() * 40 - 4;
    return {
      language: random() < 0.5 ? 'en' : null,
      segments: Array.from({ length: Math.floor(random() * 8) }, () => ({
        startSeconds: time(),
        endSeconds: time(),
        text: Array.from({ length: Math.floor(random() * 20) }, pick).join(' '),
        avgLogprob: random() < 0.2 ? null : -random() * 3 + 0.1,
        compressionRatio: random() < 0.2 ? null : random() * 4,
        noSpeechProb: random(),
      })),
      words: Array.from({ length: 10 }, () => ({
        startSeconds: time(),
        endSeconds: time(),
        text: pick(),
        probability: random() * 1.2,
      })),
    };
  }

  test('keeps every time within the chunk, in whole milliseconds, start before end', () => {
    for (const seed of seeds) {
      const { segments } = toSegments(makeRandomHeard(seed), SPAN);
      for (const timed of segments.flatMap((segment) => [segment, ...segment.words])) {
        expect(Number.isInteger(timed.startMs) && Number.isInteger(timed.endMs)).toBe(true);
        expect(timed.startMs).toBeGreaterThanOrEqual(SPAN.startMs);
        expect(timed.endMs).toBeGreaterThanOrEqual(timed.startMs);
        expect(timed.endMs).toBeLessThanOrEqual(SPAN.endMs);
        expect(timed.confidence ?? 0).toBeGreaterThanOrEqual(0);
        expect(timed.confidence ?? 1).toBeLessThanOrEqual(1);
      }
    }
  });

  test('keeps or counts each segment, once', () => {
    for (const seed of seeds) {
      const heard = makeRandomHeard(seed);
      const { segments, dropped } = toSegments(heard, SPAN);
      const total = Object.values(dropped).reduce((sum, count) => sum + count, segments.length);
      expect(total).toBe(heard.segments.length);
    }
  });

  test('orders segments by their start', () => {
    for (const seed of seeds) {
      const starts = toSegments(makeRandomHeard(seed), SPAN).segments.map(({ startMs }) => startMs);
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
    }
  });
});
