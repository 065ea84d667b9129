import { defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { MORE_AUDIO_SIGNAL, type TranscriptWorkflowInput } from '../domain/workflow-messages';
import { transcriptionActivities } from './activity-options';

/** Sent when a meeting goes on: its intake is open again. */
export const moreAudioSignal = defineSignal(MORE_AUDIO_SIGNAL);

/**
 * Writes one version of a meeting's transcript: one long activity that streams pending chunks to
 * Whisper until the intake is closed and nothing is pending. Temporal keeps it going.
 */
export async function transcriptWorkflow(input: TranscriptWorkflowInput): Promise<void> {
  let hasMoreAudio = false;
  setHandler(moreAudioSignal, () => void (hasMoreAudio = true), {
    description: 'The meeting goes on: look again before ending.',
  });
  const summary = `meeting ${input.meetingId}, transcript version ${input.version}`;
  do {
    hasMoreAudio = false;
    setCurrentDetails(
      `Transcribing meeting ${input.meetingId}. Counts stand in the heartbeat of \`transcribeMeeting\`; while Whisper is out of reach its attempts and their cause stand there too.`,
    );
    await transcriptionActivities.transcribeMeeting.executeWithOptions({ summary }, [input]);
  } while (hasMoreAudio);
  setCurrentDetails(`Meeting ${input.meetingId} is transcribed as far as it was heard.`);
}
