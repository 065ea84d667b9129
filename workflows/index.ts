export { analysisWorkflow } from './analysis-workflow';
export { deletionWorkflow } from './deletion-workflow';
export { deliveryWorkflow } from './delivery-workflow';
export { meetingWorkflow } from './meeting-workflow';
export { occurrenceWorkflow, planOccurrencesWorkflow } from './occurrence-workflow';
export { reconcileWorkflow } from './reconcile-workflow';
export { transcriptWorkflow } from './transcript-workflow';
export { userDeletionWorkflow } from './user-deletion-workflow';
