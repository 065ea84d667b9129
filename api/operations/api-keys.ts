import { meetingPathSchema } from '../../domain/api';
import { apiKeyListSchema, createApiKeySchema, createdApiKeySchema } from '../../domain/api-keys';
import type { Operations } from './operation';

export const API_KEYS: Operations = {
  'post /api/api-keys': {
    id: 'createApiKey',
    access: 'session',
    audit: 'api_key.created',
    summary: 'Make an API key',
    description: 'Programs send it as `X-API-Key`, or as `Authorization: Bearer`; never both.',
    body: createApiKeySchema,
    bodyExamples: {
      reader: { name: 'Reports', scopes: ['meetings:read', 'transcripts:read'] },
    },
    answers: { 201: createdApiKeySchema },
    errors: ['too_many_api_keys'],
  },
  'get /api/api-keys': {
    id: 'listApiKeys',
    access: 'session',
    summary: 'Your API keys, expired ones included; the keys themselves are kept nowhere',
    answers: { 200: apiKeyListSchema },
  },
  'delete /api/api-keys/{id}': {
    id: 'revokeApiKey',
    access: 'session',
    audit: 'api_key.revoked',
    summary: 'Revoke an API key',
    description: 'Requests with it are refused from now on, its sockets are closed.',
    path: meetingPathSchema,
    answers: { 204: null },
    errors: ['api_key_not_found'],
  },
};
