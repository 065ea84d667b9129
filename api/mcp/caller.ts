import type { Request, Response } from 'express';
import { insertAuditEntry, settleAuditEntry } from '../../infra/database/audit';
import { hashRequest } from '../../infra/database/intents';
import { checkKey } from '../access/gate';
import { readActor } from '../access/audit-trail';
import { currentPrincipal } from '../auth/current-user';
import type { Principal } from '../auth/principals';
import type { ApiDeps } from '../deps';
import { toApiError } from '../error-handler';
import type { Asked } from '../intents';
import type { LiveReaders } from '../live/live-readers';
import { OPERATIONS } from '../operations/all';
import type { Operation } from '../operations/operation';
import type { RateLimits } from '../rate-limits/rate-limits';
import { makeHangUpSignal } from '../routes/streams';

export type UserPrincipal = Extract<Principal, { kind: 'user' }>;

/** Whom one MCP request speaks for. */
export interface McpCaller {
  principal: UserPrincipal;
  address: string | null;
  requestId: string;
  /** Fires when the client is gone. */
  signal: AbortSignal;
  /** Counts work that costs; throws a 429. */
  countCost(): Promise<void>;
}

/** What tools, resources and prompts stand on during one request. */
export interface McpContext {
  deps: ApiDeps;
  live: LiveReaders;
  caller: McpCaller;
}

export function readCaller(
  { countCost }: RateLimits,
  request: Request,
  response: Response,
): McpCaller {
  const principal = currentPrincipal(response);
  if (principal?.kind !== 'user') throw new Error('Expected a route behind the sign-in check');
  return {
    principal,
    address: request.ip ?? null,
    requestId: String(response.locals['requestId']),
    signal: makeHangUpSignal(response),
    countCost: () => countCost(request, response),
  };
}

/** The REST route whose access and audit name hold for what MCP does. */
export function findTwin(key: string): Operation {
  const operation = OPERATIONS[key];
  if (!operation) throw new Error(`Expected a route of the table, got ${key}`);
  return operation;
}

export interface Act<Result> {
  twin: Operation;
  meetingId: number | null;
  work(): Promise<Result>;
  /** What the work turned out to be about, where that is not known before. */
  findMeetingId?(result: Result): number | null;
}

/** Does something under the rules of its REST twin: scope, rate limit and audit log. */
export async function perform<Result>(
  { deps, caller }: McpContext,
  { twin, meetingId, work, findMeetingId }: Act<Result>,
): Promise<Result> {
  const { principal, address, requestId } = caller;
  checkKey(twin, principal.scopes);
  if (twin.rate === 'costly') await caller.countCost();
  const { userId } = principal;
  if (twin.audit === undefined) return work();
  const action = twin.audit;
  const actor = readActor(principal);
  const entry = { action, actor, userId, meetingId, address, requestId };
  const id = await insertAuditEntry(deps.database, entry);
  const settle = (status: number, about: number | null): Promise<void> =>
    settleAuditEntry(deps.database, id, { status, meetingId: about, userId }).catch(
      (err: unknown) => deps.logger.warn({ err, auditId: id }, 'audit entry keeps no status'),
    );
  try {
    const result = await work();
    await settle(200, findMeetingId?.(result) ?? null);
    return result;
  } catch (error) {
    await settle(toApiError(error).status, null);
    throw error;
  }
}

/** A tool call as the commands' functions take it. */
export function toAsked(
  { caller }: McpContext,
  tool: string,
  args: { idempotencyKey?: string | undefined },
): Asked {
  const { idempotencyKey, ...rest } = args;
  return {
    userId: caller.principal.userId,
    idempotencyKey: idempotencyKey ?? null,
    hash: hashRequest('MCP', tool, rest),
  };
}
