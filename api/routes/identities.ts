import { Router } from 'express';
import { meetingPathSchema } from '../../domain/api';
import {
  createIdentitySchema,
  MAX_IDENTITIES,
  updateIdentitySchema,
  type IdentityView,
} from '../../domain/identity';
import { encryptionKeys } from '../../infra/config';
import {
  deleteIdentity,
  findOwnIdentity,
  insertIdentity,
  listIdentities,
  updateIdentity,
  type Identity,
  type IdentityResult,
} from '../../infra/database/identities';
import { createEncryption } from '../../infra/encryption';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readRequest } from '../validate';

/** `/api/identities`: the accounts that bots sign in with. Their stored state is never given back. */
export function createIdentityRoutes({ database, config }: ApiDeps): Router {
  const encryption = createEncryption(encryptionKeys(config));
  const router = Router();

  router.post('/identities', async (request, response) => {
    const { body } = readRequest(request, { body: createIdentitySchema });
    const { storageState, ...identity } = body;
    const result = await insertIdentity(database, currentUserId(response), {
      ...identity,
      stateEncrypted: encryption.encrypt(JSON.stringify(storageState)),
      most: MAX_IDENTITIES,
    });
    response.status(201).json(requireKept(result));
  });

  router.get('/identities', async (_request, response) => {
    const identities = await listIdentities(database, currentUserId(response));
    response.json({ identities: identities.map(toIdentityView) });
  });

  router.get('/identities/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const key = { identityId: path.id, userId: currentUserId(response) };
    const identity = await findOwnIdentity(database, key);
    if (!identity) throw makeIdentityNotFound();
    response.json(toIdentityView(identity));
  });

  router.patch('/identities/:id', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: updateIdentitySchema,
    });
    const { storageState, ...changes } = body;
    const key = { identityId: path.id, userId: currentUserId(response) };
    const result = await updateIdentity(database, key, {
      ...changes,
      ...(storageState === undefined
        ? {}
        : { stateEncrypted: encryption.encrypt(JSON.stringify(storageState)) }),
    });
    response.json(requireKept(result));
  });

  router.delete('/identities/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const key = { identityId: path.id, userId: currentUserId(response) };
    if (!(await deleteIdentity(database, key))) throw makeIdentityNotFound();
    response.status(204).end();
  });

  return router;
}

function requireKept(result: IdentityResult): IdentityView {
  switch (result.kind) {
    case 'kept':
      return toIdentityView(result.identity);
    case 'name_taken':
      throw new ApiError('identity_exists', 'Expected a name that none of your identities has');
    case 'too_many':
      throw new ApiError('too_many_identities', `Expected at most ${MAX_IDENTITIES} identities`);
    case 'not_found':
      throw makeIdentityNotFound();
  }
}

function makeIdentityNotFound(): ApiError {
  return new ApiError('identity_not_found', 'Expected an identity of yours');
}

function toIdentityView(identity: Identity): IdentityView {
  const { refusedAt, lastUsedAt, createdAt, updatedAt, ...rest } = identity;
  return {
    ...rest,
    refusedAt: refusedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
