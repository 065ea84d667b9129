/** Everyone else in a LiveKit room: each a client of its own, their microphones fed from files. */
(() => {
  const LEAD_MS = 300;
  const { Room, RoomEvent, Track } = window.LivekitClient;
  const context = new AudioContext();
  const clips = new Map();
  const people = new Map();

  window.cast = {
    async join({ name, url, token }) {
      const room = new Room();
      const output = context.createMediaStreamDestination();
      const messages = [];
      room.registerTextStreamHandler('lk.chat', async (reader) => {
        messages.push(await reader.readAll());
      });
      await room.connect(url, token, { autoSubscribe: false });
      await room.localParticipant.publishTrack(output.stream.getAudioTracks()[0], {
        source: Track.Source.Microphone,
        dtx: false,
        red: false,
      });
      people.set(name, { room, output, messages });
      return { sid: room.localParticipant.sid };
    },
    async load(wav, base64) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      clips.set(wav, await context.decodeAudioData(bytes.buffer));
      return clips.get(wav).duration * 1000;
    },
    /** Schedules all of it on one clock and answers when, on the wall clock, each is heard. */
    say(lines) {
      const startSeconds = context.currentTime + LEAD_MS / 1000;
      const startMs = Date.now() + LEAD_MS;
      return lines.map(({ name, wav, atMs, fromMs, toMs }) => {
        const node = new AudioBufferSourceNode(context, { buffer: clips.get(wav) });
        node.connect(people.get(name).output);
        node.start(startSeconds + atMs / 1000, fromMs / 1000, (toMs - fromMs) / 1000);
        const from = Math.round(startMs + atMs);
        return { name, startMs: from, endMs: from + Math.round(toMs - fromMs) };
      });
    },
    rename: (name, newName) => people.get(name).room.localParticipant.setName(newName),
    sendChat: (name, text) =>
      people.get(name).room.localParticipant.sendText(text, { topic: 'lk.chat' }),
    messagesOf: (name) => people.get(name).messages,
    seenBy: (name) =>
      [...people.get(name).room.remoteParticipants.values()].map((one) => ({
        name: one.name || one.identity,
        isMicrophoneOn: one.isMicrophoneEnabled,
        isCameraOn: one.isCameraEnabled,
      })),
    async leave(name) {
      await people.get(name).room.disconnect();
      people.delete(name);
    },
    isBack: (name) =>
      new Promise((resolve) => {
        const { room } = people.get(name);
        if (room.state === 'connected') resolve();
        else room.once(RoomEvent.Reconnected, () => resolve());
      }),
  };
})();
