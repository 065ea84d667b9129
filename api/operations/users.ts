import {
  auditListSchema,
  ownAuditQuerySchema,
  ownUsageQuerySchema,
  ownUsageSchema,
} from '../../domain/admin';
import {
  deletionAnswerSchema,
  meSchema,
  meetingPathSchema,
  updateMeSchema,
} from '../../domain/api';
import {
  createIdentitySchema,
  identityListSchema,
  identitySchema,
  updateIdentitySchema,
} from '../../domain/identity';
import type { ErrorCode } from '../errors';
import type { Operations } from './operation';

const identityErrors: ErrorCode[] = ['identity_not_found', 'invalid_request'];

const IDENTITY_BODY = {
  name: 'Notetaker',
  platform: 'google_meet',
  storageState: {
    cookies: [
      {
        name: 'SID',
        value: '…',
        domain: '.google.com',
        path: '/',
        expires: 1_800_000_000,
        httpOnly: true,
        secure: true,
        sameSite: 'Lax',
      },
    ],
    origins: [],
  },
};

export const ME: Operations = {
  'get /api/me': {
    id: 'getMe',
    access: 'meetings:read',
    summary: 'Who is signed in',
    answers: { 200: meSchema },
  },
  'patch /api/me': {
    id: 'updateMe',
    access: 'session',
    audit: 'profile.changed',
    summary: 'Change what your new meetings take where they say nothing',
    body: updateMeSchema,
    bodyExamples: { defaults: { botDefaults: { botName: 'Notes of Maya', recording: true } } },
    answers: { 200: meSchema },
  },
  'get /api/me/usage': {
    id: 'getUsage',
    access: 'session',
    summary: 'What you used on each day, and your limits',
    query: ownUsageQuerySchema,
    answers: { 200: ownUsageSchema },
  },
  'get /api/me/audit': {
    id: 'listAudit',
    access: 'session',
    summary: 'Who did what with your data, newest first; kept 400 days',
    query: ownAuditQuerySchema,
    answers: { 200: auditListSchema },
  },
  'delete /api/me': {
    id: 'deleteMe',
    access: 'session',
    audit: 'user.deleted',
    summary: 'Delete yourself with all your meetings, for good',
    description: 'Hidden and signed out at once, gone when the workflow ends.',
    answers: { 202: deletionAnswerSchema },
  },
};

export const IDENTITIES: Operations = {
  'post /api/identities': {
    id: 'createIdentity',
    access: 'session',
    audit: 'identity.created',
    summary: 'Keep an account that bots can sign in with',
    description: '`npm run sign-in` opens a browser to sign in with and sends its state here.',
    body: createIdentitySchema,
    bodyExamples: { account: IDENTITY_BODY },
    answers: { 201: identitySchema },
    errors: ['identity_exists', 'too_many_identities'],
  },
  'get /api/identities': {
    id: 'listIdentities',
    access: 'bots',
    summary: 'Your identities',
    answers: { 200: identityListSchema },
  },
  'get /api/identities/{id}': {
    id: 'getIdentity',
    access: 'bots',
    summary: 'An identity, without its stored state',
    path: meetingPathSchema,
    answers: { 200: identitySchema },
    errors: identityErrors,
  },
  'patch /api/identities/{id}': {
    id: 'updateIdentity',
    access: 'session',
    audit: 'identity.changed',
    summary: 'Change an identity; a new state is a fresh sign-in',
    path: meetingPathSchema,
    body: updateIdentitySchema,
    bodyExamples: { name: { name: 'Notetaker of the office' } },
    answers: { 200: identitySchema },
    errors: [...identityErrors, 'identity_exists'],
  },
  'delete /api/identities/{id}': {
    id: 'deleteIdentity',
    access: 'session',
    audit: 'identity.deleted',
    summary: 'Delete an identity and its stored state; its meetings’ bots join as guests',
    path: meetingPathSchema,
    answers: { 204: null },
    errors: identityErrors,
  },
};
