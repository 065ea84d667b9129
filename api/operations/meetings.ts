import {
  createMeetingSchema,
  deletionAnswerSchema,
  listMeetingsQuerySchema,
  meetingListSchema,
  meetingPathSchema,
  meetingSchema,
  updateMeetingSchema,
} from '../../domain/api';
import { recogniseLinkSchema, recognisedLinkSchema } from '../../domain/link-recognition';
import { ACCEPTED_LINK_SHAPES } from '../../domain/meeting-link';
import { notesSchema, writeNotesSchema } from '../../domain/notes';
import {
  participantListSchema,
  participantPathSchema,
  participantViewSchema,
  renameParticipantSchema,
} from '../../domain/participants';
import { idempotency, OWN, type Operations } from './operation';

export const MEETINGS: Operations = {
  'post /api/meetings': {
    id: 'createMeeting',
    access: 'meetings:write',
    audit: 'meeting.created',
    summary: 'Make a meeting from its link',
    description: `Accepted links:\n\n${ACCEPTED_LINK_SHAPES.map((shape) => `- ${shape}`).join('\n')}`,
    headers: idempotency,
    body: createMeetingSchema,
    bodyExamples: {
      link: { meetingUrl: 'https://meet.google.com/abc-defg-hij' },
      settings: {
        title: 'Planning',
        meetingUrl: 'https://zoom.us/j/1234567890?pwd=abc',
        botName: 'Notetaker',
        language: 'en',
        recording: true,
        leavePolicy: { waitingRoomSeconds: 600 },
      },
    },
    answers: { 201: meetingSchema },
    errors: ['idempotency_key_reused'],
  },
  'get /api/meetings': {
    id: 'listMeetings',
    access: 'meetings:read',
    summary: 'List your meetings, newest first',
    description:
      'With `when=upcoming` or `status=scheduled`, what is coming: soonest first. `q` looks in titles; GET /api/search in what was said.',
    query: listMeetingsQuerySchema,
    answers: { 200: meetingListSchema },
  },
  'get /api/meetings/{id}': {
    id: 'getMeeting',
    access: 'meetings:read',
    summary: 'Read a meeting',
    path: meetingPathSchema,
    answers: { 200: meetingSchema },
    errors: OWN,
  },
  'patch /api/meetings/{id}': {
    id: 'updateMeeting',
    access: 'meetings:write',
    audit: 'meeting.changed',
    summary: 'Change a meeting',
    description:
      'A bot that is in the call keeps what it was started with. `scheduledStart` plans, moves or, with null, cancels a meeting that no bot was sent to yet.',
    path: meetingPathSchema,
    body: updateMeetingSchema,
    bodyExamples: {
      title: { title: 'Planning of the second quarter' },
      cancelled: { scheduledStart: null },
    },
    answers: { 200: meetingSchema },
    errors: [...OWN, 'command_refused'],
  },
  'delete /api/meetings/{id}': {
    id: 'deleteMeeting',
    access: 'meetings:write',
    audit: 'meeting.deleted',
    summary: 'Delete a meeting with everything it left',
    description: 'Hidden at once, gone when its workflow ends.',
    path: meetingPathSchema,
    answers: { 202: deletionAnswerSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/participants': {
    id: 'listParticipants',
    access: 'transcripts:read',
    audit: 'participants.read',
    summary: 'Who was in the call, and how long each spoke',
    path: meetingPathSchema,
    answers: { 200: participantListSchema },
    errors: OWN,
  },
  'patch /api/meetings/{id}/participants/{participantId}': {
    id: 'renameParticipant',
    access: 'meetings:write',
    alsoNeeds: 'transcripts:read',
    audit: 'participant.renamed',
    summary: 'Give a speaker a name',
    description:
      'Their segments come again on the cursor as `segment.updated`, each with a new seq. The name stays, whatever the platform calls them later.',
    path: participantPathSchema,
    body: renameParticipantSchema,
    bodyExamples: { name: { name: 'Maya Chen' }, platform: { name: null } },
    answers: { 200: participantViewSchema },
    errors: [...OWN, 'participant_not_found'],
  },
  'get /api/meetings/{id}/notes': {
    id: 'getNotes',
    access: 'transcripts:read',
    audit: 'notes.read',
    summary: 'Your own notes about a meeting',
    path: meetingPathSchema,
    answers: { 200: notesSchema },
    errors: OWN,
  },
  'put /api/meetings/{id}/notes': {
    id: 'writeNotes',
    access: 'meetings:write',
    alsoNeeds: 'transcripts:read',
    audit: 'notes.written',
    summary: 'Write your own notes about a meeting',
    description:
      '`version` is that of the text which yours was made from. Where another was written meanwhile, the answer is a 409 with that one in `details`.',
    path: meetingPathSchema,
    body: writeNotesSchema,
    bodyExamples: { first: { text: 'Ask Tom about the budget.', version: 0 } },
    answers: { 200: notesSchema },
    errors: [...OWN, 'notes_conflict'],
  },
  'post /api/links/recognise': {
    id: 'recogniseLink',
    access: 'meetings:read',
    summary: 'What a link leads to, as one types',
    description: 'Nothing is looked up and nothing is kept.',
    body: recogniseLinkSchema,
    bodyExamples: { link: { meetingUrl: 'https://zoom.us/j/1234567890?pwd=abc' } },
    answers: { 200: recognisedLinkSchema },
  },
};
