/**
 * The page's half of the harness, for every stand-in page: `<script src="/client.js"></script>`
 * gives it `meetingPage`. Sound is real WebRTC from the cast's browser. Browsers cannot send
 * contributing sources (CSRCs), so where a page wants them, `getContributingSources` is answered
 * from the cast's timeline; timestamps and lasting (10 s) are as Chromium's own.
 */
(() => {
  const SOURCES_LAST_MS = 10_000;
  const SPEAKING_CHECK_MS = 50;
  const socket = new WebSocket(`ws://${location.host}/page-socket`);
  const stateListeners = [];
  const speakingListeners = [];
  let state = null;
  let turns = [];
  let speaking = '[]';
  let connection = null;
  let sound = null;
  const labels = new WeakMap();

  const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
  const send = (message) => opened.then(() => socket.send(JSON.stringify(message)));

  const speakingNow = () => {
    const now = Date.now();
    const people = turns.filter(({ startMs, endMs }) => startMs <= now && now < endMs);
    return [...new Set(people.map(({ person }) => person))];
  };

  const contributingSources = (label) => {
    const now = Date.now();
    const lastHeard = new Map();
    for (const { track, source, startMs, endMs } of turns) {
      if (track !== label) continue;
      const heardMs = Math.min(now, endMs);
      if (startMs > now || heardMs < now - SOURCES_LAST_MS) continue;
      lastHeard.set(source, Math.max(heardMs, lastHeard.get(source) ?? 0));
    }
    return [...lastHeard].map(([source, heardMs]) => ({
      source,
      timestamp: heardMs,
      rtpTimestamp: Math.round(heardMs * 48) % 2 ** 32,
      audioLevel: heardMs === now ? 0.1 : 0,
    }));
  };

  const answer = async ({ description, tracks }) => {
    await connection.setRemoteDescription(description);
    for (const transceiver of connection.getTransceivers()) {
      const label = tracks[transceiver.mid];
      if (!label || labels.has(transceiver.receiver)) continue;
      labels.set(transceiver.receiver, label);
      const stream = transceiver.receiver.track.firstStream;
      const { receiver } = transceiver;
      sound.onTrack({ track: receiver.track, receiver, stream, label });
    }
    await connection.setLocalDescription();
    await gathered(connection);
    await send({ type: 'signal', data: { description: connection.localDescription } });
  };

  const gathered = (one) =>
    new Promise((resolve) => {
      const check = () => one.iceGatheringState === 'complete' && resolve();
      one.addEventListener('icegatheringstatechange', check);
      check();
    });

  let signals = Promise.resolve();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'state') {
      state = message.state;
      for (const listener of stateListeners) listener(state);
    }
    if (message.type === 'timeline') turns = message.turns;
    if (message.type === 'signal') signals = signals.then(() => connection && answer(message.data));
  });
  setInterval(() => {
    const people = speakingNow();
    if (JSON.stringify(people) === speaking) return;
    speaking = JSON.stringify(people);
    for (const listener of speakingListeners) listener(people);
  }, SPEAKING_CHECK_MS);

  // ---- a page that speaks another language
  const LABELS = ['aria-label', 'placeholder', 'title', 'alt'];
  let isTranslated = () => true;
  const inOtherWords = (text) =>
    Object.entries(state.words).reduce(
      (said, [own, other]) => said.replaceAll(own, other),
      text.replace(/\s+/g, ' '),
    );
  const translate = (root) => {
    if (!state?.words || !isTranslated()) return;
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = nodes.currentNode; node; node = nodes.nextNode()) {
      if (node instanceof Text) node.data = inOtherWords(node.data);
      else
        for (const name of LABELS.filter((one) => node.hasAttribute?.(one))) {
          node.setAttribute(name, inOtherWords(node.getAttribute(name)));
        }
    }
  };
  // Done before anybody else's next look: what is drawn in English is never seen so.
  const drawings = new MutationObserver((all) => {
    for (const { target } of all) if (target.isConnected) translate(target);
    drawings.takeRecords();
  });
  drawings.observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: LABELS,
  });

  window.meetingPage = {
    /** Whether a page for which the test has `words` speaks with them; it does where nothing is said. */
    translateIf: (isWanted) => (isTranslated = isWanted),
    /** Called with the test's state now (as soon as it is known) and at each change. */
    onState(listener) {
      stateListeners.push(listener);
      if (state) listener(state);
    },
    /** Called with the keys of those who speak, at each change. */
    onSpeaking(listener) {
      speakingListeners.push(listener);
      listener(JSON.parse(speaking));
    },
    tell: (name, detail = null) => send({ type: 'event', name, detail }),
    /**
     * Connects to the cast. `onTrack({ track, receiver, stream, label })`: the label is the person's
     * key, or `channel-<n>`, or `mix`; the stream's id is what the test gave for it.
     * `onConnection(state)` gets the states of RTCPeerConnection.
     */
    receiveSound({ onTrack, onConnection, hasContributingSources = false }) {
      sound = { onTrack };
      if (hasContributingSources) {
        RTCRtpReceiver.prototype.getContributingSources = function () {
          return contributingSources(labels.get(this));
        };
      }
      connection = new RTCPeerConnection();
      connection.addEventListener(
        'track',
        ({ track, streams }) => (track.firstStream = streams[0]),
      );
      connection.addEventListener('connectionstatechange', () =>
        onConnection?.(connection?.connectionState),
      );
      return send({ type: 'hear' });
    },
    stopSound() {
      connection?.close();
      connection = null;
    },
  };
})();
