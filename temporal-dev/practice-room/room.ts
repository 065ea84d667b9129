import { randomUUID } from 'node:crypto';
import type { ClientMessage, ParticipantView, ServerMessage } from './messages';

/** The part of a socket a room needs. */
export interface Connection {
  send(message: ServerMessage): void;
  close(): void;
}

interface Participant {
  id: string;
  secret: string;
  name: string;
  isHost: boolean;
  isAdmitted: boolean;
  muted: boolean;
  connection: Connection | null;
  /** Runs out when a page whose socket broke does not come back. */
  absence: NodeJS.Timeout | null;
}

type JoinMessage = Extract<ClientMessage, { type: 'join' }>;

export interface RoomOptions {
  /** How long a page whose socket broke may stay away before it counts as gone. */
  absenceMs: number;
  /** Right after a restart of the server, when pages come back that no room remembers. */
  isReunion(): boolean;
}

const CHAT_KEPT = 200;

/** One call: who is in it, who waits, what was written. The first one in is the host. */
export class Room {
  private readonly participants = new Map<string, Participant>();
  private readonly chat: Extract<ServerMessage, { type: 'chat' }>[] = [];
  private waitingRoomIsOn = false;
  private hasEnded = false;
  emptySinceMs: number | null = Date.now();

  constructor(private readonly options: RoomOptions) {}

  join(message: JoinMessage, connection: Connection): void {
    if (this.hasEnded) return closeWith(connection, 'ended');
    const known = this.participants.get(message.participantId);
    if (known) return this.comeBack(known, message, connection);
    const isFirst = this.admitted().length === 0;
    if (isFirst && message.wantsWaitingRoom) this.waitingRoomIsOn = true;
    // After a restart of the server the pages are the only memory, so their word is taken then.
    const claim = this.options.isReunion() ? message.resume : undefined;
    const participant: Participant = {
      id: message.participantId,
      secret: message.secret,
      name: message.name,
      isHost: claim?.isHost ?? isFirst,
      isAdmitted: claim?.isAdmitted ?? (isFirst || !this.waitingRoomIsOn),
      muted: message.muted,
      connection,
      absence: null,
    };
    this.participants.set(participant.id, participant);
    this.emptySinceMs = null;
    if (participant.isAdmitted) this.sendChatSoFar(participant);
    else connection.send({ type: 'waiting' });
    this.publish();
  }

  /** The socket of a page broke: it has a while to come back before it counts as gone. */
  disconnected(connection: Connection): void {
    const participant = this.findByConnection(connection);
    if (!participant) return;
    participant.connection = null;
    participant.absence = setTimeout(() => this.drop(participant), this.options.absenceMs);
    this.publish();
  }

  /** A socket speaks only for the participant it is the connection of. */
  receive(connection: Connection, message: Exclude<ClientMessage, { type: 'join' }>): void {
    const sender = this.findByConnection(connection);
    if (!sender) return;
    if (message.type === 'leave') return this.drop(sender);
    if (!sender.isAdmitted) return;
    switch (message.type) {
      case 'mute':
        sender.muted = message.muted;
        return this.publish();
      case 'chat':
        return this.say(sender, message.text);
      case 'signal': {
        const receiver = this.participants.get(message.to);
        receiver?.connection?.send({ type: 'signal', from: sender.id, data: message.data });
        return;
      }
      default:
        if (sender.isHost) this.obeyHost(message);
    }
  }

  end(): void {
    this.hasEnded = true;
    for (const participant of [...this.participants.values()]) this.sendAway(participant, 'ended');
  }

  close(): void {
    for (const participant of this.participants.values()) {
      if (participant.absence) clearTimeout(participant.absence);
    }
  }

  private obeyHost(
    message: Extract<
      ClientMessage,
      { type: 'admit' | 'refuse' | 'remove' | 'set-waiting-room' | 'end' }
    >,
  ): void {
    if (message.type === 'end') return this.end();
    if (message.type === 'set-waiting-room') {
      this.waitingRoomIsOn = message.isOn;
      return this.publish();
    }
    const target = this.participants.get(message.participantId);
    if (!target) return;
    if (message.type === 'remove' && target.isAdmitted) return this.sendAway(target, 'removed');
    if (target.isAdmitted) return;
    if (message.type === 'refuse') return this.sendAway(target, 'refused');
    target.isAdmitted = true;
    this.sendChatSoFar(target);
    this.publish();
  }

  private comeBack(known: Participant, message: JoinMessage, connection: Connection): void {
    if (known.secret !== message.secret) return connection.close();
    if (known.absence) clearTimeout(known.absence);
    if (known.connection) closeWith(known.connection, 'replaced');
    Object.assign(known, { absence: null, connection, name: message.name, muted: message.muted });
    if (!known.isAdmitted) connection.send({ type: 'waiting' });
    this.publish();
  }

  private say(sender: Participant, text: string): void {
    const message = {
      type: 'chat' as const,
      id: randomUUID(),
      fromId: sender.id,
      fromName: sender.name,
      text,
      atMs: Date.now(),
    };
    this.chat.push(message);
    if (this.chat.length > CHAT_KEPT) this.chat.shift();
    for (const participant of this.admitted()) participant.connection?.send(message);
  }

  private sendChatSoFar(participant: Participant): void {
    for (const message of this.chat) participant.connection?.send(message);
  }

  private sendAway(participant: Participant, why: 'refused' | 'removed' | 'ended'): void {
    const { connection } = participant;
    this.drop(participant);
    if (connection) closeWith(connection, why);
  }

  private drop(participant: Participant): void {
    if (participant.absence) clearTimeout(participant.absence);
    this.participants.delete(participant.id);
    const heir = this.admitted()[0];
    if (participant.isHost && heir && !this.admitted().some((one) => one.isHost))
      heir.isHost = true;
    if (this.participants.size === 0) this.emptySinceMs = Date.now();
    this.publish();
  }

  private findByConnection(connection: Connection): Participant | undefined {
    return [...this.participants.values()].find((each) => each.connection === connection);
  }

  private admitted(): Participant[] {
    return [...this.participants.values()].filter((participant) => participant.isAdmitted);
  }

  private publish(): void {
    const participants = this.admitted().map(viewParticipant);
    const waiting = [...this.participants.values()]
      .filter((participant) => !participant.isAdmitted)
      .map(({ id, name }) => ({ id, name }));
    for (const participant of this.admitted()) {
      participant.connection?.send({
        type: 'room',
        selfId: participant.id,
        participants,
        waiting: participant.isHost ? waiting : [],
        waitingRoomIsOn: this.waitingRoomIsOn,
      });
    }
  }
}

function viewParticipant(participant: Participant): ParticipantView {
  const { id, name, isHost, muted } = participant;
  return { id, name, isHost, muted, isConnected: participant.connection !== null };
}

function closeWith(
  connection: Connection,
  why: 'refused' | 'removed' | 'ended' | 'replaced',
): void {
  connection.send({ type: 'closed', why });
  connection.close();
}
