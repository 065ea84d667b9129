import type { record } from '@/strings/record';

export type CaptureSource = 'microphone' | 'tab';

/** Why nothing can be heard, as words for the page. */
export class CaptureProblem extends Error {
  override readonly name = 'CaptureProblem';

  constructor(readonly kind: keyof typeof record.problems) {
    super(kind);
  }
}

export interface Piece {
  /** Milliseconds since the capture began. */
  startMs: number;
  samples: Int16Array;
}

interface Listeners {
  onPiece(piece: Piece): void;
  /** Root mean square, from 0 to 1, ten times a second. */
  onLevel(level: number): void;
  /** The sound ended by itself: unplugged, or sharing was stopped. */
  onEnded(): void;
}

type Message =
  | { kind: 'piece'; startFrame: number; samples: Int16Array }
  | { kind: 'level'; level: number }
  | { kind: 'flushed' };

/** Sound that is being heard right now. */
export interface Capture {
  /** Resolves once the last piece before the pause was given out. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

/** A context that the system has put to rest answers nothing. */
const FLUSH_TIMEOUT_MS = 1_000;

/** Asks for the sound and cuts it into pieces; throws a CaptureProblem where there is none. */
export async function startCapture(source: CaptureSource, listeners: Listeners): Promise<Capture> {
  const stream = await openStream(source);
  let context: AudioContext | undefined;
  const close = async (): Promise<void> => {
    for (const track of stream.getTracks()) track.stop();
    await context?.close();
  };
  try {
    // at its own rate: joined to a context of another one, a microphone is refused by Firefox
    // (bugzilla.mozilla.org/1725336); the worklet brings the sound to the rate of chunks
    context = new AudioContext();
    const heard = await hear(stream, context, listeners);
    return { ...heard, stop: () => heard.pause().finally(close) };
  } catch (error) {
    // whatever went wrong, the microphone is let go of
    await close();
    throw error;
  }
}

async function hear(
  stream: MediaStream,
  context: AudioContext,
  listeners: Listeners,
): Promise<Omit<Capture, 'stop'>> {
  await context.audioWorklet.addModule(new URL('./capture-worklet.js', import.meta.url));
  // one channel, mixed of what there is: a tab's sound has two
  const mixed = { channelCount: 1, channelCountMode: 'explicit', numberOfOutputs: 0 } as const;
  const node = new AudioWorkletNode(context, 'capture', mixed);
  let firstFrame: number | null = null;
  let whenFlushed = (): void => undefined;
  node.port.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'level') return listeners.onLevel(data.level);
    if (data.kind === 'flushed') return whenFlushed();
    firstFrame ??= data.startFrame;
    const startMs = ((data.startFrame - firstFrame) / context.sampleRate) * 1_000;
    listeners.onPiece({ startMs, samples: data.samples });
  };
  context.createMediaStreamSource(stream).connect(node);
  await context.resume();
  const [track] = stream.getAudioTracks();
  if (track) track.onended = listeners.onEnded;
  return {
    pause: () =>
      new Promise((resolve) => {
        whenFlushed = resolve;
        setTimeout(resolve, FLUSH_TIMEOUT_MS);
        node.port.postMessage('pause');
      }),
    resume: () => node.port.postMessage('resume'),
  };
}

/** What makes a voice in a room clear takes the music and half of the voices out of a tab. */
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

async function openStream(source: CaptureSource): Promise<MediaStream> {
  // absent on pages that came neither by https nor from this machine
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices?.getUserMedia) throw new CaptureProblem('unsupported');
  try {
    if (source === 'microphone') return await devices.getUserMedia({ audio: true });
    if (!devices.getDisplayMedia) throw new CaptureProblem('unsupported');
    const stream = await devices.getDisplayMedia({ video: true, audio: AS_IT_IS });
    if (stream.getAudioTracks().length > 0) return stream;
    for (const track of stream.getTracks()) track.stop();
    throw new CaptureProblem('silentTab');
  } catch (error) {
    throw error instanceof CaptureProblem ? error : new CaptureProblem(nameProblem(error, source));
  }
}

function nameProblem(error: unknown, source: CaptureSource): CaptureProblem['kind'] {
  const name = error instanceof DOMException ? error.name : '';
  if (source === 'tab' && name === 'NotAllowedError') return 'noTab';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  return name === 'NotReadableError' ? 'busy' : 'unsupported';
}
