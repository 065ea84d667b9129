/* Runs beside the sound: brings it to the rate of chunks, as 16-bit samples, and cuts it at its pauses. */
/* global AudioWorkletProcessor, currentFrame, registerProcessor, sampleRate */

const RATE = 16_000;
const SHORTEST = 2 * RATE;
const LONGEST = 6 * RATE;
const PAUSE = 0.3 * sampleRate;
/** Of the loudest possible: what lies below is a pause. */
const QUIET = 0.008;
const LEVEL_EVERY = 0.1 * sampleRate;
const BLOCK = 128;

/** A windowed-sinc low-pass of which every so-manieth sample is taken; knows what came before. */
class Resampler {
  constructor(fromHz, toHz) {
    const shared = greatestDivisor(fromHz, toHz);
    /** Outputs lie at so many places between two inputs, and then again. */
    this.places = toHz / shared;
    this.step = fromHz / shared;
    const narrower = Math.max(1, fromHz / toHz);
    this.cutoff = 0.95 / narrower;
    this.reach = Math.ceil(16 * narrower);
    this.weights = [];
    this.history = new Float32Array(this.reach);
    /** Of the next output, counted in places from the first sample of the history. */
    this.position = this.reach * this.places;
  }

  /** Gives the samples that are complete with this input to `take`, one after another. */
  push(input, take) {
    const { reach, places } = this;
    const samples = new Float32Array(this.history.length + input.length);
    samples.set(this.history);
    samples.set(input, this.history.length);
    for (
      ;
      Math.floor(this.position / places) + reach < samples.length;
      this.position += this.step
    ) {
      const first = Math.floor(this.position / places) - reach;
      const weights = this.weightsAt(this.position % places);
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap += 1) sum += weights[tap] * samples[first + tap];
      take(sum);
    }
    const consumed = Math.max(0, Math.floor(this.position / places) - reach);
    this.history = samples.slice(consumed);
    this.position -= consumed * places;
  }

  weightsAt(place) {
    this.weights[place] ??= Float32Array.from({ length: 2 * this.reach + 1 }, (_, tap) => {
      const distance = tap - this.reach - place / this.places;
      if (Math.abs(distance) >= this.reach) return 0;
      const x = Math.PI * distance * this.cutoff;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      return this.cutoff * sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / this.reach));
    });
    return this.weights[place];
  }
}

function greatestDivisor(one, other) {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.isPaused = false;
    this.resampler = new Resampler(sampleRate, RATE);
    this.reset();
    this.levelSamples = 0;
    this.levelSum = 0;
    this.port.onmessage = ({ data }) => {
      this.flush();
      this.isPaused = data === 'pause';
      if (data === 'pause') this.port.postMessage({ kind: 'flushed' });
    };
  }

  reset() {
    this.samples = new Int16Array(LONGEST + BLOCK * Math.ceil(RATE / sampleRate) + 1);
    this.length = 0;
    this.startFrame = 0;
    this.quiet = 0;
  }

  process([input]) {
    const mono = input[0];
    if (!mono) return true;
    this.measure(mono);
    if (this.isPaused) return true;
    if (this.length === 0) this.startFrame = currentFrame;
    this.resampler.push(mono, (value) => {
      const sample = Math.max(-1, Math.min(1, value));
      this.samples[this.length] = Math.round(sample * 32767);
      this.length += 1;
    });
    const loudest = mono.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    this.quiet = loudest < QUIET ? this.quiet + mono.length : 0;
    const isPause = this.quiet >= PAUSE && this.length >= SHORTEST;
    if (isPause || this.length >= LONGEST) this.flush();
    return true;
  }

  measure(mono) {
    for (const value of mono) this.levelSum += value * value;
    this.levelSamples += mono.length;
    if (this.levelSamples < LEVEL_EVERY) return;
    const level = Math.sqrt(this.levelSum / this.levelSamples);
    this.port.postMessage({ kind: 'level', level });
    this.levelSamples = 0;
    this.levelSum = 0;
  }

  flush() {
    if (this.length === 0) return;
    const samples = this.samples.slice(0, this.length);
    const message = { kind: 'piece', startFrame: this.startFrame, samples };
    this.port.postMessage(message, [samples.buffer]);
    this.reset();
  }
}

registerProcessor('capture', Capture);
