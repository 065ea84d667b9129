import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const SCRIPT = fs.readFileSync(path.join(__dirname, 'capture-worklet.js'), 'utf8');
const RATE = 16_000;
const BLOCK = 128;

interface Piece {
  startFrame: number;
  samples: Int16Array;
}

interface Worklet {
  process(inputs: Float32Array[][]): boolean;
}

/** What the worklet makes of a sound that comes at this rate. */
function capture(sampleRate: number, seconds: number, soundAt: (second: number) => number) {
  const pieces: Piece[] = [];
  const levels: number[] = [];
  const port = {
    onmessage: (_message: { data: string }): void => undefined,
    postMessage: (message: { kind: string; level: number } & Piece) => {
      if (message.kind === 'piece') pieces.push(message);
      if (message.kind === 'level') levels.push(message.level);
    },
  };
  const scope = {
    sampleRate,
    currentFrame: 0,
    AudioWorkletProcessor: class {
      port = port;
    },
    made: [] as (new () => Worklet)[],
    registerProcessor: (_name: string, processor: new () => Worklet) => scope.made.push(processor),
  };
  vm.runInNewContext(SCRIPT, scope);
  const [Processor] = scope.made;
  if (!Processor) throw new Error('Expected the script to register a processor');
  const worklet = new Processor();
  for (; scope.currentFrame < seconds * sampleRate; scope.currentFrame += BLOCK) {
    const first = scope.currentFrame;
    const block = Float32Array.from({ length: BLOCK }, (_, index) =>
      soundAt((first + index) / sampleRate),
    );
    worklet.process([[block]]);
  }
  port.onmessage({ data: 'pause' });
  return { pieces, levels, all: pieces.flatMap(({ samples }) => [...samples]) };
}

const tone = (hz: number) => (second: number) => 0.5 * Math.sin(2 * Math.PI * hz * second);

/** How loud this tone is in the samples, of the loudest possible. */
function measure(samples: readonly number[], hz: number): number {
  let [real, imaginary] = [0, 0];
  for (const [index, sample] of samples.entries()) {
    const angle = (2 * Math.PI * hz * index) / RATE;
    real += (sample / 32_767) * Math.cos(angle);
    imaginary += (sample / 32_767) * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

test.each([8_000, 16_000, 22_050, 44_100, 48_000, 96_000])(
  'a sound at %i Hz comes out at 16 kHz, as long and as loud as it was',
  (rate) => {
    const { all } = capture(rate, 2, tone(1_000));
    expect(Math.abs(all.length - 2 * RATE)).toBeLessThan(100);
    expect(measure(all, 1_000)).toBeCloseTo(0.5, 2);
  },
);

test.each([44_100, 48_000])('the seams of pieces are not heard at %i Hz', (rate) => {
  const { pieces, all } = capture(rate, 13, tone(440));
  const starts = pieces.map(({ startFrame }) => startFrame / rate);
  expect(starts.length).toBe(3);
  for (const [index, start] of starts.entries()) expect(start).toBeCloseTo(index * 6, 1);
  // at the rim the filter has only half of what it looks at
  const inner = [...all.entries()].slice(200, -200);
  const worst = inner
    .map(([index, sample]) => Math.abs(sample - tone(440)(index / RATE) * 32_767))
    .reduce((most, each) => Math.max(most, each), 0);
  expect(worst).toBeLessThan(700);
});

test.each([44_100, 48_000])('what 16 kHz cannot carry is left out at %i Hz', (rate) => {
  const { all } = capture(rate, 2, tone(11_000));
  const loudest = all.slice(200, -200).reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  expect(loudest / 32_767).toBeLessThan(0.005);
});

test('is cut at a pause, and not before two seconds', () => {
  const speech = (second: number): number => (second % 2.6 < 2.2 ? tone(300)(second) : 0);
  const { pieces } = capture(44_100, 5.2, speech);
  const seconds = pieces.map(({ samples }) => samples.length / RATE);
  expect(seconds[0]).toBeCloseTo(2.5, 1);
  expect(pieces.length).toBe(3);
});

test('tells ten times a second how loud it is', () => {
  const { levels } = capture(48_000, 2, tone(500));
  expect(levels.length).toBeGreaterThanOrEqual(18);
  for (const level of levels) expect(level).toBeCloseTo(0.5 / Math.SQRT2, 2);
});
