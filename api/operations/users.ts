import { meSchema, meetingPathSchema, updateMeSchema } from '../../domain/api';
import {
  createIdentitySchema,
  identityListSchema,
  identitySchema,
  updateIdentitySchema,
} from '../../domain/identity';
import type { ErrorCode } from '../errors';
import type { Operations } from './operation';

const identity = identitySchema.meta({ id: 'Identity' });
const identityErrors: ErrorCode[] = ['identity_not_found', 'invalid_request'];

export const USERS: Operations = {
  'get /api/me': {
    access: 'meetings:read',
    summary: 'Who is signed in',
    answers: { 200: meSchema },
  },
  'patch /api/me': {
    access: 'session',
    audit: 'profile.changed',
    summary: 'Change what your new meetings take where they say nothing',
    body: updateMeSchema,
    answers: { 200: meSchema },
    errors: ['invalid_request'],
  },
  'post /api/identities': {
    access: 'session',
    audit: 'identity.created',
    summary: 'Keep an account that bots can sign in with; `npm run sign-in` sends one',
    body: createIdentitySchema,
    answers: { 201: identity },
    errors: ['invalid_request', 'identity_exists', 'payload_too_large'],
  },
  'get /api/identities': {
    access: 'bots',
    summary: 'Your identities',
    answers: { 200: identityListSchema },
  },
  'get /api/identities/{id}': {
    access: 'bots',
    summary: 'An identity, without its stored state',
    path: meetingPathSchema,
    answers: { 200: identity },
    errors: identityErrors,
  },
  'patch /api/identities/{id}': {
    access: 'session',
    audit: 'identity.changed',
    summary: 'Change an identity; a new state is a fresh sign-in',
    path: meetingPathSchema,
    body: updateIdentitySchema,
    answers: { 200: identity },
    errors: [...identityErrors, 'identity_exists', 'payload_too_large'],
  },
  'delete /api/identities/{id}': {
    access: 'session',
    audit: 'identity.deleted',
    summary: 'Delete an identity and its stored state; its meetings’ bots join as guests',
    path: meetingPathSchema,
    answers: { 204: null },
    errors: identityErrors,
  },
};
