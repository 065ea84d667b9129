import type { HearingStart } from '../infra/meeting-client';
import type { ApiDeps } from './deps';

/** Starts the workflow of a meeting that no bot hears; without Temporal reconciliation does it later. */
export async function startHearing(
  { meetingClient, logger }: Pick<ApiDeps, 'meetingClient' | 'logger'>,
  meeting: HearingStart,
): Promise<void> {
  await meetingClient.startHearing(meeting).catch((err: unknown) => {
    logger.warn({ meetingId: meeting.meetingId, err }, 'meeting without a bot not started yet');
  });
}
