import type { Request, Response } from 'express';
import { hashRequest } from '../../infra/database/intents';
import type { AuditWriter } from '../access/audit-writer';
import { checkKey } from '../access/gate';
import { readActor } from '../access/audit-trail';
import { currentUser } from '../auth/current-user';
import type { UserPrincipal } from '../auth/principals';
import type { ApiDeps } from '../deps';
import { toApiError } from '../error-handler';
import type { Asked } from '../intents';
import type { LiveReaders } from '../live/live-readers';
import type { Operation } from '../operations/operation';
import type { RateLimits } from '../rate-limits/rate-limits';
import { makeHangUpSignal } from '../routes/streams';

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
  audit: AuditWriter;
  caller: McpCaller;
}

export function readCaller(
  { countCost }: RateLimits,
  request: Request,
  response: Response,
): McpCaller {
  return {
    principal: currentUser(response),
    address: request.ip ?? null,
    requestId: String(response.locals['requestId']),
    signal: makeHangUpSignal(response),
    countCost: () => countCost(request, response),
  };
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
  { audit, caller }: McpContext,
  { twin, meetingId, work, findMeetingId }: Act<Result>,
): Promise<Result> {
  const { principal, address, requestId } = caller;
  checkKey(twin, principal.scopes);
  if (twin.rate === 'costly') await caller.countCost();
  const { userId } = principal;
  const actor = readActor(principal);
  const settle = await audit.begin(twin, { actor, userId, meetingId, address, requestId });
  try {
    const result = await work();
    await settle({ status: 200, meetingId: findMeetingId?.(result) ?? null, userId });
    return result;
  } catch (error) {
    await settle({ status: toApiError(error).status, meetingId: null, userId });
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
