import { isStorableText, toStorableText } from './text';

describe('text for the database', () => {
  test.each(['', 'plain', 'اجتماع', '👩‍💻', 'a\nb'])('keeps %j as it is', (text) => {
    expect(isStorableText(text)).toBe(true);
    expect(toStorableText(text)).toBe(text);
  });

  test.each([
    ['a\u0000b', 'a\uFFFDb'],
    ['\ud83d', '\uFFFD'],
    ['\ude00\ud83d', '\uFFFD\uFFFD'],
  ])('replaces what cannot be kept in %j', (text, kept) => {
    expect(isStorableText(text)).toBe(false);
    expect(toStorableText(text)).toBe(kept);
  });
});
