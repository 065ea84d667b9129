/** What the recording tells through its binding, as JSON. */
export type RecordingMessage =
  { kind: 'started' } | { kind: 'part'; bytes: string } | { kind: 'stopped' };

export interface RecordingSettings {
  /** Name of the page's functions `start` and `stop`. */
  name: string;
  binding: string;
  partMs: number;
  bitsPerSecond: number;
}

/** What `recordInPage` leaves in the page for the bot. */
export interface PageRecording {
  start(): void;
  stop(): void;
}

/**
 * Runs in the meeting's page before its own scripts: mixes every remote audio track into one stream
 * of Opus in WebM, told in parts. It must not use anything from outside its own body.
 */
export function recordInPage(settings: RecordingSettings): void {
  const tracks = new Set<MediaStreamTrack>();
  let mix: { context: AudioContext; destination: MediaStreamAudioDestinationNode } | null = null;
  let recorder: MediaRecorder | null = null;
  let told: Promise<void> = Promise.resolve();

  const page = globalThis as unknown as Record<string, (text: string) => void>;
  const tell = (message: RecordingMessage) => page[settings.binding]?.(JSON.stringify(message));

  const encode = async (blob: Blob): Promise<string> => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };

  const add = (track: MediaStreamTrack) => {
    if (!mix || track.readyState === 'ended') return;
    const stream = new MediaStream([track]);
    // Chromium gives a remote track's sound to WebAudio only while an element plays it too.
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    void element.play().catch(() => undefined);
    const source = mix.context.createMediaStreamSource(stream);
    source.connect(mix.destination);
    track.addEventListener('ended', () => {
      source.disconnect();
      element.srcObject = null;
    });
  };

  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
      made.addEventListener('track', ({ track }) => {
        if (track.kind !== 'audio' || tracks.has(track)) return;
        tracks.add(track);
        track.addEventListener('ended', () => tracks.delete(track));
        add(track);
      });
      return made;
    },
  });

  const recording: PageRecording = {
    start() {
      if (recorder) return;
      const context = new AudioContext({ sampleRate: 48_000 });
      mix = { context, destination: context.createMediaStreamDestination() };
      // Without a source that never stops, the stream's time would stand still while all are away.
      const silence = new ConstantSourceNode(context, { offset: 0 });
      silence.connect(mix.destination);
      silence.start();
      for (const track of tracks) add(track);
      recorder = new MediaRecorder(mix.destination.stream, {
        mimeType: 'audio/webm;codecs=opus',
        audioBitsPerSecond: settings.bitsPerSecond,
      });
      recorder.onstart = () => tell({ kind: 'started' });
      recorder.ondataavailable = ({ data }) => {
        // One after another: the parts are one stream.
        told = told.then(async () => {
          if (data.size > 0) tell({ kind: 'part', bytes: await encode(data) });
        });
      };
      recorder.onstop = () => void told.then(() => tell({ kind: 'stopped' }));
      recorder.start(settings.partMs);
    },
    stop() {
      if (recorder?.state === 'recording') recorder.stop();
      else tell({ kind: 'stopped' });
    },
  };
  // Frames that hold no call have none to record.
  if (window.top === window) Object.defineProperty(globalThis, settings.name, { value: recording });
}
