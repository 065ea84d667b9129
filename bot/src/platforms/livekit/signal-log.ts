import {
  DisconnectReason,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
  SignalResponse,
  type ParticipantInfo,
} from '@livekit/protocol';
import type { Page, Response, WebSocket } from 'playwright-core';
import type { EndReason } from '../../../../domain/end-reasons';
import type { PersonInCall } from '../platform';

/** The server answers each ping of the client; two that stay away are a connection that hangs. */
const PINGS_MISSED = 2;
const USUAL_PING_MS = 5_000;

const REASONS: Partial<Record<DisconnectReason, EndReason>> = {
  [DisconnectReason.PARTICIPANT_REMOVED]: 'removed',
  // Somebody came with the same identity: whoever holds the token wants that one.
  [DisconnectReason.DUPLICATE_IDENTITY]: 'removed',
  [DisconnectReason.ROOM_DELETED]: 'meeting_ended',
  [DisconnectReason.ROOM_CLOSED]: 'meeting_ended',
  [DisconnectReason.JOIN_FAILURE]: 'join_failed',
};

/**
 * What LiveKit's server tells the page. The page itself shows neither whose track is whose nor why
 * it was sent away, so its own signalling is the second sign.
 */
export class SignalLog {
  private readonly people = new Map<string, ParticipantInfo>();
  private self: string | null = null;
  private pingMs = USUAL_PING_MS;
  private heardAtMs = 0;
  private isOpen = false;
  /** Why the server sent the client away, or did not let it in. */
  dismissal: EndReason | null = null;

  constructor(page: Page) {
    page.on('websocket', (socket) => this.follow(socket));
    page.on('response', (response) => this.readAnswer(response));
  }

  /** Whether the room was ever entered, as far as the server is heard. */
  get hasJoined(): boolean {
    return this.self !== null;
  }

  isConnected(nowMs: number): boolean {
    return this.isOpen && nowMs - this.heardAtMs < PINGS_MISSED * this.pingMs;
  }

  listPeople(): PersonInCall[] {
    return [...this.people.values()].map(({ sid, name, identity }) => ({
      key: sid,
      name: name || identity,
      isHost: false,
      isSelf: sid === this.self,
    }));
  }

  private follow(socket: WebSocket): void {
    if (!/\/rtc(\/v\d+)?\/?(\?|$)/.test(socket.url())) return;
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string') this.take(payload);
    });
    socket.on('close', () => (this.isOpen = false));
  }

  private take(payload: Uint8Array): void {
    const message = parse(payload)?.message;
    if (!message) return;
    this.heardAtMs = Date.now();
    this.isOpen = true;
    if (message.case === 'join') {
      const { participant, otherParticipants, pingInterval } = message.value;
      this.dismissal = null;
      this.people.clear();
      this.self = participant?.sid ?? null;
      if (pingInterval > 0) this.pingMs = pingInterval * 1000;
      this.update([...(participant ? [participant] : []), ...otherParticipants]);
    }
    if (message.case === 'update') this.update(message.value.participants);
    if (message.case === 'leave') this.dismissal = REASONS[message.value.reason] ?? null;
  }

  private update(participants: ParticipantInfo[]): void {
    for (const one of participants) {
      const isGone = one.state === ParticipantInfo_State.DISCONNECTED;
      // Recorders of the server itself are nobody.
      if (isGone || one.kind === ParticipantInfo_Kind.EGRESS) this.people.delete(one.sid);
      else this.people.set(one.sid, one);
    }
  }

  /** A refused client asks the same server by HTTP why. */
  private readAnswer(response: Response): void {
    if (!/\/rtc(\/v\d+)?\/validate(\?|$)/.test(response.url())) return;
    const status = response.status();
    if (status === 401 || status === 403) this.dismissal = 'passcode_wrong';
    if (status !== 404) return;
    // A server that is older than the client answers so as well; the client then asks otherwise.
    response.text().then(
      (text) => {
        if (text.includes('room does not exist')) this.dismissal = 'meeting_not_found';
      },
      () => undefined,
    );
  }
}

function parse(payload: Uint8Array): SignalResponse | null {
  try {
    return SignalResponse.fromBinary(payload);
  } catch {
    return null;
  }
}
