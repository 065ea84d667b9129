import { measureWordErrorRate } from './word-error-rate';

describe('measureWordErrorRate', () => {
  test('ignores case, punctuation, contractions and how numbers are written', () => {
    const rate = measureWordErrorRate(
      'Let us keep the 2 tests. Mister Smith is here!',
      'let’s keep the two tests mr smith is here',
    );
    expect(rate).toBe(0);
  });

  test('counts a wrong, a missing and an extra word as one error each', () => {
    expect(measureWordErrorRate('one two three four', 'one two tree four')).toBe(0.25);
    expect(measureWordErrorRate('one two three four', 'one two four')).toBe(0.25);
    expect(measureWordErrorRate('one two three four', 'one two three four five')).toBe(0.25);
  });

  test('is one when nothing was heard', () => {
    expect(measureWordErrorRate('one two', '')).toBe(1);
  });
});
