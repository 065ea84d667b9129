import type { createSoundMixer, listTracks, SoundMixer } from './sound-mixer';

/** What the recording tells through its binding, as JSON. */
export type RecordingMessage =
  { kind: 'started' } | { kind: 'part'; bytes: string } | { kind: 'stopped' };

export interface RecordingSettings {
  /** Name of the page's functions `start` and `stop`. */
  name: string;
  binding: string;
  partMs: number;
  bitsPerSecond: number;
  /** Where one track is the platform's own mix, its id begins so: others repeat it. */
  mixTrackPrefix: string | null;
}

/** What `recordInPage` leaves in the page for the bot. */
export interface PageRecording {
  /** How many tracks can be heard in this frame. */
  countTracks(): number;
  start(): void;
  stop(): void;
}

/**
 * Runs in the meeting's page before its own scripts: tells the mix of all its tracks as one stream of
 * Opus in WebM, in parts. It must not use anything from outside its own body but `tools`.
 */
export function recordInPage(
  settings: RecordingSettings,
  tools: { createSoundMixer: typeof createSoundMixer; listTracks: typeof listTracks },
): void {
  const SCAN_MS = 2_000;
  let mixer: SoundMixer | null = null;
  let recorder: MediaRecorder | null = null;
  let told: Promise<void> = Promise.resolve();
  const refresh = () => mixer?.setTracks(tracks.list());
  const tracks = tools.listTracks(settings.mixTrackPrefix, refresh);

  const page = globalThis as unknown as Record<string, (text: string) => void>;
  const tell = (message: RecordingMessage) => page[settings.binding]?.(JSON.stringify(message));

  const encode = async (blob: Blob): Promise<string> => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };

  const recording: PageRecording = {
    countTracks: () => tracks.list().size,
    start() {
      if (recorder) return;
      mixer = tools.createSoundMixer();
      refresh();
      setInterval(refresh, SCAN_MS);
      recorder = new MediaRecorder(mixer.stream, {
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
  Object.defineProperty(globalThis, settings.name, { value: recording });
}
