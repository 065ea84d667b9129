import type { SlotAnswer } from '../infra/database/bot-slots';
import { meetingActivities } from './activity-options';
import { unless } from './drain-meeting';
import type { MeetingState } from './meeting-state';
import { showDetails } from './show-meeting';

const LAUNCH_WITHIN_MS = 60_000;

type Target = Parameters<typeof meetingActivities.awaitBotSlot>[0];

/**
 * Waits until the attempt's bot may run, or somebody stops it. Attempts that need not wait have no
 * event of this in their history, those from before there was a line included.
 */
export async function awaitBotSlot(meeting: MeetingState): Promise<void> {
  const { attempt, input } = meeting;
  if (attempt === null) return;
  const { meetingId, platform } = input;
  const summary = `meeting ${meetingId}, ${platform}, attempt ${attempt}: in line`;
  let knownPlace: number | null = null;
  for (;;) {
    const target: Target = { meetingId, attempt, knownPlace };
    const answer: SlotAnswer | null = await unless(
      () => meeting.stopRequested,
      () => meetingActivities.awaitBotSlot.executeWithOptions({ summary }, [target]),
    );
    if (answer === null) return;
    if (answer.kind === 'granted') break;
    knownPlace = answer.place;
    meeting.next = `The bot waits for others to end: it is number ${knownPlace} in line.`;
    showDetails(meeting);
  }
  // who waited in line for longer than a planned bot may be late is sent all the same
  if (meeting.launchByMs !== null) {
    meeting.launchByMs = Math.max(meeting.launchByMs, Date.now() + LAUNCH_WITHIN_MS);
  }
  meeting.next = 'The bot is started and then reports by itself.';
  showDetails(meeting);
}
