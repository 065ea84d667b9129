import {
  attemptListSchema,
  commandAnswerSchema,
  createMeetingSchema,
  deletionAnswerSchema,
  eventPageSchema,
  followQuerySchema,
  listMeetingsQuerySchema,
  meetingListSchema,
  meetingPathSchema,
  meetingSchema,
  transcriptionPageSchema,
  updateMeetingSchema,
} from '../../domain/api';
import { analysisSchema } from '../../domain/analysis';
import { ACCEPTED_LINK_SHAPES } from '../../domain/meeting-link';
import { idempotency, noBody, OWN, type Operations } from './operation';

const meeting = meetingSchema.meta({ id: 'Meeting' });
const analysis = analysisSchema.meta({ id: 'Analysis' });
const commandAnswer = commandAnswerSchema.meta({ id: 'CommandAnswer' });

export const MEETINGS: Operations = {
  'post /api/meetings': {
    access: 'meetings:write',
    audit: 'meeting.created',
    summary: `Make a meeting from its link. Accepted: ${ACCEPTED_LINK_SHAPES.join('; ')}.`,
    headers: idempotency,
    body: createMeetingSchema,
    answers: { 201: meeting },
    errors: ['invalid_request', 'idempotency_key_reused'],
  },
  'get /api/meetings': {
    access: 'meetings:read',
    summary: 'List your meetings, newest first',
    query: listMeetingsQuerySchema,
    answers: { 200: meetingListSchema },
    errors: ['invalid_request'],
  },
  'get /api/meetings/{id}': {
    access: 'meetings:read',
    summary: 'Read a meeting',
    path: meetingPathSchema,
    answers: { 200: meeting },
    errors: OWN,
  },
  'patch /api/meetings/{id}': {
    access: 'meetings:write',
    audit: 'meeting.changed',
    summary: 'Change a meeting; a bot that is in the call keeps what it was started with',
    path: meetingPathSchema,
    body: updateMeetingSchema,
    answers: { 200: meeting },
    errors: OWN,
  },
  'delete /api/meetings/{id}': {
    access: 'meetings:write',
    audit: 'meeting.deleted',
    summary:
      'Delete a meeting with everything it left; hidden at once, gone when its workflow ends',
    path: meetingPathSchema,
    answers: { 202: deletionAnswerSchema },
    errors: OWN,
  },
  'post /api/meetings/{id}/start-bot': {
    access: 'bots',
    audit: 'bot.started',
    rate: 'costly',
    summary:
      'Send the bot. Twice is the same bot. 200: the workflow has it. 202: kept, and carried out as soon as a worker answers.',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 200: commandAnswer, 202: commandAnswer },
    errors: [...OWN, 'command_refused', 'idempotency_key_reused'],
  },
  'post /api/meetings/{id}/stop-bot': {
    access: 'bots',
    audit: 'bot.stopped',
    summary: 'Ask the bot to leave; what it heard is still transcribed. Statuses as for start-bot.',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 200: commandAnswer, 202: commandAnswer },
    errors: [...OWN, 'no_running_bot', 'command_refused', 'idempotency_key_reused'],
  },
  'get /api/meetings/{id}/attempts': {
    access: 'meetings:read',
    summary: 'Every run of a bot in this meeting, with how it ended',
    path: meetingPathSchema,
    answers: { 200: attemptListSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/transcription': {
    access: 'transcripts:read',
    summary:
      'Segments with `seq` greater than `after`, waiting up to `wait` seconds for the first new one. A corrected segment comes again under its id with a new seq.',
    path: meetingPathSchema,
    query: followQuerySchema,
    answers: { 200: transcriptionPageSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/events': {
    access: 'transcripts:read',
    summary: 'Everything on the meeting’s cursor, segments included, read like the transcription',
    path: meetingPathSchema,
    query: followQuerySchema,
    answers: { 200: eventPageSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/analysis': {
    access: 'transcripts:read',
    summary: 'The newest analysis',
    path: meetingPathSchema,
    answers: { 200: analysis },
    errors: [...OWN, 'analysis_not_found'],
  },
  'post /api/meetings/{id}/analysis': {
    access: 'meetings:write',
    audit: 'analysis.asked',
    rate: 'costly',
    summary: 'Analyse the meeting again; while an analysis runs, that one is the answer',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 202: analysis },
    errors: [...OWN, 'meeting_not_over', 'idempotency_key_reused'],
  },
};
