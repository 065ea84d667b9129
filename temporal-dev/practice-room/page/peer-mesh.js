/**
 * One RTCPeerConnection per other participant, by "perfect negotiation"
 * (https://www.w3.org/TR/webrtc/#perfect-negotiation-example). Only the smaller id opens the
 * connection, so that a pair never ends up with two audio lines.
 */
export class PeerMesh {
  #selfId;
  #send;
  #onStream;
  #peers = new Map();
  #track = null;
  #stream = new MediaStream();

  constructor({ selfId, send, onStream }) {
    this.#selfId = selfId;
    this.#send = send;
    this.#onStream = onStream;
  }

  /** Opens connections to those who came and closes those of who left. */
  update(participantIds) {
    const others = new Set(participantIds.filter((id) => id !== this.#selfId));
    for (const [id, peer] of this.#peers) {
      if (others.has(id)) continue;
      peer.connection.close();
      this.#peers.delete(id);
    }
    for (const id of others) if (!this.#peers.has(id)) this.#open(id);
  }

  async setTrack(track) {
    this.#track = track;
    for (const peer of this.#peers.values()) await peer.transceiver?.sender.replaceTrack(track);
  }

  async receive(from, data) {
    const peer = this.#peers.get(from) ?? this.#open(from);
    const { connection } = peer;
    if (data.description) {
      const isOffer = data.description.type === 'offer';
      const collides = isOffer && (peer.isOffering || connection.signalingState !== 'stable');
      peer.ignoresOffer = collides && !peer.isPolite;
      if (peer.ignoresOffer) return;
      await connection.setRemoteDescription(data.description);
      if (!isOffer) return;
      await this.#adoptTransceiver(peer);
      await connection.setLocalDescription();
      this.#signal(from, { description: connection.localDescription });
      return;
    }
    try {
      await connection.addIceCandidate(data.candidate);
    } catch (error) {
      if (!peer.ignoresOffer) throw error;
    }
  }

  /** How loud a participant is heard, 0 to 1. */
  level(id) {
    const receiver = this.#peers.get(id)?.connection.getReceivers()[0];
    return receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  close() {
    this.update([]);
  }

  #open(id) {
    const connection = new RTCPeerConnection({ iceServers: [] });
    const opens = this.#selfId < id;
    const peer = { connection, isPolite: !opens, isOffering: false, ignoresOffer: false };
    this.#peers.set(id, peer);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.#signal(id, { candidate });
    };
    connection.ontrack = ({ track, streams }) => {
      this.#onStream(id, streams[0] ?? new MediaStream([track]));
    };
    connection.oniceconnectionstatechange = () => {
      if (connection.iceConnectionState === 'failed') connection.restartIce();
    };
    connection.onnegotiationneeded = async () => {
      try {
        peer.isOffering = true;
        await connection.setLocalDescription();
        this.#signal(id, { description: connection.localDescription });
      } finally {
        peer.isOffering = false;
      }
    };
    if (opens) {
      peer.transceiver = connection.addTransceiver(this.#track ?? 'audio', {
        direction: 'sendrecv',
        streams: [this.#stream],
      });
    }
    return peer;
  }

  async #adoptTransceiver(peer) {
    if (peer.transceiver) return;
    const [transceiver] = peer.connection.getTransceivers();
    if (!transceiver) return;
    peer.transceiver = transceiver;
    transceiver.direction = 'sendrecv';
    transceiver.sender.setStreams(this.#stream);
    await transceiver.sender.replaceTrack(this.#track);
  }

  #signal(to, data) {
    this.#send({ type: 'signal', to, data });
  }
}
