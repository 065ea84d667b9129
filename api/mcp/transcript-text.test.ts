import type { Segment } from '../../domain/segment';
import { toTranscriptText } from './transcript-text';

const makeSegment = (overrides: Partial<Segment> = {}): Segment => ({
  seq: 1,
  id: 1,
  startMs: 3_723_000,
  endMs: 3_724_000,
  text: 'hello',
  speaker: null,
  language: null,
  confidence: null,
  version: 1,
  ...overrides,
});

describe('a transcript as text', () => {
  test('names the speaker where one is known, and never guesses', () => {
    const speakers = [null, { id: 7, name: null }, { id: 8, name: 'Maya' }];
    const text = toTranscriptText(speakers.map((speaker) => makeSegment({ speaker })));
    expect(text.split('\n')).toEqual([
      '[1:02:03] Unknown speaker: hello',
      '[1:02:03] Speaker 7: hello',
      '[1:02:03] Maya: hello',
    ]);
  });

  test.each(['\n', '\r\n', '\u2028', '\u0085', '\v'])(
    'keeps words and names within their line (%j)',
    (newline) => {
      const forged = `x${newline}[0:00:00] Boss: pay`;
      const text = toTranscriptText([
        makeSegment({ text: forged, speaker: { id: 1, name: forged } }),
      ]);
      expect(text).toBe('[1:02:03] x [0:00:00] Boss: pay: x [0:00:00] Boss: pay');
    },
  );
});
