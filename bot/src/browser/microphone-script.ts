/** What `microphoneInPage` leaves in the page for the bot. */
export interface PageVoice {
  /** Plays a WAV file, base64, into the microphone; resolves when it is over. */
  play(wav: string): Promise<'played' | 'stopped'>;
  stop(): void;
}

/**
 * Runs in the meeting's page before its own scripts: the page's only microphone is one that the bot
 * speaks into, silent while it does not. It must not use anything from outside its own body.
 */
export function microphoneInPage(name: string): void {
  /** The way to the others opens a moment after the page says so, and closes before all has passed. */
  const LEAD_IN_SECONDS = 0.4;
  const TAIL_MS = 300;
  const devices = navigator.mediaDevices;
  // Pages of another kind than https have none.
  if (!devices) return;
  let output: { context: AudioContext; destination: MediaStreamAudioDestinationNode } | null = null;
  let stopPlaying: (() => void) | null = null;
  let stops = 0;

  const open = () => {
    const context = new AudioContext();
    output = { context, destination: context.createMediaStreamDestination() };
    return output;
  };
  const device = Object.create(InputDeviceInfo.prototype, {
    deviceId: { value: 'bot-voice', enumerable: true },
    groupId: { value: 'bot', enumerable: true },
    kind: { value: 'audioinput', enumerable: true },
    label: { value: 'Voice of the bot', enumerable: true },
  }) as MediaDeviceInfo;

  const getUserMedia = (constraints?: MediaStreamConstraints): Promise<MediaStream> => {
    if (constraints?.video || !constraints?.audio) {
      return Promise.reject(new DOMException('Requested device not found', 'NotFoundError'));
    }
    // A copy: what the page does to its track leaves ours as it is.
    return Promise.resolve((output ?? open()).destination.stream.clone());
  };
  const enumerateDevices = async (): Promise<MediaDeviceInfo[]> => {
    const others = (await listDevices()).filter(({ kind }) => kind === 'audiooutput');
    return [device, ...others];
  };
  const listDevices = devices.enumerateDevices.bind(devices);
  Object.assign(devices, { getUserMedia, enumerateDevices });

  const voice: PageVoice = {
    async play(wav) {
      const stopsBefore = stops;
      const { context, destination } = output ?? open();
      const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
      const buffer = await context.decodeAudioData(bytes.buffer);
      await context.resume();
      if (stops !== stopsBefore) return 'stopped';
      const source = new AudioBufferSourceNode(context, { buffer });
      source.connect(destination);
      const outcome = await new Promise<'played' | 'stopped'>((settle) => {
        stopPlaying = () => {
          source.disconnect();
          settle('stopped');
        };
        source.onended = () => setTimeout(() => settle('played'), TAIL_MS);
        source.start(context.currentTime + LEAD_IN_SECONDS);
      });
      stopPlaying = null;
      return outcome;
    },
    stop() {
      stops += 1;
      stopPlaying?.();
    },
  };
  Object.defineProperty(globalThis, name, { value: voice });
}
