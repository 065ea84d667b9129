import type { Doorbell } from '../../infra/doorbell';
import { readCommandsOfMany } from '../../infra/database/commands';
import { readEvents, type ReadEvent } from '../../infra/database/events';
import { findDeletedMeetings } from '../../infra/database/meeting-records';
import type { BotCommand } from '../../domain/bot-api';
import { DEFAULT_LIMITS, type ApiDeps } from '../deps';
import { LiveReader } from './live-reader';
import { LogWatch } from './log-watch';
import { createWaitingReads, type WaitingReads } from './waiting-reads';

/** Follows meetings' cursors: for `/ws` and both long polls. Keys are meeting ids. */
export type EventReader = LiveReader<ReadEvent>;
/** Follows bots' commands. Keys are attempts' row ids. */
export type CommandReader = LiveReader<BotCommand>;

export interface LiveReaders {
  events: EventReader;
  commands: CommandReader;
  /** For those who wait for any of a user's meetings. */
  log: LogWatch;
  waiting: WaitingReads;
  /** Ends all followers and listens to no more doorbells. */
  stop(): void;
}

/** The process's live readers, listening to their doorbells. */
export function createLiveReaders(deps: ApiDeps): LiveReaders {
  const { database, doorbell, logger } = deps;
  const { lookIntervalMs } = { ...DEFAULT_LIMITS, ...deps.limits };
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'live read failed; followers are read again at the next look');
  };
  const events: EventReader = new LiveReader({
    lookIntervalMs,
    onError,
    async read(positions, limit) {
      const rows = await readEvents(database, positions.map(toMeetingPosition), limit);
      return rows.map((item) => ({ key: item.meetingId, item }));
    },
    findDeleted: (meetingIds) => findDeletedMeetings(database, meetingIds),
  });
  const commands: CommandReader = new LiveReader({
    lookIntervalMs,
    onError,
    async read(positions, limit) {
      const wanted = positions.map(({ key, after }) => ({ attemptId: key, after }));
      const rows = await readCommandsOfMany(database, wanted, limit);
      return rows.map(({ attemptId, ...item }) => ({ key: attemptId, item }));
    },
  });
  const log = new LogWatch({ database, doorbell, logger, lookIntervalMs });
  const silence = [listenTo(doorbell, 'meeting', events), listenTo(doorbell, 'commands', commands)];
  return {
    events,
    commands,
    log,
    waiting: createWaitingReads(deps.config),
    stop() {
      log.stop();
      for (const stopListening of silence) stopListening();
      events.stop();
      commands.stop();
    },
  };
}

function listenTo(
  doorbell: Doorbell,
  channel: 'meeting' | 'commands',
  reader: { ring(meetingId: number): void },
): () => void {
  return doorbell.listen(channel, (meetingId) => reader.ring(meetingId));
}

function toMeetingPosition({ key, after }: { key: number; after: number }): {
  meetingId: number;
  after: number;
} {
  return { meetingId: key, after };
}
