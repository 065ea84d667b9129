import type { createSoundMixer, listTracks, SoundMixer } from './sound-mixer';

/** What the recording tells through its binding, as JSON. `stream` names one recorder's stream. */
export type RecordingMessage =
  | { kind: 'started'; stream: string }
  | { kind: 'part'; stream: string; bytes: string }
  | { kind: 'stopped'; stream: string };

export interface RecordingSettings {
  /** Name of the page's `PageRecording`. */
  name: string;
  binding: string;
  partMs: number;
  bitsPerSecond: number;
  /** Where one track is the platform's own mix, its id begins so: others repeat it. */
  mixTrackPrefix: string | null;
}

/** What is to be known of one frame. */
export interface RecordingLook {
  /** How many tracks can be heard in it. */
  tracks: number;
  isRecording: boolean;
}

/** What `recordInPage` leaves in the page for the bot. */
export interface PageRecording {
  look(): RecordingLook;
  /** Begins a new stream; one that is still running tells no more. */
  start(stream: string): void;
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

  const record = (sound: MediaStream, stream: string) => {
    let told: Promise<void> = Promise.resolve();
    const made = new MediaRecorder(sound, {
      mimeType: 'audio/webm;codecs=opus',
      audioBitsPerSecond: settings.bitsPerSecond,
    });
    made.onstart = () => tell({ kind: 'started', stream });
    made.ondataavailable = ({ data }) => {
      // One after another: the parts are one stream.
      told = told.then(async () => {
        if (data.size > 0) tell({ kind: 'part', stream, bytes: await encode(data) });
      });
    };
    made.onstop = () => void told.then(() => tell({ kind: 'stopped', stream }));
    made.start(settings.partMs);
    return made;
  };

  const recording: PageRecording = {
    look: () => ({ tracks: tracks.list().size, isRecording: recorder?.state === 'recording' }),
    start(stream) {
      if (recorder?.state === 'recording') recorder.stop();
      mixer?.close();
      mixer = tools.createSoundMixer();
      refresh();
      recorder = record(mixer.stream, stream);
    },
    stop() {
      if (recorder?.state === 'recording') recorder.stop();
    },
  };
  setInterval(refresh, SCAN_MS);
  Object.defineProperty(globalThis, settings.name, { value: recording });
}
