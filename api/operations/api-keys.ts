import { meetingPathSchema } from '../../domain/api';
import { apiKeyListSchema, createApiKeySchema, createdApiKeySchema } from '../../domain/api-keys';
import type { Operations } from './operation';

export const API_KEYS: Operations = {
  'post /api/api-keys': {
    access: 'session',
    audit: 'api_key.created',
    summary:
      'Make an API key. Programs send it as `X-API-Key`, or as `Authorization: Bearer`; never both.',
    body: createApiKeySchema,
    answers: { 201: createdApiKeySchema },
    errors: ['invalid_request', 'too_many_api_keys'],
  },
  'get /api/api-keys': {
    access: 'session',
    summary: 'Your API keys, expired ones included; the keys themselves are kept nowhere',
    answers: { 200: apiKeyListSchema },
  },
  'delete /api/api-keys/{id}': {
    access: 'session',
    audit: 'api_key.revoked',
    summary: 'Revoke an API key: requests with it are refused from now on, its sockets are closed',
    path: meetingPathSchema,
    answers: { 204: null },
    errors: ['api_key_not_found', 'invalid_request'],
  },
};
