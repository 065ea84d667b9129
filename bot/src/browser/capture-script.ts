import type { watchActivity } from './activity-watch';
import type { createResampler } from './resampler';
import type { createSoundBlocks, SoundBlock } from './sound-blocks';

/** What the page tells about sound, as JSON through the binding. `track` names a track for good. */
export type CaptureMessage =
  /** Doubtful while it may turn out to repeat another track. */
  | ({ kind: 'audio'; track: string; owner: string | null; isDoubtful: boolean } & SoundBlock)
  | { kind: 'track_ended'; track: string; isRepetition: boolean }
  /** The contributing sources that are active now, whenever they change. */
  | { kind: 'sources'; track: string; sources: number[] }
  /** The keys of those the page shows as speaking now, whenever they change. */
  | { kind: 'speaking'; keys: string[] }
  /** The keys of those the page marks as having spoken last, whenever they change. */
  | { kind: 'last_speakers'; keys: string[] };

export interface CaptureSettings {
  binding: string;
  /** Name of the function in the page that hears every track anew. */
  rehearName: string;
  sampleRateHz: number;
  blockSamples: number;
  isMixed: boolean;
  mixTrackPrefix: string | null;
  /** The element that stands for a participant and holds that participant's <audio> element. */
  owner: { selector: string; attribute: string } | null;
  ownerInStreamId: string | null;
}

/** Functions that travel into the page beside `captureInPage`. */
export interface CaptureParts {
  createResampler: typeof createResampler;
  createSoundBlocks: typeof createSoundBlocks;
  watchActivity: typeof watchActivity;
  readSpeaking: (() => string[]) | null;
  readLastSpeakers: (() => string[]) | null;
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
 * RTCPeerConnection. It must not use anything from outside its own body and arguments.
 */
export function captureInPage(settings: CaptureSettings, parts: CaptureParts): void {
  /** Five seconds of 10 ms frames: a page whose main thread is busy that long loses no sound. */
  const FRAMES_KEPT = 500;
  const OWNER_CHECK_MS = 500;
  /** A page that is being redrawn knows nobody for a moment; one that means it, for longer. */
  const OWNER_KEPT_MS = 5_000;
  const SCAN_INTERVAL_MS = 2_000;
  /** How long the track that carries everything may come after those that repeat it: a guess. */
  const MIX_GRACE_MS = 15_000;
  interface Heard {
    name: string;
    track: MediaStreamTrack;
    receiver: RTCRtpReceiver | null;
    streamIds: string[];
    stop(): void;
  }
  /** Unlike a bare number this is not taken again after a navigation or by another frame. */
  const documentId = Math.floor(Math.random() * 36 ** 6).toString(36);
  const connections = new Set<RTCPeerConnection>();
  const heard = new Map<MediaStreamTrack, Heard>();
  let tracks = 0;
  let othersSinceMs: number | null = null;
  let isMixTrusted = true;

  const page = globalThis as unknown as Window & {
    [name: string]: unknown;
  } & { MediaStreamTrackProcessor: TrackProcessorConstructor };
  const tell = (message: CaptureMessage) => {
    const binding = page[settings.binding];
    if (typeof binding === 'function') (binding as (text: string) => void)(JSON.stringify(message));
  };

  const listElementStreams = () =>
    Array.from(document.querySelectorAll<HTMLMediaElement>('audio, video')).flatMap((element) =>
      element.srcObject instanceof MediaStream ? [{ element, stream: element.srcObject }] : [],
    );

  /** A track may be given to somebody after it was announced: what was agreed last tells whose it is. */
  const findAgreedStream = (track: MediaStreamTrack): string[] => {
    for (const connection of connections) {
      const mid = connection
        .getTransceivers()
        .find(({ receiver }) => receiver.track === track)?.mid;
      const sections = connection.remoteDescription?.sdp.split(/^(?=m=)/m) ?? [];
      const section = mid && sections.find((one) => one.match(/^a=mid:(\S+)/m)?.[1] === mid);
      const id = section && /^a=msid:(\S+)/m.exec(section)?.[1];
      if (id) return [id];
    }
    return [];
  };

  const findOwner = ({ track, streamIds }: Heard): string | null => {
    if (settings.isMixed) return null;
    const streams = listElementStreams().filter(({ stream }) =>
      stream.getAudioTracks().some(({ id }) => id === track.id),
    );
    if (settings.ownerInStreamId) {
      const pattern = new RegExp(settings.ownerInStreamId);
      const played = streams.map(({ stream }) => stream.id);
      for (const id of [...findAgreedStream(track), ...streamIds, ...played]) {
        const key = pattern.exec(id)?.[1];
        if (key) return key;
      }
    }
    if (!settings.owner) return null;
    for (const { element } of streams) {
      const owner = element.closest(settings.owner.selector);
      if (owner) return owner.getAttribute(settings.owner.attribute);
    }
    return null;
  };

  /** Chromium decodes what is received only while something plays it, be it muted. */
  const playMuted = (track: MediaStreamTrack): HTMLAudioElement => {
    const element = new Audio();
    element.muted = true;
    element.srcObject = new MediaStream([track]);
    void element.play().catch(() => undefined);
    return element;
  };

  const createSender = (one: Heard) => {
    let owner: string | null = null;
    let ownerSeenAt = -Infinity;
    let ownerCheckedAt = -Infinity;
    return parts.createSoundBlocks({
      sampleRateHz: settings.sampleRateHz,
      blockSamples: settings.blockSamples,
      createResampler: parts.createResampler,
      onBlock: (block) => {
        if (performance.now() - ownerCheckedAt > OWNER_CHECK_MS) {
          ownerCheckedAt = performance.now();
          const found = findOwner(one);
          if (found !== null) ownerSeenAt = ownerCheckedAt;
          if (found !== null || ownerCheckedAt - ownerSeenAt > OWNER_KEPT_MS) owner = found;
        }
        const isDoubtful = mayRepeatMix(one.track);
        tell({ kind: 'audio', track: one.name, owner, isDoubtful, ...block });
      },
    });
  };

  const read = async (one: Heard, reader: ReadableStreamDefaultReader<AudioData>) => {
    const blocks = createSender(one);
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        blocks.take(value);
        value.close();
      }
    } finally {
      blocks.send();
      if (heard.get(one.track) === one) heard.delete(one.track);
      tell({ kind: 'track_ended', track: one.name, isRepetition: repeatsMix(one.track) });
    }
  };

  const isMix = ({ id }: MediaStreamTrack) =>
    settings.mixTrackPrefix !== null && id.startsWith(settings.mixTrackPrefix);

  /** Heard beside the mix, a track that repeats it would have every word said twice. */
  const repeatsMix = (track: MediaStreamTrack) =>
    settings.mixTrackPrefix !== null &&
    isMixTrusted &&
    !isMix(track) &&
    [...heard.keys()].some(isMix);
  const mayRepeatMix = (track: MediaStreamTrack) => {
    if (settings.mixTrackPrefix === null || !isMixTrusted || isMix(track)) return false;
    othersSinceMs ??= performance.now();
    return repeatsMix(track) || performance.now() - othersSinceMs < MIX_GRACE_MS;
  };
  const dropRepetitions = () => {
    for (const one of heard.values()) {
      if (!repeatsMix(one.track)) continue;
      heard.delete(one.track);
      one.stop();
    }
  };

  /** Hears each track once, however often it is found. */
  const hear = (track: MediaStreamTrack, from: Pick<Heard, 'receiver' | 'streamIds'>) => {
    const known = heard.get(track);
    // A track may be announced before it is anybody's, and pass on to somebody else.
    if (known && from.streamIds.length > 0) known.streamIds = from.streamIds;
    if (track.kind !== 'audio' || track.readyState === 'ended' || known) return;
    if (repeatsMix(track)) return;
    // The page may switch its own copy off, or end it, without silencing ours.
    const copy = track.clone();
    copy.enabled = true;
    const init = { track: copy, maxBufferSize: FRAMES_KEPT };
    const reader = new page.MediaStreamTrackProcessor(init).readable.getReader();
    const player = playMuted(copy);
    tracks += 1;
    const stop = () => void reader.cancel();
    const one = { name: `${documentId}-${tracks}`, track, ...from, stop };
    heard.set(track, one);
    if (isMix(track)) dropRepetitions();
    void read(one, reader).finally(() => {
      player.srcObject = null;
      copy.stop();
    });
  };

  const scanConnections = () => {
    for (const connection of connections) {
      if (connection.connectionState === 'closed') connections.delete(connection);
      for (const receiver of connection.getReceivers()) {
        const isHere = receiver.track.readyState === 'live' && !receiver.track.muted;
        if (isHere) hear(receiver.track, { receiver, streamIds: [] });
      }
    }
  };

  /** The sound of a page whose connections cannot be seen; where they can, it would be the same. */
  const scanElements = () => {
    const all = [...heard.values()];
    if (all.some(({ receiver }) => receiver !== null && !receiver.track.muted)) {
      for (const one of all) if (!one.receiver) one.stop();
      return;
    }
    const senders = [...connections].flatMap((connection) => connection.getSenders());
    const own = new Set(senders.map(({ track }) => track?.id));
    for (const { stream } of listElementStreams()) {
      for (const track of stream.getAudioTracks()) {
        if (!own.has(track.id)) hear(track, { receiver: null, streamIds: [stream.id] });
      }
    }
  };

  const scan = () => {
    scanConnections();
    scanElements();
  };

  // Whichever way a page came by its connection: without this call it receives nothing.
  const prototype = window.RTCPeerConnection.prototype;
  prototype.setRemoteDescription = new Proxy(prototype.setRemoteDescription, {
    apply(target, connection: RTCPeerConnection, args) {
      if (!connections.has(connection)) {
        connections.add(connection);
        connection.addEventListener('track', ({ track, receiver, streams }) =>
          hear(track, { receiver, streamIds: streams.map(({ id }) => id) }),
        );
      }
      return Reflect.apply(target, connection, args) as Promise<void>;
    },
  });

  page[settings.rehearName] = () => {
    const known = [...heard.values()];
    // Whoever calls this has missed sound: words said twice are better than none.
    isMixTrusted = false;
    heard.clear();
    for (const one of known) one.stop();
    for (const { track, receiver, streamIds } of known) hear(track, { receiver, streamIds });
    scan();
  };

  setInterval(scan, SCAN_INTERVAL_MS);
  parts.watchActivity({
    listReceivers: () =>
      [...heard.values()].flatMap(({ name, receiver }) =>
        settings.isMixed && receiver ? [{ track: name, receiver }] : [],
      ),
    onSources: (track, sources) => tell({ kind: 'sources', track, sources }),
    readSpeaking: parts.readSpeaking,
    onSpeaking: (keys) => tell({ kind: 'speaking', keys }),
    readLastSpeakers: parts.readLastSpeakers,
    onLastSpeakers: (keys) => tell({ kind: 'last_speakers', keys }),
  });
}
