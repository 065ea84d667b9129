/** What the page tells about sound, as JSON through the binding. */
export type CaptureMessage =
  | {
      kind: 'audio';
      track: number;
      owner: string | null;
      /** Capture time of the first sample in milliseconds, on the track's own clock. */
      captureMs: number;
      sampleCount: number;
      /** 16-bit little-endian samples in base64; absent when all of them are zero. */
      pcm?: string;
    }
  | { kind: 'track_ended'; track: number };

export interface CaptureSettings {
  binding: string;
  sampleRateHz: number;
  blockSamples: number;
  /** The element that stands for a participant and holds that participant's <audio> element. */
  ownerSelector: string;
  ownerAttribute: string;
}

interface TrackProcessor {
  readable: ReadableStream<AudioData>;
}
type TrackProcessorConstructor = new (init: {
  track: MediaStreamTrack;
  maxBufferSize: number;
}) => TrackProcessor;

/**
 * Runs in the meeting's page before its own scripts: hears every remote audio track of every
 * RTCPeerConnection. It must not use anything from outside its own body.
 */
export function captureInPage(settings: CaptureSettings): void {
  /** Five seconds of 10 ms frames: a page whose main thread is busy that long loses no sound. */
  const FRAMES_KEPT = 500;
  const OWNER_CHECK_MS = 500;
  const JUMP_MS = 30;
  const FILTER_TAPS_PER_SIDE = 16;
  const seen = new WeakSet<MediaStreamTrack>();
  let tracks = 0;

  const page = globalThis as unknown as Window & {
    [binding: string]: (text: string) => void;
  } & { MediaStreamTrackProcessor: TrackProcessorConstructor };
  const tell = (message: CaptureMessage) => page[settings.binding]?.(JSON.stringify(message));

  const findOwner = (track: MediaStreamTrack): string | null => {
    for (const element of document.querySelectorAll<HTMLMediaElement>('audio, video')) {
      const stream = element.srcObject;
      if (!(stream instanceof MediaStream)) continue;
      if (!stream.getAudioTracks().some((one) => one.id === track.id)) continue;
      const owner = element.closest(settings.ownerSelector);
      if (owner) return owner.getAttribute(settings.ownerAttribute);
    }
    return null;
  };

  /** A windowed-sinc low-pass that yields one sample per `ratio` input samples. */
  const createResampler = (inputRateHz: number) => {
    const ratio = inputRateHz / settings.sampleRateHz;
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
    return (input: Float32Array): number[] => {
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
  };

  const encode = (samples: Int16Array): string => {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    return btoa(String.fromCharCode(...bytes));
  };

  const readMono = (data: AudioData): Float32Array => {
    const mono = new Float32Array(data.numberOfFrames);
    const plane = new Float32Array(data.numberOfFrames);
    for (let channel = 0; channel < data.numberOfChannels; channel += 1) {
      data.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
      for (let index = 0; index < mono.length; index += 1) {
        mono[index] = (mono[index] ?? 0) + (plane[index] ?? 0) / data.numberOfChannels;
      }
    }
    return mono;
  };

  const createBlocks = (track: MediaStreamTrack, number: number) => {
    let block = new Int16Array(settings.blockSamples);
    let filled = 0;
    let blockStartMs = 0;
    let nextMs: number | null = null;
    let owner: string | null = null;
    let ownerCheckedAt = -Infinity;
    let resample: ReturnType<typeof createResampler> | null = null;
    let rateHz = 0;
    const send = () => {
      if (filled === 0) return;
      if (performance.now() - ownerCheckedAt > OWNER_CHECK_MS) {
        ownerCheckedAt = performance.now();
        owner = findOwner(track) ?? owner;
      }
      const samples = block.slice(0, filled);
      const isSilent = samples.every((sample) => sample === 0);
      tell({
        kind: 'audio',
        track: number,
        owner,
        captureMs: blockStartMs,
        sampleCount: filled,
        ...(!isSilent && { pcm: encode(samples) }),
      });
      block = new Int16Array(settings.blockSamples);
      filled = 0;
    };
    const take = (data: AudioData) => {
      const startMs = data.timestamp / 1000;
      const isNew = nextMs === null || Math.abs(startMs - nextMs) > JUMP_MS;
      if (isNew || data.sampleRate !== rateHz || !resample) {
        send();
        rateHz = data.sampleRate;
        resample = createResampler(rateHz);
        nextMs = startMs;
      }
      const output = resample(readMono(data));
      const stepMs = 1000 / settings.sampleRateHz;
      for (const [index, value] of output.entries()) {
        if (filled === 0) blockStartMs = startMs + index * stepMs;
        block[filled] = Math.max(-32768, Math.min(32767, Math.round(value * 32767)));
        filled += 1;
        if (filled === block.length) send();
      }
      nextMs = startMs + (data.numberOfFrames / rateHz) * 1000;
    };
    return { take, send };
  };

  const hear = async (track: MediaStreamTrack) => {
    tracks += 1;
    const number = tracks;
    const blocks = createBlocks(track, number);
    const processor = new page.MediaStreamTrackProcessor({ track, maxBufferSize: FRAMES_KEPT });
    const reader = processor.readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      blocks.take(value);
      value.close();
    }
    blocks.send();
    tell({ kind: 'track_ended', track: number });
  };

  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
      made.addEventListener('track', ({ track }) => {
        if (track.kind !== 'audio' || seen.has(track)) return;
        seen.add(track);
        void hear(track);
      });
      return made;
    },
  });
}
