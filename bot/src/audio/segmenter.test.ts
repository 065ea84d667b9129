import { join } from 'node:path';
import { readWavSamples } from '../../../test/wav-file';
import { Segmenter, type SpeechSegment } from '../../../domain/segmenter';
import { FRAME_SAMPLES } from '../../../domain/voice-detector';
import { loadVoiceDetectors } from './vad';

const AUDIO = join(__dirname, '../../../test/audio');
const RATE = 16_000;
const BLOCK = 1_600;

function cut(samples: Int16Array, isSpeech: (frame: Int16Array) => boolean) {
  const segments: (SpeechSegment & { emittedAtSample: number })[] = [];
  let pushed = 0;
  const segmenter = new Segmenter({
    isSpeech,
    onSegment: (segment) => segments.push({ ...segment, emittedAtSample: pushed }),
  });
  for (let offset = 0; offset < samples.length; offset += BLOCK) {
    const block = samples.slice(offset, offset + BLOCK);
    pushed += block.length;
    segmenter.push(block);
  }
  segmenter.flush();
  return segments;
}

async function cutFile(name: string) {
  const samples = readWavSamples(join(AUDIO, name));
  const detector = (await loadVoiceDetectors())();
  const segments = cut(samples, (frame) => detector.isSpeech(frame));
  detector.close();
  return { samples, segments };
}

function energy(samples: Int16Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0);
}

function makeSound(seconds: number, loudnessAt: (second: number) => number): Int16Array {
  return Int16Array.from({ length: seconds * RATE }, (_, index) =>
    Math.round(Math.sin(index / 5) * loudnessAt(index / RATE)),
  );
}

const isLoud = (frame: Int16Array) => frame.some((sample) => Math.abs(sample) > 100);

describe.each(['standup-maya.wav', 'standup-jonas.wav', 'librivox.wav'])('speech in %s', (name) => {
  test('is kept: less than a thousandth of its energy lies outside the pieces', async () => {
    const { samples, segments } = await cutFile(name);
    const kept = segments.reduce((sum, segment) => sum + energy(segment.samples), 0);
    expect(kept / energy(samples)).toBeGreaterThan(0.999);
  });

  test('is cut into pieces of 1 to 8 seconds that do not overlap', async () => {
    const { segments } = await cutFile(name);
    expect(segments.length).toBeGreaterThan(2);
    let end = 0;
    for (const { startSample, samples } of segments) {
      expect(startSample).toBeGreaterThanOrEqual(end);
      expect(samples.length).toBeGreaterThanOrEqual(RATE);
      expect(samples.length).toBeLessThanOrEqual(8 * RATE);
      end = startSample + samples.length;
    }
  });

  test('comes out sample by sample as it went in, at the place it says', async () => {
    const { samples, segments } = await cutFile(name);
    for (const segment of segments) {
      const original = samples.slice(
        segment.startSample,
        segment.startSample + segment.samples.length,
      );
      expect(
        Buffer.from(segment.samples.buffer, 0, original.byteLength).equals(
          Buffer.from(original.buffer),
        ),
      ).toBe(true);
    }
  });
});

test('nothing comes out of faint noise', async () => {
  const detector = (await loadVoiceDetectors())();
  let seed = 1;
  const noise = Int16Array.from({ length: 5 * RATE }, () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return (seed % 60) - 30;
  });
  expect(cut(noise, (frame) => detector.isSpeech(frame))).toEqual([]);
  detector.close();
});

describe('a piece', () => {
  test('begins 240 ms before the first detected frame', () => {
    const sound = makeSound(4, (second) => (second >= 1 && second < 2.5 ? 5_000 : 0));
    const [segment] = cut(sound, isLoud);
    // Speech is believed at its third frame, which the lead-in counts from.
    expect(segment?.startSample).toBe(RATE - 9 * FRAME_SAMPLES - FRAME_SAMPLES);
  });

  test('ends 400 ms after the speaker stopped', () => {
    const sound = makeSound(4, (second) => (second >= 0.5 && second < 2 ? 5_000 : 0));
    const [segment] = cut(sound, isLoud);
    expect((segment?.startSample ?? 0) + (segment?.samples.length ?? 0)).toBe(2.4 * RATE);
    expect(segment?.emittedAtSample).toBe(2.4 * RATE);
  });

  test('of a single short word is kept and one second long', () => {
    const sound = makeSound(3, (second) => (second >= 1 && second < 1.2 ? 5_000 : 0));
    const segments = cut(sound, isLoud);
    expect(segments.map(({ samples }) => samples.length)).toEqual([RATE]);
  });

  test('that the end of the track cuts off is filled with silence to one second', () => {
    const sound = makeSound(1, (second) => (second >= 0.7 ? 5_000 : 0));
    const segments = cut(sound, isLoud);
    expect(segments.map(({ samples }) => samples.length)).toEqual([RATE]);
    expect(energy(segments[0]?.samples ?? new Int16Array())).toBeCloseTo(energy(sound), -3);
  });

  test('does not come from a click', () => {
    const sound = makeSound(2, (second) => (second >= 1 && second < 1.04 ? 5_000 : 0));
    expect(cut(sound, isLoud)).toEqual([]);
  });

  test('of a monologue is split at the quietest spot between 5 and 8 seconds', () => {
    const sound = makeSound(12, (second) => (second >= 6.4 && second < 6.5 ? 500 : 5_000));
    const [first, second] = cut(sound, isLoud);
    expect((first?.samples.length ?? 0) / RATE).toBeCloseTo(6.45, 1);
    expect(second?.startSample).toBe(first?.samples.length);
  });
});
