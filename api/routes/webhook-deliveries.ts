import { randomUUID } from 'node:crypto';
import { Router, type Response } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import {
  deliveryPathSchema,
  listDeliveriesQuerySchema,
  replaySchema,
} from '../../domain/webhook-api';
import { WEBHOOK_TEST_TYPE } from '../../domain/webhooks';
import { encryptionKeys } from '../../infra/config';
import { readCursor } from '../../infra/database/events';
import {
  findDelivery,
  insertDelivery,
  listDeliveries,
  type WebhookDelivery,
} from '../../infra/database/webhook-deliveries';
import { readEndpoint } from '../../infra/database/webhook-health';
import { orderReplay } from '../../infra/database/webhook-positions';
import { createEncryption, type Encryption } from '../../infra/encryption';
import { attemptDelivery } from '../../infra/webhook-attempt';
import { outgoingOptions } from '../bot/join-token-route';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import {
  makeEndpointNotFound,
  requireOwnEndpoint,
  toDeliveryView,
  wakeDelivery,
} from '../own-endpoint';
import { requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { readRequest, refuseField } from '../validate';

/** An endpoint's log, and what can be sent once more. */
export function createWebhookDeliveryRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const encryption = createEncryption(encryptionKeys(deps.config));
  const router = Router();

  router.get('/webhooks/endpoints/:id/deliveries', async (request, response) => {
    const { path, query } = readRequest(request, {
      path: meetingPathSchema,
      query: listDeliveriesQuerySchema,
    });
    const { limit, cursor, meetingId = null, outcome = null } = query;
    const endpoint = await requireOwnEndpoint(database, response, path.id);
    const beforeId = cursor === undefined ? null : decodeCursor(cursor);
    const wanted = { endpointId: endpoint.id, meetingId, outcome, beforeId, limit: limit + 1 };
    const found = await listDeliveries(database, wanted);
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    const nextCursor = last ? encodeCursor(last.id) : null;
    response.json({ deliveries: page.map(toDeliveryView), nextCursor });
  });

  router.post('/webhooks/endpoints/:id/test', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    await requireOwnEndpoint(database, response, path.id);
    response.json(toDeliveryView(await sendTest(deps, path.id, encryption)));
  });

  router.post(
    '/webhooks/endpoints/:id/deliveries/:deliveryId/resend',
    async (request, response) => {
      const { path } = readRequest(request, { path: deliveryPathSchema, body: emptyBodySchema });
      await requireEnabled(deps, response, path.id);
      const key = { endpointId: path.id, deliveryId: path.deliveryId };
      const delivery = await findDelivery(database, key);
      const { meetingId, fromSeq, throughSeq: toSeq } = delivery ?? {};
      if (meetingId == null || fromSeq == null || toSeq == null) {
        throw new ApiError('delivery_not_found', 'Expected a delivery of a meeting’s events');
      }
      const stretch = { meetingId, fromSeq, toSeq };
      await orderReplay(database, { endpointId: path.id, ...stretch, asOneMessage: true });
      await wakeDelivery(deps, path.id);
      response.status(202).json(stretch);
    },
  );

  router.post('/webhooks/endpoints/:id/replay', async (request, response) => {
    const { path, body } = readRequest(request, { path: meetingPathSchema, body: replaySchema });
    const endpoint = await requireEnabled(deps, response, path.id);
    const meeting = await requireOwnMeeting(database, response, body.meetingId);
    if (endpoint.meetingId !== null && endpoint.meetingId !== meeting.id) {
      refuseField('meetingId', 'Expected the meeting that the endpoint is for');
    }
    const toSeq = Math.min(body.toSeq, await readCursor(database, meeting.id));
    if (body.fromSeq > toSeq) refuseField('fromSeq', `Expected at most ${toSeq}`);
    const stretch = { meetingId: meeting.id, fromSeq: body.fromSeq, toSeq };
    await orderReplay(database, { endpointId: endpoint.id, ...stretch, asOneMessage: false });
    await wakeDelivery(deps, endpoint.id);
    response.status(202).json(stretch);
  });

  return router;
}

async function requireEnabled({ database }: ApiDeps, response: Response, endpointId: number) {
  const endpoint = await requireOwnEndpoint(database, response, endpointId);
  if (!endpoint.isEnabled) {
    throw new ApiError('endpoint_disabled', 'Expected an endpoint that is enabled');
  }
  return endpoint;
}

/** Also to a disabled endpoint, so that one can see whether it is worth enabling. */
async function sendTest(
  { database, config }: ApiDeps,
  endpointId: number,
  encryption: Encryption,
): Promise<WebhookDelivery> {
  const now = new Date();
  const endpoint = await readEndpoint(database, endpointId, now);
  if (!endpoint) throw makeEndpointNotFound(endpointId);
  const id = `msg_${endpointId}_test_${randomUUID()}`;
  const message = {
    id,
    type: WEBHOOK_TEST_TYPE,
    timestamp: now.toISOString(),
    data: { endpointId },
  };
  const {
    isDelivered,
    retryAfterMs: _retryAfterMs,
    ...seen
  } = await attemptDelivery(
    endpoint,
    { id, text: JSON.stringify(message) },
    { encryption, outgoing: outgoingOptions(config), now },
  );
  const delivery = await insertDelivery(database, {
    endpointId,
    meetingId: null,
    messageId: id,
    type: WEBHOOK_TEST_TYPE,
    fromSeq: null,
    throughSeq: null,
    attempt: 1,
    outcome: isDelivered ? 'delivered' : 'failed',
    url: endpoint.url,
    ...seen,
    createdAt: now,
  });
  if (!delivery) throw makeEndpointNotFound(endpointId);
  return delivery;
}
