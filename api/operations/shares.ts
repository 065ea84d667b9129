import { z } from 'zod';
import { meetingPathSchema, pageQuerySchema } from '../../domain/api';
import {
  createdShareSchema,
  createShareSchema,
  shareListSchema,
  sharePathSchema,
} from '../../domain/sharing';
import { OWN, type Operation, type Operations } from './operation';

/** A page for people says in its own words what is wrong. */
const PAGE = {
  access: 'public',
  rate: 'share',
  path: z.object({ token: z.string() }),
  answers: { 200: null, 401: null, 403: null, 404: null },
} as const satisfies Partial<Operation>;

export const SHARES: Operations = {
  'post /api/meetings/{id}/shares': {
    id: 'shareMeeting',
    access: 'meetings:write',
    alsoNeeds: 'transcripts:read',
    audit: 'share.created',
    summary: 'A link by which others read this meeting’s transcript and analysis',
    description:
      'The token is shown this once. With `emails`, readers must be signed in here with one of these addresses.',
    path: meetingPathSchema,
    body: createShareSchema,
    bodyExamples: { everybody: {}, particularPeople: { emails: ['maya@example.org'] } },
    answers: { 201: createdShareSchema },
    errors: [...OWN, 'too_many_shares'],
  },
  'get /api/meetings/{id}/shares': {
    id: 'listShares',
    access: 'meetings:read',
    summary: 'The meeting’s links, newest first, and how often they were used',
    path: meetingPathSchema,
    query: pageQuerySchema,
    answers: { 200: shareListSchema },
    errors: OWN,
  },
  'delete /api/meetings/{id}/shares/{shareId}': {
    id: 'revokeShare',
    access: 'meetings:write',
    audit: 'share.revoked',
    summary: 'End a link at once',
    path: sharePathSchema,
    answers: { 204: null },
    errors: [...OWN, 'share_not_found'],
  },
  'get /s/{token}.txt': {
    ...PAGE,
    id: 'readSharedText',
    summary: 'A shared meeting as text',
    byteAnswer: 'text/plain',
  },
  'get /s/{token}': {
    ...PAGE,
    id: 'readSharedPage',
    summary: 'A shared meeting as a page',
    description:
      'Unknown, expired, revoked and deleted are the same 404. A link for particular people is 401 without a session and 403 for others.',
    byteAnswer: 'text/html',
  },
};
