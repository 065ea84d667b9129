import { distance } from 'fastest-levenshtein';

const NUMBER_WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );

const SPELLINGS: ReadonlyArray<[RegExp, string]> = [
  [/\blet's\b/g, 'let us'],
  [/\bcan't\b/g, 'can not'],
  [/\bcannot\b/g, 'can not'],
  [/\bwon't\b/g, 'will not'],
  [/n't\b/g, ' not'],
  [/'re\b/g, ' are'],
  [/'ll\b/g, ' will'],
  [/'ve\b/g, ' have'],
  [/'m\b/g, ' am'],
  [/\b(it|that|there|what|who|he|she)'s\b/g, '$1 is'],
  [/\bmr\b/g, 'mister'],
  [/\bstandup\b/g, 'stand up'],
];

/** The words of a text as they count: lower case, no punctuation, contractions and digits spelt. */
function normaliseWords(text: string): string[] {
  let plain = text.toLowerCase().replace(/[’‘]/g, "'");
  for (const [pattern, spelling] of SPELLINGS) plain = plain.replace(pattern, spelling);
  return plain
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^'+|'+$/g, ''))
    .map((word) => (/^\d+$/.test(word) ? (NUMBER_WORDS[Number(word)] ?? word) : word))
    .filter((word) => word !== '');
}

/**
 * Word error rate: substitutions, insertions and deletions over the number of words expected. Each
 * different word is mapped to one character, so that a string distance counts words.
 */
export function measureWordErrorRate(expected: string, heard: string): number {
  const letters = new Map<string, string>();
  const encode = (words: string[]): string =>
    words
      .map((word) => {
        const letter = letters.get(word) ?? String.fromCharCode(0x100 + letters.size);
        letters.set(word, letter);
        return letter;
      })
      .join('');
  const expectedWords = normaliseWords(expected);
  if (expectedWords.length === 0) throw new Error('Expected at least one word to compare with');
  return distance(encode(expectedWords), encode(normaliseWords(heard))) / expectedWords.length;
}
