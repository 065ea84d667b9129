/** Takes samples at one rate, gives them back at another. */
export type Resample = (input: Float32Array) => number[];

/**
 * A windowed-sinc low-pass that yields one sample per `ratio` input samples. Runs inside the page:
 * it must not use anything from outside its own body.
 */
export function createResampler(inputRateHz: number, outputRateHz: number): Resample {
  const FILTER_TAPS_PER_SIDE = 16;
  const ratio = inputRateHz / outputRateHz;
  const reach = Math.ceil(FILTER_TAPS_PER_SIDE * Math.max(1, ratio));
  const cutoff = Math.min(1, 1 / ratio) * 0.95;
  const weightAt = (distance: number) => {
    if (Math.abs(distance) >= reach) return 0;
    const x = Math.PI * distance * cutoff;
    const sinc = x === 0 ? 1 : Math.sin(x) / x;
    return cutoff * sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / reach));
  };
  const isWhole = Number.isInteger(ratio);
  const fixed = Array.from({ length: 2 * reach + 1 }, (_, tap) => weightAt(tap - reach));
  let history = new Float32Array(reach);
  let position = reach;
  return (input) => {
    const samples = new Float32Array(history.length + input.length);
    samples.set(history);
    samples.set(input, history.length);
    const output: number[] = [];
    for (; position + reach < samples.length; position += ratio) {
      const centre = Math.floor(position);
      let sum = 0;
      for (let tap = -reach; tap <= reach; tap += 1) {
        const weight = isWhole ? fixed[tap + reach] : weightAt(centre + tap - position);
        sum += (weight ?? 0) * (samples[centre + tap] ?? 0);
      }
      output.push(sum);
    }
    const consumed = Math.max(0, Math.floor(position) - reach);
    history = samples.slice(consumed);
    position -= consumed;
    return output;
  };
}
