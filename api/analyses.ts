import type { Analysis } from '../domain/analysis';
import { isMeetingActive, meetingStatusSchema } from '../domain/statuses';
import { beginAnalysis, findLatestAnalysis } from '../infra/database/analyses';
import { answerIntent, settleIntent, type IntentAnswer } from '../infra/database/intents';
import type { MeetingRow } from '../infra/database/meeting-records';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';
import { beginIntent, type Asked } from './intents';
import { makeMeetingNotFound } from './own-meeting';

/** The meeting's newest analysis; throws a 404 when it has none. */
export async function requireAnalysis({ database }: ApiDeps, meetingId: number): Promise<Analysis> {
  const analysis = await findLatestAnalysis(database, meetingId);
  if (analysis) return analysis;
  throw new ApiError('analysis_not_found', 'Expected an analysed meeting, got one without');
}

/** Has the meeting analysed once more; while an analysis runs, that one is the answer. */
export async function askForAnalysis(
  deps: ApiDeps,
  asked: Asked,
  meeting: MeetingRow,
): Promise<IntentAnswer> {
  const { database, meetingClient, logger } = deps;
  const what = { kind: 'analyse', meetingId: meeting.id } as const;
  const { intentId, answer } = await beginIntent(database, asked, what);
  if (answer) return answer;
  if (isMeetingActive(meetingStatusSchema.parse(meeting.status))) {
    await settleIntent(database, intentId, 'refused');
    const message = `Expected a meeting that is over, got one that is ${meeting.status}`;
    throw new ApiError('meeting_not_over', message, { status: meeting.status });
  }
  const begun = await beginAnalysis(database, meeting.id);
  if (!begun) throw makeMeetingNotFound(meeting.id);
  try {
    await meetingClient.startAnalysis({ meetingId: meeting.id, run: begun.run });
    await settleIntent(database, intentId, 'carried_out');
  } catch (error) {
    // The rows stay: reconciliation, or the next request, starts the same run.
    logger.warn({ meetingId: meeting.id, run: begun.run, err: error }, 'analysis not started yet');
  }
  const body = await requireAnalysis(deps, meeting.id);
  return answerIntent(database, intentId, { status: 202, body });
}
