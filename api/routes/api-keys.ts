import { Router } from 'express';
import { meetingPathSchema } from '../../domain/api';
import { createApiKeySchema, MAX_API_KEYS, type ApiKeyView } from '../../domain/api-keys';
import {
  deleteApiKey,
  insertApiKey,
  listApiKeys,
  type ApiKey,
} from '../../infra/database/api-keys';
import { makeApiKey } from '../auth/api-keys';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readRequest } from '../validate';

/** `/api/api-keys`: what a user's programs show instead of a session. */
export function createApiKeyRoutes({ database, doorbell }: ApiDeps): Router {
  const router = Router();

  router.post('/api-keys', async (request, response) => {
    const { body } = readRequest(request, { body: createApiKeySchema });
    const { key, ...kept } = makeApiKey();
    const expiresAt = body.expiresAt === null ? null : new Date(body.expiresAt);
    const made = await insertApiKey(database, currentUserId(response), {
      ...body,
      ...kept,
      expiresAt,
      most: MAX_API_KEYS,
    });
    if (!made) {
      throw new ApiError('too_many_api_keys', `Expected at most ${MAX_API_KEYS} API keys`);
    }
    response.set('Cache-Control', 'no-store');
    response.status(201).json({ ...toApiKeyView(made), key });
  });

  router.get('/api-keys', async (_request, response) => {
    const keys = await listApiKeys(database, currentUserId(response));
    response.json({ apiKeys: keys.map(toApiKeyView) });
  });

  router.delete('/api-keys/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const key = { keyId: path.id, userId: currentUserId(response) };
    if (!(await deleteApiKey(database, key))) {
      throw new ApiError('api_key_not_found', 'Expected an API key of yours');
    }
    doorbell.ring('callers', key.userId);
    response.status(204).end();
  });

  return router;
}

function toApiKeyView({ expiresAt, lastUsedAt, createdAt, ...rest }: ApiKey): ApiKeyView {
  return {
    ...rest,
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
