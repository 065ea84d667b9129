/* Runs beside the sound: turns it into 16-bit samples and cuts it at its pauses. */
/* global AudioWorkletProcessor, currentFrame, registerProcessor, sampleRate */

const SHORTEST = 2 * sampleRate;
const LONGEST = 6 * sampleRate;
const PAUSE = 0.3 * sampleRate;
/** Of the loudest possible: what lies below is a pause. */
const QUIET = 0.008;
const LEVEL_EVERY = 0.1 * sampleRate;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.isPaused = false;
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
    this.samples = new Int16Array(LONGEST + 1024);
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
    let loudest = 0;
    for (const value of mono) {
      const sample = Math.max(-1, Math.min(1, value));
      this.samples[this.length] = Math.round(sample * 32767);
      this.length += 1;
      loudest = Math.max(loudest, Math.abs(sample));
    }
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
