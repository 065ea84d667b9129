import { TrackRecorder, type RecordedSpeech } from './track-recorder';

const BLOCK_MS = 100;
const SERVER_AHEAD_MS = 1_000_000;

function makeRecorder() {
  const speech: RecordedSpeech[] = [];
  const gaps: number[] = [];
  const recorder = new TrackRecorder({
    track: 'run-1',
    detector: {
      isSpeech: (frame) => frame.some((sample) => sample !== 0),
      close: () => undefined,
    },
    onSpeech: (piece) => speech.push(piece),
    onGap: ({ missingMs }) => gaps.push(missingMs),
  });
  /** Blocks from `fromMs` to `toMs` on the capture clock, arriving `delayMs` after their end. */
  const play = (
    fromMs: number,
    toMs: number,
    options: { level: number; delayMs?: number; owner?: string | null },
  ) => {
    for (let at = fromMs; at < toMs; at += BLOCK_MS) {
      recorder.accept({
        captureMs: at,
        samples: new Int16Array(BLOCK_MS * 16).fill(options.level),
        arrivedAtMs: SERVER_AHEAD_MS + at + BLOCK_MS + (options.delayMs ?? 0),
        participant: options.owner === undefined ? 'maya' : options.owner,
      });
    }
  };
  return { recorder, speech, gaps, play };
}

describe('a track', () => {
  test('numbers its pieces from 1 and names who speaks', () => {
    const { speech, play } = makeRecorder();
    play(0, 2_000, { level: 900 });
    play(2_000, 3_000, { level: 0 });
    play(3_000, 5_000, { level: 900 });
    play(5_000, 6_000, { level: 0 });
    expect(speech.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(speech.map(({ participant }) => participant)).toEqual(['maya', 'maya']);
  });

  test('places speech on the server clock by the least delay seen, whatever the jitter', () => {
    const { speech, play } = makeRecorder();
    play(0, 500, { level: 0, delayMs: 80 });
    play(500, 1_000, { level: 0, delayMs: 3 });
    play(1_000, 3_000, { level: 900, delayMs: 250 });
    play(3_000, 4_000, { level: 0, delayMs: 40 });
    expect(speech[0]?.startAtMs).toBe(SERVER_AHEAD_MS + 3 + 800);
  });

  test('ends a piece at a gap, says how much is missing and goes on at the right time', () => {
    const { recorder, speech, gaps, play } = makeRecorder();
    play(0, 2_000, { level: 900 });
    play(7_000, 9_000, { level: 900 });
    recorder.close();
    expect(gaps).toEqual([5_000]);
    expect(speech.map(({ startAtMs }) => startAtMs - SERVER_AHEAD_MS)).toEqual([0, 7_000]);
    expect(speech.map(({ samples }) => samples.length)).toEqual([32_000, 32_000]);
  });

  test('that stops in the middle of a word gives what it has', () => {
    const { recorder, speech, play } = makeRecorder();
    play(0, 1_500, { level: 900 });
    recorder.flushIfIdle(SERVER_AHEAD_MS + 1_600);
    expect(speech).toHaveLength(0);
    recorder.flushIfIdle(SERVER_AHEAD_MS + 3_000);
    expect(speech).toHaveLength(1);
  });
});

describe('a track that passes to somebody else', () => {
  const heard = (speech: RecordedSpeech[]) =>
    speech.map(({ participant, startAtMs, endAtMs }) => [
      participant,
      startAtMs - SERVER_AHEAD_MS,
      endAtMs - SERVER_AHEAD_MS,
    ]);

  test('begins a new piece, and leaves the one before to whose it was', () => {
    const { recorder, speech, gaps, play } = makeRecorder();
    play(0, 3_000, { level: 900 });
    play(3_000, 6_000, { level: 900, owner: 'jonas' });
    recorder.close();
    expect(heard(speech)).toEqual([
      ['maya', 0, 3_000],
      ['jonas', 3_000, 6_000],
    ]);
    expect(speech.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(gaps).toEqual([]);
  });

  test('gives them the words that came just before the page told so', () => {
    const { recorder, speech, play } = makeRecorder();
    play(0, 2_000, { level: 900 });
    play(2_000, 5_000, { level: 0 });
    play(5_000, 6_000, { level: 900 });
    play(6_000, 8_000, { level: 900, owner: 'jonas' });
    recorder.close();
    expect(heard(speech)).toEqual([
      ['maya', 0, 2_400],
      ['jonas', 4_800, 8_000],
    ]);
  });

  test('is nobody’s when the page takes it from its owner and knows no other', () => {
    const { recorder, speech, play } = makeRecorder();
    play(0, 3_000, { level: 900 });
    play(3_000, 6_000, { level: 900, owner: null });
    recorder.close();
    expect(heard(speech)).toEqual([
      ['maya', 0, 3_000],
      [null, 3_000, 6_000],
    ]);
  });

  test('keeps a piece whole whose owner becomes known in it', () => {
    const { recorder, speech, play } = makeRecorder();
    play(0, 3_000, { level: 900, owner: null });
    play(3_000, 6_000, { level: 900 });
    recorder.close();
    expect(heard(speech)).toEqual([['maya', 0, 6_000]]);
  });
});
