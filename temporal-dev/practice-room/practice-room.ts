import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { WebSocketServer, type WebSocket } from 'ws';
import { clientMessageSchema } from './messages';
import { Room, type Connection } from './room';

const ROOM_ID = /^[a-z0-9][a-z0-9-]{2,63}$/;
const SOCKET_PATH = /^\/r\/([^/]+)\/socket$/;
const MAX_MESSAGE_BYTES = 256 * 1024;
const PAGE_FOLDER = join(__dirname, 'page');
const PING_INTERVAL_MS = 10_000;
/** Pages that lost the server try again every 3 s at the latest. */
const REUNION_MS = 10_000;

export interface PracticeRoomOptions {
  host: string;
  port: number;
  /** How long an empty room is remembered. */
  forgetAfterMs: number;
  /** How long a page whose socket broke may stay away before it counts as gone. */
  absenceMs: number;
}

export interface PracticeRoom {
  url: string;
  close(): Promise<void>;
}

/** Serves the practice room: its pages, and the sockets that its pages meet over. */
export async function startPracticeRoom(options: PracticeRoomOptions): Promise<PracticeRoom> {
  const rooms = new Map<string, Room>();
  const startedAtMs = performance.now();
  const roomOptions = {
    absenceMs: options.absenceMs,
    isReunion: () => performance.now() - startedAtMs < REUNION_MS,
  };
  const server = createServer(createPages(rooms));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const roomId = SOCKET_PATH.exec((request.url ?? '').split('?')[0] ?? '')?.[1];
    if (!roomId || !ROOM_ID.test(roomId) || !isOwnPage(request, options.host))
      return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      let room = rooms.get(roomId);
      if (!room) rooms.set(roomId, (room = new Room(roomOptions)));
      serveSocket(webSocket, room);
    });
  });
  const sweep = setInterval(() => forgetEmptyRooms(rooms, options.forgetAfterMs), 1_000);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    close: async () => {
      clearInterval(sweep);
      for (const room of rooms.values()) room.close();
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createPages(rooms: Map<string, Room>): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/health', (_request, response) => {
    response.json({ status: 'ok', rooms: rooms.size });
  });
  app.use('/assets', express.static(PAGE_FOLDER));
  app.get('/', (_request, response) => response.sendFile(join(PAGE_FOLDER, 'home.html')));
  app.get('/r/:roomId', (request, response) => {
    if (ROOM_ID.test(request.params.roomId)) {
      return response.sendFile(join(PAGE_FOLDER, 'room.html'));
    }
    return response.status(404).sendFile(join(PAGE_FOLDER, 'not-found.html'));
  });
  app.use((_request, response) => {
    response.status(404).sendFile(join(PAGE_FOLDER, 'not-found.html'));
  });
  return app;
}

function serveSocket(socket: WebSocket, room: Room): void {
  let participantId: string | null = null;
  let isAlive = true;
  const connection: Connection = {
    send: (message) => socket.send(JSON.stringify(message)),
    close: () => socket.close(),
  };
  const pinger = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  }, PING_INTERVAL_MS);
  socket.on('pong', () => (isAlive = true));
  socket.on('message', (data) => {
    const message = parseMessage(String(data));
    if (!message) return socket.close(1003, 'Expected a message of the practice room');
    if (message.type !== 'join') {
      return room.receive(connection, message);
    }
    participantId ??= message.participantId;
    if (participantId === message.participantId) room.join(message, connection);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearInterval(pinger);
    room.disconnected(connection);
  });
}

function parseMessage(text: string) {
  try {
    return clientMessageSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Another site open in the same browser must not be able to walk into a room. The Host header says
 * nothing: a page that rebinds its name to this machine controls that one.
 */
function isOwnPage({ headers: { origin }, socket }: IncomingMessage, host: string): boolean {
  if (origin === undefined) return true;
  return [host, '127.0.0.1', 'localhost'].some(
    (name) => origin === `http://${name}:${socket.localPort}`,
  );
}

function forgetEmptyRooms(rooms: Map<string, Room>, forgetAfterMs: number): void {
  for (const [id, room] of rooms) {
    if (room.emptySinceMs !== null && Date.now() - room.emptySinceMs > forgetAfterMs)
      rooms.delete(id);
  }
}

function listen(server: Server, { host, port }: PracticeRoomOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
