import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a consumer of webhooks got. */
export interface ReceivedMessage {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: {
    id: string;
    type: string;
    timestamp: string;
    data: {
      meetingId: number;
      seq: number;
      segments?: { seq: number; text: string }[];
      text?: string;
    };
  };
}

type Answer = (message: ReceivedMessage, response: ServerResponse) => void;

/** A consumer on this machine that keeps all it gets and answers as the test says. */
export interface WebhookConsumer {
  url: string;
  host: string;
  received: ReceivedMessage[];
  /** Says yes unless it is told otherwise. */
  answer: Answer;
  /** Resolves once it has received what the test waits for. */
  until(isTrue: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startConsumer(): Promise<WebhookConsumer> {
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      const body = JSON.parse(text) as ReceivedMessage['body'];
      const message = { path: request.url ?? '', headers: request.headers, text, body };
      consumer.received.push(message);
      consumer.answer(message, response);
      for (const wake of waiting) wake();
      waiting.clear();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const consumer: WebhookConsumer = {
    url: `http://127.0.0.1:${port}`,
    host: '127.0.0.1',
    received: [],
    answer: (_message, response) => void response.writeHead(204).end(),
    async until(isTrue) {
      while (!isTrue()) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return consumer;
}
