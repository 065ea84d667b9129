/** Mixes the tracks of a page into one stream. */
export interface SoundMixer {
  stream: MediaStream;
  /** Has exactly these in the mix from now on. */
  setTracks(wanted: ReadonlySet<MediaStreamTrack>): void;
  close(): void;
}

/** Runs in the meeting's page: it must not use anything from outside its own body. */
export function createSoundMixer(): SoundMixer {
  const context = new AudioContext({ sampleRate: 48_000 });
  const destination = context.createMediaStreamDestination();
  const ends = new Map<MediaStreamTrack, () => void>();
  // Without a source that never stops, the stream's time would stand still while all are away.
  const silence = new ConstantSourceNode(context, { offset: 0 });
  silence.connect(destination);
  silence.start();

  const add = (track: MediaStreamTrack) => {
    const stream = new MediaStream([track]);
    // Chromium gives a remote track's sound to WebAudio only while an element plays it too.
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    void element.play().catch(() => undefined);
    const source = context.createMediaStreamSource(stream);
    source.connect(destination);
    ends.set(track, () => {
      source.disconnect();
      element.srcObject = null;
    });
  };

  const setTracks = (wanted: ReadonlySet<MediaStreamTrack>) => {
    for (const [track, end] of ends) {
      if (wanted.has(track)) continue;
      end();
      ends.delete(track);
    }
    for (const track of wanted) if (!ends.has(track)) add(track);
  };
  return {
    stream: destination.stream,
    setTracks,
    close() {
      setTracks(new Set());
      void context.close();
    },
  };
}

/** The audio tracks that can be heard in a page. */
export interface TrackList {
  /** Those that make up the call's sound: the platform's own mix where there is one. */
  list(): ReadonlySet<MediaStreamTrack>;
}

/**
 * Runs in the meeting's page before its own scripts: finds every audio track that reaches it. It must
 * not use anything from outside its own body.
 */
export function listTracks(mixTrackPrefix: string | null, onChange: () => void): TrackList {
  const tracks = new Set<MediaStreamTrack>();

  const note = (track: MediaStreamTrack) => {
    if (track.kind !== 'audio' || track.readyState === 'ended' || tracks.has(track)) return;
    tracks.add(track);
    track.addEventListener('ended', () => {
      tracks.delete(track);
      onChange();
    });
  };
  /** Pages that make their sound themselves play it without any connection of their own. */
  const scan = () => {
    for (const element of document.querySelectorAll<HTMLMediaElement>('audio, video')) {
      if (!(element.srcObject instanceof MediaStream)) continue;
      element.srcObject.getAudioTracks().forEach(note);
    }
  };

  window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
      made.addEventListener('track', ({ track }) => {
        note(track);
        onChange();
      });
      return made;
    },
  });

  return {
    list() {
      scan();
      const all = [...tracks];
      const isMix = ({ id }: MediaStreamTrack) =>
        mixTrackPrefix !== null && id.startsWith(mixTrackPrefix);
      return new Set(all.some(isMix) ? all.filter(isMix) : all);
    },
  };
}
