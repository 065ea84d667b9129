import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import {
  createEndpointSchema,
  listEndpointsQuerySchema,
  updateEndpointSchema,
} from '../../domain/webhook-api';
import { encryptionKeys } from '../../infra/config';
import {
  deleteEndpoint,
  insertEndpoint,
  listOwnEndpoints,
  rotateSecret,
  updateEndpoint,
} from '../../infra/database/webhook-endpoints';
import { createEncryption, type Encryption } from '../../infra/encryption';
import { findOutgoingProblem } from '../../infra/outgoing-url';
import { currentUserId } from '../auth/current-user';
import { outgoingOptions } from '../bot/join-token-route';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import {
  makeEndpointNotFound,
  requireOwnEndpoint,
  toEndpointView,
  wakeDelivery,
} from '../own-endpoint';
import { requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { readRequest, refuseField } from '../validate';

const OLD_SECRET_MS = 24 * 3_600_000;
/** As long as the hash that signs with it. */
const SECRET_BYTES = 32;

/** `/api/webhooks/endpoints`: where events are posted to. A secret is shown once. */
export function createWebhookEndpointRoutes(deps: ApiDeps): Router {
  const { database, config } = deps;
  const encryption = createEncryption(encryptionKeys(config));
  const router = Router();

  router.post('/webhooks/endpoints', async (request, response) => {
    const { body } = readRequest(request, { body: createEndpointSchema });
    checkUrl(deps, body.url);
    const { meetingId = null, description = null, eventTypes = null } = body;
    if (meetingId !== null) await requireOwnMeeting(database, response, meetingId);
    const secret = makeSecret();
    const endpoint = await insertEndpoint(database, {
      userId: currentUserId(response),
      meetingId,
      url: body.url,
      description,
      eventTypes,
      secretEncrypted: encryption.encrypt(secret),
    });
    if (!endpoint) {
      throw new ApiError('too_many_endpoints', 'Expected you to have fewer endpoints');
    }
    response.status(201).json({ ...toEndpointView(endpoint), secret });
  });

  router.get('/webhooks/endpoints', async (request, response) => {
    const { query } = readRequest(request, { query: listEndpointsQuerySchema });
    const { limit, cursor, meetingId = null } = query;
    const found = await listOwnEndpoints(database, {
      userId: currentUserId(response),
      meetingId,
      beforeId: cursor === undefined ? null : decodeCursor(cursor),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    const nextCursor = last ? encodeCursor(last.id) : null;
    response.json({ endpoints: page.map(toEndpointView), nextCursor });
  });

  router.get('/webhooks/endpoints/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    response.json(toEndpointView(await requireOwnEndpoint(database, response, path.id)));
  });

  router.patch('/webhooks/endpoints/:id', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: updateEndpointSchema,
    });
    if (body.url !== undefined) checkUrl(deps, body.url);
    await requireOwnEndpoint(database, response, path.id);
    const key = { endpointId: path.id, userId: currentUserId(response) };
    const endpoint = await updateEndpoint(database, key, body);
    if (!endpoint) throw makeEndpointNotFound(path.id);
    if (body.enabled) await wakeDelivery(deps, path.id);
    response.json(toEndpointView(endpoint));
  });

  addDeleteRoute(router, deps);
  addSecretRoute(router, deps, encryption);
  return router;
}

function addDeleteRoute(router: Router, { database }: ApiDeps): void {
  router.delete('/webhooks/endpoints/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const key = { endpointId: path.id, userId: currentUserId(response) };
    if (!(await deleteEndpoint(database, key))) throw makeEndpointNotFound(path.id);
    response.status(204).end();
  });
}

/** Another secret, beside which the old one signs for a day. */
function addSecretRoute(router: Router, { database }: ApiDeps, encryption: Encryption): void {
  router.post('/webhooks/endpoints/:id/rotate-secret', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const secret = makeSecret();
    const oldUntil = new Date(Date.now() + OLD_SECRET_MS);
    const key = { endpointId: path.id, userId: currentUserId(response) };
    const change = { secretEncrypted: encryption.encrypt(secret), oldUntil };
    if (!(await rotateSecret(database, key, change))) throw makeEndpointNotFound(path.id);
    response.json({ secret, oldSecretUntil: oldUntil.toISOString() });
  });
}

function checkUrl({ config }: ApiDeps, url: string): void {
  const problem = findOutgoingProblem(url, outgoingOptions(config));
  if (problem) refuseField('url', problem);
}

function makeSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}
