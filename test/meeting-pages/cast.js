/** The cast's browser: decodes the speech, schedules it into its tracks, offers them to each page. */
(() => {
  const LEAD_MS = 300;
  const context = new AudioContext();
  const clips = new Map();
  const tracks = new Map();
  const listeners = new Map();
  const turns = [];
  const playing = new Set();
  const socket = new WebSocket(`ws://${location.host}/cast-socket`);
  const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
  const send = (message) => opened.then(() => socket.send(JSON.stringify(message)));

  /** The sender's own name of a stream or track cannot be chosen; what the page reads of it can. */
  const nameStreams = (description, mids) => {
    const sections = description.sdp.split(/(?=^m=)/m).map((section) => {
      const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
      const { streamId, trackId } = tracks.get(mids[mid]) ?? {};
      return section.replace(
        /^(a=(?:ssrc:\d+ )?msid:)(\S+) (\S+)/gm,
        (_, start, stream, track) => `${start}${streamId ?? stream} ${trackId ?? track}`,
      );
    });
    return { type: description.type, sdp: sections.join('') };
  };

  const gathered = (one) =>
    new Promise((resolve) => {
      const check = () => one.iceGatheringState === 'complete' && resolve();
      one.addEventListener('icegatheringstatechange', check);
      check();
    });

  const offer = async (to, listener) => {
    const { connection, sent } = listener;
    for (const [label, { output }] of tracks) {
      if (sent.has(label)) continue;
      const [track] = output.stream.getAudioTracks();
      const sender = connection.addTrack(track, output.stream);
      sent.set(
        label,
        connection.getTransceivers().find((one) => one.sender === sender),
      );
    }
    await connection.setLocalDescription();
    await gathered(connection);
    const mids = Object.fromEntries([...sent].map(([label, { mid }]) => [mid, label]));
    const description = nameStreams(connection.localDescription, mids);
    const answered = new Promise((resolve) => (listener.onAnswer = resolve));
    await send({ type: 'signal', to, data: { description, tracks: mids } });
    await connection.setRemoteDescription(await answered);
  };
  const offerInTurn = (to, listener) =>
    (listener.queue = listener.queue.then(() => listener.isGone || offer(to, listener)));

  const forget = (id) => {
    const listener = listeners.get(id);
    if (!listener) return;
    listener.isGone = true;
    listener.onAnswer?.();
    listener.connection.close();
    listeners.delete(id);
  };

  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'reset') {
      turns.length = 0;
      for (const node of playing) node.stop();
    }
    if (message.type === 'gone') forget(message.from);
    if (message.type === 'signal') {
      listeners.get(message.from)?.onAnswer?.(message.data.description);
    }
    if (message.type !== 'hear') return;
    forget(message.from);
    const listener = {
      connection: new RTCPeerConnection(),
      sent: new Map(),
      queue: Promise.resolve(),
    };
    listeners.set(message.from, listener);
    if (tracks.size > 0) offerInTurn(message.from, listener);
  });

  window.cast = {
    ready: opened.then(() => true),
    addTrack({ label, streamId = null, trackId = null, repeats }) {
      if (tracks.has(label)) return;
      const output = context.createMediaStreamDestination();
      const repeated = tracks.get(repeats)?.output.stream;
      if (repeated) context.createMediaStreamSource(repeated).connect(output);
      tracks.set(label, { streamId, trackId, output });
      for (const [id, listener] of listeners) offerInTurn(id, listener);
    },
    async load(name, base64) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      clips.set(name, await context.decodeAudioData(bytes.buffer));
      return clips.get(name).duration * 1000;
    },
    /** Schedules all of it on one clock and answers when, on the wall clock, each is heard. */
    async say(lines) {
      const startSeconds = context.currentTime + LEAD_MS / 1000;
      const startMs = Date.now() + LEAD_MS;
      const added = lines.map(({ wav, track, person, source, atMs, fromMs, toMs }) => {
        const node = new AudioBufferSourceNode(context, { buffer: clips.get(wav) });
        node.connect(tracks.get(track).output);
        playing.add(node);
        node.addEventListener('ended', () => playing.delete(node));
        node.start(startSeconds + atMs / 1000, fromMs / 1000, (toMs - fromMs) / 1000);
        const from = Math.round(startMs + atMs);
        return { person, track, source, startMs: from, endMs: from + Math.round(toMs - fromMs) };
      });
      turns.push(...added);
      await send({ type: 'timeline', turns });
      return added;
    },
    /** The network between the cast and every page breaks. */
    disconnect: () => [...listeners.keys()].forEach(forget),
    listenerStates: () => [...listeners.values()].map((one) => one.connection.connectionState),
  };
})();
