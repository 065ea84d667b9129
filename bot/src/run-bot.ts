import type { Logger } from 'pino';
import { BOT_EXIT_CODES, type BotCommand, type BotHeartbeat } from '../../domain/bot-api';
import { createApiClient, SupersededError, type ApiClient } from './api/api-client';
import { measureServerClock } from './api/server-clock';
import { Attendance } from './attend-meeting';
import { loadVoiceDetectors } from './audio/vad';
import { CommandLoop } from './commands';
import { flush, reportEnd } from './conclude-attempt';
import type { BotConfig } from './config';
import { EndingDecision } from './ending';
import { keepBeating } from './heartbeat';
import { MeetingRecorder } from './meeting-recorder';
import { openRecording } from './recording/meeting-recording';
import { Reporter } from './reporter';
import { Spool } from './spool/spool';
import { Uploader } from './spool/uploader';

/** How long a bot that never began says so when it is told to go. */
const LAST_WORD_MS = 8_000;
/** Longer than a busy page takes to answer, shorter than anybody may be missed. */
const LONGEST_SILENCE_MS = 10_000;

export interface RunBotOptions {
  config: BotConfig;
  logger: Logger;
  /** The machine asks the bot to go. */
  evicted: AbortSignal;
  /** Little time is left: only what takes seconds is still done. */
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
    if (options.evicted.aborted) return reportEarlyEviction(options, spool, api);
    logger.error({ error }, 'attempt failed before it could report');
    return BOT_EXIT_CODES.unreported;
  }
}

/** The machine wanted the bot to go before it had begun. */
async function reportEarlyEviction(
  { logger }: RunBotOptions,
  spool: Spool,
  api: ApiClient,
): Promise<number> {
  const ignore = () => undefined;
  // Nothing was measured yet: this moment by the machine's own clock is as good as can be had.
  const clock = { nowMs: () => Date.now() };
  const outcome = { onClockOrigin: ignore, onSuperseded: ignore };
  const reporter = new Reporter({ api, spool, clock, logger, ...outcome });
  const signal = AbortSignal.timeout(LAST_WORD_MS);
  const isReported = await reporter.reportEnd(
    'failed',
    { reason: 'evicted', lastSeqs: {} },
    signal,
  );
  return isReported ? BOT_EXIT_CODES.reported : BOT_EXIT_CODES.unreported;
}

async function runAttempt(options: RunBotOptions, spool: Spool, api: ApiClient): Promise<number> {
  const { hurried } = options;
  const parts = await prepareAttempt(options, spool, api);
  const { attendance, recorder, ending, logger } = parts;
  const running = new AbortController();
  const { signal } = running;
  const { onSuperseded } = ending;
  const count = () => countLife(parts);
  void keepBeating({ send: api.sendHeartbeat, count, onSuperseded, signal });
  const obey = (command: BotCommand) => attendance.obey(command);
  const commands = new CommandLoop({ api, spool, obey, onSuperseded, signal, logger });
  void commands.run();
  await attendance.run();
  await recorder.close();
  await flush({ ...parts, commands, hurried });
  if (ending.isSuperseded()) return BOT_EXIT_CODES.superseded;
  const isReported = await reportEnd({ ...parts, spool, hurried });
  running.abort();
  if (ending.isSuperseded()) return BOT_EXIT_CODES.superseded;
  return isReported ? BOT_EXIT_CODES.reported : BOT_EXIT_CODES.unreported;
}

type AttemptParts = Awaited<ReturnType<typeof prepareAttempt>>;

/** A bot whose page does not answer is not alive in the meeting, whatever its process says. */
function countLife(parts: AttemptParts): BotHeartbeat | null {
  const { attendance, clock, decision, recorder, uploader } = parts;
  const { silentMs } = attendance.pulse;
  const isSilent = silentMs !== null && silentMs > LONGEST_SILENCE_MS;
  if (isSilent && attendance.hasBeenIn && !decision.ending) return null;
  return {
    atMs: Math.round(clock.nowMs()),
    spooledChunks: uploader.pending,
    acknowledgedChunks: uploader.acknowledged,
    ...(silentMs !== null && { pageSilentMs: Math.round(silentMs) }),
    ...(attendance.hasSentEntryMessage && { hasSentEntryMessage: true }),
    ...recorder.counters,
  };
}

/** Asks for the assignment and puts together what serves it. */
async function prepareAttempt(options: RunBotOptions, spool: Spool, api: ApiClient) {
  const { config, evicted } = options;
  const assignment = await api.getAssignment(evicted);
  const { meetingId, attempt, clockOriginMs } = assignment;
  const logger = options.logger.child({ meetingId, attempt });
  const clock = await measureServerClock(api.getTime, evicted);
  const decision = new EndingDecision();
  evicted.addEventListener('abort', () => decision.end('evicted'), { once: true });
  if (evicted.aborted) decision.end('evicted');
  const ending = watchForSuccessor(decision);
  const { onSuperseded } = ending;
  const uploader = new Uploader({ spool, api, logger, onSuperseded });
  for (const entry of await spool.list()) uploader.enqueue(entry);
  const onClockOrigin = (originMs: number) => {
    uploader.start(originMs);
    if (spool.state.clockOriginMs === originMs) return;
    spool.updateState({ clockOriginMs: originMs }).catch((error: unknown) => {
      logger.error({ error }, 'clock origin cannot be remembered');
    });
  };
  if (clockOriginMs !== null) onClockOrigin(clockOriginMs);
  const reporter = new Reporter({ api, spool, clock, logger, onClockOrigin, onSuperseded });
  const recorder = new MeetingRecorder({
    spool,
    clock,
    api,
    createDetector: await loadVoiceDetectors(),
    onChunk: (entry) => uploader.enqueue(entry),
    onCaptureFailed: () => decision.end('capture_failed'),
    logger,
  });
  const recording = await openRecording({ ...config, assignment, api, clock, logger });
  const kept = { spool, recorder, recording };
  const serving = { assignment, api, clock, reporter, decision, logger, ...kept };
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
