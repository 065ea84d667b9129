/** The workflows as they are, with an analysis that is over at once. */
export { meetingWorkflow } from '../workflows/meeting-workflow';
export { transcriptWorkflow } from '../workflows/transcript-workflow';

export async function analysisWorkflow(): Promise<void> {}
