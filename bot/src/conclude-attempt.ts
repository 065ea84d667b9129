import type { Attendance } from './attend-meeting';
import { isRelaunchable } from '../../domain/end-reasons';
import type { CommandLoop } from './commands';
import { terminalStateFor, type Ending, type EndingDecision } from './ending';
import type { MeetingRecorder } from './meeting-recorder';
import type { MeetingRecording } from './recording/meeting-recording';
import type { Reporter } from './reporter';
import type { Spool } from './spool/spool';
import type { Uploader } from './spool/uploader';

/** How long leaving may wait for the API to take what was heard. */
const FLUSH_MS = 15 * 60_000;
/** As long where another bot waits to take over: what is left then is sent beside it. */
const FLUSH_BEFORE_NEXT_MS = 5_000;
/** How long the last report is tried when the API is down. */
const LAST_REPORT_MS = 15 * 60_000;
const HURRIED_MS = 5_000;
/** Evidence is seldom late, and what ends an attempt also ends its process. */
const EVIDENCE_HEAD_START_MS = 3_000;
/** Then it stays in the spool. */
const EVIDENCE_LAST_MS = 10_000;
/** As many, and as long, as a report takes. */
const MOST_SIGNS = 40;
const LONGEST_SIGN = 60;

export interface FlushOptions {
  decision: EndingDecision;
  uploader: Uploader;
  attendance: Attendance;
  recorder: MeetingRecorder;
  recording: MeetingRecording | null;
  commands: CommandLoop;
  hurried: AbortSignal;
}

/** Resolves when the API has everything, or when it is time to stop trying. */
export async function flush(options: FlushOptions): Promise<void> {
  const { decision, uploader, attendance, recorder, recording, commands, hurried } = options;
  const { reason } = decision.ending ?? { reason: 'unknown' };
  // an evicted bot has the time that its machine gives it
  const isReplaced = reason !== 'evicted' && isRelaunchable(reason);
  const limitMs = isReplaced ? FLUSH_BEFORE_NEXT_MS : FLUSH_MS;
  const enough = AbortSignal.any([AbortSignal.timeout(limitMs), hurried]);
  await uploader.drain(enough);
  await recording?.drain(enough);
  const told = Promise.all([attendance.idle(), recorder.idle(), commands.idle()]);
  await Promise.race([told, waitFor(enough)]);
  const headStart = AbortSignal.any([AbortSignal.timeout(EVIDENCE_HEAD_START_MS), enough]);
  await Promise.race([attendance.evidenceSent(), waitFor(headStart)]);
}

function waitFor(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Per track the last chunk there is, also when it could not be sent: then it counts as missing. */
async function findLastSeqs(spool: Spool): Promise<Record<string, number>> {
  const lastSeqs = { ...spool.state.acknowledgedSeqs };
  for (const { track, seq } of await spool.list()) {
    lastSeqs[track] = Math.max(lastSeqs[track] ?? 0, seq);
  }
  return lastSeqs;
}

/** True when the API knows how the attempt ended. */
export async function reportEnd(parts: {
  decision: EndingDecision;
  attendance: Attendance;
  reporter: Reporter;
  spool: Spool;
  hurried: AbortSignal;
}): Promise<boolean> {
  const { decision, attendance, reporter, spool, hurried } = parts;
  const ending: Ending = decision.ending ?? { reason: 'unknown' };
  const { reason: decided, detail, grounds } = ending;
  const reason =
    decided === 'stopped' && !attendance.hasBeenIn ? 'stopped_before_admission' : decided;
  const lastSeqs = await findLastSeqs(spool);
  const giveUp = new AbortController();
  const timers = [setTimeout(() => giveUp.abort(), LAST_REPORT_MS)];
  const hurry = () => timers.push(setTimeout(() => giveUp.abort(), HURRIED_MS));
  if (hurried.aborted) hurry();
  hurried.addEventListener('abort', hurry, { once: true });
  const content = {
    reason,
    lastSeqs,
    ...(detail !== undefined && { detail }),
    ...(grounds && {
      confidence: grounds.confidence,
      signs: grounds.signs.slice(0, MOST_SIGNS).map((sign) => sign.slice(0, LONGEST_SIGN)),
    }),
  };
  const isReported = await reporter.reportEnd(terminalStateFor(reason), content, giveUp.signal);
  for (const timer of timers) clearTimeout(timer);
  const lastSteps = AbortSignal.any([AbortSignal.timeout(EVIDENCE_LAST_MS), hurried]);
  await Promise.race([attendance.evidenceSent(), waitFor(lastSteps)]);
  return isReported;
}
