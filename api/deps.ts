import type { Logger } from 'pino';
import type { AudioStore } from '../infra/audio-store';
import type { ApiConfig } from '../infra/config';
import type { Database } from '../infra/database/client';
import type { Doorbell } from '../infra/doorbell';
import type { MeetingClient } from '../infra/meeting-client';
import type { Carriers } from '../infra/schedules/carriers';
import type { RateCounters } from '../infra/rate-counters';
import type { SpeechSynthesiser } from '../infra/tts';

/** Durations in milliseconds and limits that tests shorten. */
export interface ApiLimits {
  /** How often followers look by themselves, whether or not a doorbell rang. */
  lookIntervalMs: number;
  /** From the opening of a WebSocket to its `auth`. */
  authTimeoutMs: number;
  /** Between two pings; a socket that answers none is dropped at the next. */
  pingIntervalMs: number;
  /** Bytes that may wait for a slow reader before it gets no more for now. */
  socketBufferBytes: number;
  /** How long a socket may stay that full before it is closed. */
  slowReaderMs: number;
  /** Meetings one socket or MCP session may follow. */
  subscriptionsPerSocket: number;
  /** How long an MCP session lasts that nobody uses. */
  mcpIdleMs: number;
  /** How long an MCP stream stays open before its client must show its token again. */
  mcpStreamMs: number;
  /** MCP sessions of one user in this process; one more ends the one unused for longest. */
  mcpSessionsPerUser: number;
}

export const DEFAULT_LIMITS: ApiLimits = {
  lookIntervalMs: 2_000,
  authTimeoutMs: 5_000,
  pingIntervalMs: 20_000,
  socketBufferBytes: 1024 * 1024,
  slowReaderMs: 15_000,
  subscriptionsPerSocket: 100,
  mcpIdleMs: 30 * 60_000,
  mcpStreamMs: 5 * 60_000,
  mcpSessionsPerUser: 20,
};

/** Everything the API stands on; `server.ts` builds it, tests build their own. */
export interface ApiDeps {
  config: ApiConfig;
  database: Database;
  doorbell: Doorbell;
  audioStore: AudioStore;
  meetingClient: MeetingClient;
  /** The Temporal Schedules of schedules. */
  carriers: Pick<Carriers, 'follow' | 'remove'>;
  /** Turns text into speech; null when the installation has nothing that does. */
  speech: SpeechSynthesiser | null;
  /** Counts requests for all replicas; null where there is one process only. */
  rateCounters: RateCounters | null;
  logger: Logger;
  limits?: Partial<ApiLimits>;
}
