import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
}

/** A program that takes webhooks on this machine, as a user's own would. */
export interface WebhookConsumer {
  url: string;
  /** The next one that comes, or came and was not asked for yet. */
  next(): Promise<ReceivedWebhook>;
  /** What it answers from now on. */
  answer(status: number): void;
  close(): Promise<void>;
}

export async function startWebhookConsumer(): Promise<WebhookConsumer> {
  const received: ReceivedWebhook[] = [];
  const waiting: ((webhook: ReceivedWebhook) => void)[] = [];
  let status = 204;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const webhook = {
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      const waiter = waiting.shift();
      if (waiter) waiter(webhook);
      else received.push(webhook);
      response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    next() {
      const webhook = received.shift();
      if (webhook) return Promise.resolve(webhook);
      return new Promise((resolve) => waiting.push(resolve));
    },
    answer(next) {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
