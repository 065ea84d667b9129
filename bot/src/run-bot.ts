import type { Logger } from 'pino';
import { BOT_EXIT_CODES, type BotCommand } from '../../domain/bot-api';
import { createApiClient, SupersededError, type ApiClient } from './api/api-client';
import { measureServerClock } from './api/server-clock';
import { Attendance } from './attend-meeting';
import { loadVoiceDetectors } from './audio/vad';
import { followCommands } from './commands';
import type { BotConfig } from './config';
import { EndingDecision, terminalStateFor } from './ending';
import { keepBeating } from './heartbeat';
import { MeetingRecorder } from './meeting-recorder';
import { Reporter } from './reporter';
import { Spool } from './spool/spool';
import { Uploader } from './spool/uploader';

/** How long leaving may wait for the API to take what was heard. */
const FLUSH_MS = 15 * 60_000;
/** How long the last report is tried when the API is down. */
const LAST_REPORT_MS = 15 * 60_000;
const HURRIED_MS = 5_000;

export interface RunBotOptions {
  config: BotConfig;
  logger: Logger;
  /** The machine asks the bot to go. */
  evicted: AbortSignal;
  /** The machine asks again: only what takes seconds is still done. */
  hurried: AbortSignal;
}

/** One attempt from assignment to terminal report; resolves with the exit code. */
export async function runBot(options: RunBotOptions): Promise<number> {
  const { config, logger } = options;
  const spool = await Spool.open(config.spoolDir);
  if (spool.state.hasReportedEnd) return BOT_EXIT_CODES.reported;
  const api = createApiClient({ apiUrl: config.apiUrl, token: config.secrets.token, logger });
  try {
    return await runAttempt(options, spool, api);
  } catch (error) {
    if (error instanceof SupersededError) return BOT_EXIT_CODES.superseded;
    logger.error({ error }, 'attempt failed before it could report');
    return BOT_EXIT_CODES.unreported;
  }
}

async function runAttempt(options: RunBotOptions, spool: Spool, api: ApiClient): Promise<number> {
  const { hurried } = options;
  const parts = await prepareAttempt(options, spool, api);
  const { uploader, attendance, recorder, decision, reporter, ending, logger, clock } = parts;
  const running = new AbortController();
  const { signal } = running;
  const count = () => ({
    atMs: Math.round(clock.nowMs()),
    spooledChunks: uploader.pending,
    acknowledgedChunks: uploader.acknowledged,
  });
  const { onSuperseded } = ending;
  void keepBeating({ send: api.sendHeartbeat, count, onSuperseded, signal });
  const obey = (command: BotCommand['command']) => attendance.obey(command);
  void followCommands({ api, spool, obey, onSuperseded, signal, logger });
  await attendance.run();
  await recorder.close();
  await flush({ uploader, attendance, hurried });
  if (ending.isSuperseded()) return BOT_EXIT_CODES.superseded;
  const isReported = await reportEnd({ decision, attendance, reporter, spool, hurried });
  running.abort();
  if (ending.isSuperseded()) return BOT_EXIT_CODES.superseded;
  return isReported ? BOT_EXIT_CODES.reported : BOT_EXIT_CODES.unreported;
}

/** Asks for the assignment and puts together what serves it. */
async function prepareAttempt(options: RunBotOptions, spool: Spool, api: ApiClient) {
  const { config, evicted } = options;
  const assignment = await api.getAssignment(evicted);
  const { meetingId, attempt, clockOriginMs } = assignment;
  const logger = options.logger.child({ meetingId, attempt });
  const clock = await measureServerClock(api.getTime);
  const decision = new EndingDecision();
  evicted.addEventListener('abort', () => decision.end('evicted'), { once: true });
  if (evicted.aborted) decision.end('evicted');
  const ending = watchForSuccessor(decision);
  const { onSuperseded } = ending;
  const uploader = new Uploader({ spool, api, logger, onSuperseded });
  for (const entry of await spool.list()) uploader.enqueue(entry);
  if (clockOriginMs !== null) uploader.start(clockOriginMs);
  const onClockOrigin = (originMs: number) => uploader.start(originMs);
  const reporter = new Reporter({ api, spool, clock, logger, onClockOrigin, onSuperseded });
  const recorder = new MeetingRecorder({
    spool,
    clock,
    createDetector: await loadVoiceDetectors(),
    onChunk: (entry) => uploader.enqueue(entry),
    logger,
  });
  const serving = { assignment, api, clock, reporter, recorder, decision, logger };
  const attendance = new Attendance({ ...config, ...serving });
  return { ...serving, attendance, uploader, ending };
}

/** A newer attempt may take this one's place at any time: then it goes without a word. */
function watchForSuccessor(decision: EndingDecision) {
  let hasSuccessor = false;
  return {
    onSuperseded: () => {
      hasSuccessor = true;
      decision.end('superseded');
    },
    isSuperseded: () => hasSuccessor,
  };
}

async function flush(parts: {
  uploader: Uploader;
  attendance: Attendance;
  hurried: AbortSignal;
}): Promise<void> {
  const enough = AbortSignal.any([AbortSignal.timeout(FLUSH_MS), parts.hurried]);
  await parts.uploader.drain(enough);
  const aborted = new Promise<void>((resolve) => {
    if (enough.aborted) resolve();
    enough.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([parts.attendance.idle(), aborted]);
}

/** Per track the last chunk there is, also when it could not be sent: then it counts as missing. */
async function findLastSeqs(spool: Spool): Promise<Record<string, number>> {
  const lastSeqs = { ...spool.state.acknowledgedSeqs };
  for (const { track, seq } of await spool.list()) {
    lastSeqs[track] = Math.max(lastSeqs[track] ?? 0, seq);
  }
  return lastSeqs;
}

async function reportEnd(parts: {
  decision: EndingDecision;
  attendance: Attendance;
  reporter: Reporter;
  spool: Spool;
  hurried: AbortSignal;
}): Promise<boolean> {
  const { decision, attendance, reporter, spool, hurried } = parts;
  const { reason: decided, detail } = decision.ending ?? { reason: 'unknown' as const };
  const reason =
    decided === 'stopped' && !attendance.hasBeenIn ? 'stopped_before_admission' : decided;
  const lastSeqs = await findLastSeqs(spool);
  const giveUp = new AbortController();
  const timers = [setTimeout(() => giveUp.abort(), LAST_REPORT_MS)];
  const hurry = () => timers.push(setTimeout(() => giveUp.abort(), HURRIED_MS));
  if (hurried.aborted) hurry();
  hurried.addEventListener('abort', hurry, { once: true });
  const content = { reason, lastSeqs, ...(detail !== undefined && { detail }) };
  const isReported = await reporter.reportEnd(terminalStateFor(reason), content, giveUp.signal);
  for (const timer of timers) clearTimeout(timer);
  return isReported;
}
