import {
  createMeetingSchema,
  deletionAnswerSchema,
  listMeetingsQuerySchema,
  meetingListSchema,
  meetingPathSchema,
  meetingSchema,
  updateMeetingSchema,
} from '../../domain/api';
import { ACCEPTED_LINK_SHAPES } from '../../domain/meeting-link';
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
    description: 'With `status=scheduled`, what is coming: soonest first.',
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
};
