import type { Response } from 'express';
import type { DeliveryView, EndpointView } from '../domain/webhook-api';
import type { Database } from '../infra/database/client';
import type { WebhookDelivery } from '../infra/database/webhook-deliveries';
import {
  findOwnEndpoint,
  listEnabledEndpointIds,
  type WebhookEndpoint,
} from '../infra/database/webhook-endpoints';
import { currentUserId } from './auth/current-user';
import type { ApiDeps } from './deps';
import { ApiError } from './errors';

/** The endpoint when it is this user's; somebody else's does not exist for them. */
export async function requireOwnEndpoint(
  database: Database,
  response: Response,
  endpointId: number,
): Promise<WebhookEndpoint> {
  const key = { endpointId, userId: currentUserId(response) };
  const endpoint = await findOwnEndpoint(database, key);
  if (!endpoint) throw makeEndpointNotFound(endpointId);
  return endpoint;
}

export function makeEndpointNotFound(endpointId: number): ApiError {
  return new ApiError('endpoint_not_found', `Expected an endpoint of yours, got ${endpointId}`);
}

/** Begins deliveries; without Temporal reconciliation does it later. */
export async function wakeDelivery(deps: ApiDeps, endpointId: number): Promise<void> {
  await deps.meetingClient.wakeDelivery(endpointId).catch((err: unknown) => {
    deps.logger.warn({ err, endpointId }, 'delivery not started yet');
  });
}

/** Begins what waited while the user was disabled. */
export async function wakeDeliveriesOf(deps: ApiDeps, userId: number): Promise<void> {
  const endpointIds = await listEnabledEndpointIds(deps.database, userId);
  await Promise.all(endpointIds.map((endpointId) => wakeDelivery(deps, endpointId)));
}

/** An endpoint as its owner sees it. */
export function toEndpointView(endpoint: WebhookEndpoint): EndpointView {
  const { isEnabled, oldSecretUntil, userId: _userId, ...rest } = endpoint;
  const isOver = oldSecretUntil === null || oldSecretUntil.getTime() <= Date.now();
  return {
    ...rest,
    enabled: isEnabled,
    disabledAt: toText(endpoint.disabledAt),
    failingSince: toText(endpoint.failingSince),
    lastSuccessAt: toText(endpoint.lastSuccessAt),
    pausedUntil: toText(endpoint.pausedUntil),
    oldSecretUntil: isOver ? null : oldSecretUntil.toISOString(),
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
  };
}

/** An attempt as the endpoint's owner sees it. */
export function toDeliveryView(delivery: WebhookDelivery): DeliveryView {
  const { endpointId: _endpointId, type, createdAt, ...rest } = delivery;
  return { ...rest, type: type as DeliveryView['type'], createdAt: createdAt.toISOString() };
}

function toText(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}
