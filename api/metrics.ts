import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type ApiMetrics = ReturnType<typeof createMetrics>;

/** What `/metrics` tells. Routes are patterns, so that ids never become labels. */
export function createMetrics(count: { followers(): number; waitingReads(): number }) {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'api_request_duration_seconds',
      help: 'Time from a request to its answer; long polls are as long as their wait.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3, 10, 30],
      registers,
    }),
    chunks: new Counter({
      name: 'api_chunks_total',
      help: 'Audio chunks by what became of them.',
      labelNames: ['result'],
      registers,
    }),
    sockets: new Gauge({ name: 'api_sockets', help: 'Open WebSockets.', registers }),
    followers: new Gauge({
      name: 'api_followers',
      help: 'Followers of meetings: subscriptions and waiting long polls.',
      registers,
      collect() {
        this.set(count.followers());
      },
    }),
    waitingReads: new Gauge({
      name: 'api_waiting_reads',
      help: 'Requests of people and their programs that wait for something new.',
      registers,
      collect() {
        this.set(count.waitingReads());
      },
    }),
    eventsSent: new Counter({
      name: 'api_socket_events_total',
      help: 'Events sent over WebSockets.',
      registers,
    }),
    socketCloses: new Counter({
      name: 'api_socket_closes_total',
      help: 'WebSockets this side closed, by code.',
      labelNames: ['code'],
      registers,
    }),
  };
}
