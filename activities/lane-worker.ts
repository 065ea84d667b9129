import { LARGEST_BATCH, takeNextStep } from '../domain/webhook-batches';
import { pauseAfterFailure, type DeliveryTiming } from '../domain/webhook-retries';
import type { Database } from '../infra/database/client';
import { readCursor, readEvents } from '../infra/database/events';
import { insertDelivery, type DeliveryOutcome } from '../infra/database/webhook-deliveries';
import {
  disableEndpoint,
  noteFailure,
  noteSuccess,
  readEndpoint,
  type SigningEndpoint,
} from '../infra/database/webhook-health';
import { readWebhookMeeting } from '../infra/database/webhook-messages';
import {
  fixMessage,
  moveOn,
  waitAfterFailure,
  type Lane,
} from '../infra/database/webhook-positions';
import type { Encryption } from '../infra/encryption';
import type { OutgoingOptions } from '../infra/outgoing-url';
import { attemptDelivery, type AttemptResult } from '../infra/webhook-attempt';
import { makeMessage, type WebhookMessage } from './webhook-message';

export interface LaneDeps {
  db: Database;
  encryption: Encryption;
  outgoing: OutgoingOptions;
  timing: DeliveryTiming;
  now: () => Date;
  /** Between 0 and 1: spreads what failed together. */
  random: () => number;
}

const HTTP_GONE = 410;
const HTTP_TOO_MANY_REQUESTS = 429;
const SHORTEST_RETRY_AFTER_MS = 1_000;

/**
 * Takes one step along a lane: sends the next message, or passes over what its endpoint does not
 * want. Returns the lane where it goes on, null when there is nothing more to do on it now.
 */
export async function stepAlong(
  deps: LaneDeps,
  lane: Lane,
  signal: AbortSignal,
): Promise<Lane | null> {
  const { db } = deps;
  const endpoint = await readEndpoint(db, lane.endpointId, deps.now());
  const meeting = await readWebhookMeeting(db, lane.meetingId);
  if (!endpoint?.isEnabled || !meeting || isPaused(endpoint, deps.now())) return null;
  // read before the events: whatever is missing below it will never be there
  const cursor = await readCursor(db, lane.meetingId);
  const end = lane.throughSeq ?? lane.untilSeq;
  const found = await readEvents(
    db,
    [{ meetingId: lane.meetingId, after: lane.afterSeq }],
    LARGEST_BATCH + 1,
  );
  const events = found.filter(({ seq }) => seq <= end);
  const step = takeNextStep(events, endpoint.eventTypes);
  if (step.kind === 'nothing') {
    const throughSeq = Math.min(cursor, end);
    return throughSeq > lane.afterSeq ? moveOn(db, lane, { throughSeq, now: deps.now() }) : null;
  }
  if (step.kind === 'skip') {
    const throughSeq = lane.throughSeq ?? step.throughSeq;
    return moveOn(db, lane, { throughSeq, now: deps.now() });
  }
  const throughSeq = lane.throughSeq ?? step.events.at(-1)?.seq ?? end;
  if (!(await fixMessage(db, lane, throughSeq))) return null;
  const { endpointId, meetingId, afterSeq } = lane;
  const stretch = { endpointId, meetingId, afterSeq, throughSeq };
  const message = await makeMessage(db, { ...step, ...stretch, meeting });
  const outgoing = { ...deps.outgoing, signal };
  const result = await attemptDelivery(endpoint, message, { ...deps, outgoing, now: deps.now() });
  // called off: nobody knows whether it arrived, so it is sent again under its id
  if (signal.aborted && !result.isDelivered) return null;
  return settle(deps, { ...lane, throughSeq }, { url: endpoint.url, message, result });
}

export function isPaused({ pausedUntil }: SigningEndpoint, now: Date): boolean {
  return pausedUntil !== null && pausedUntil > now;
}

/** Writes what came of an attempt: log, lane and endpoint change together. */
async function settle(
  deps: LaneDeps,
  lane: Lane,
  { url, message, result }: { url: string; message: WebhookMessage; result: AttemptResult },
): Promise<Lane | null> {
  const now = deps.now();
  const outcome = judge(deps, lane, result);
  const { isDelivered, retryAfterMs, ...seen } = result;
  return deps.db.transaction(async (tx) => {
    await insertDelivery(tx, {
      endpointId: lane.endpointId,
      meetingId: lane.meetingId,
      messageId: message.id,
      type: message.type,
      fromSeq: message.fromSeq,
      throughSeq: message.throughSeq,
      attempt: lane.attempts + 1,
      outcome,
      url,
      ...seen,
      createdAt: now,
    });
    if (isDelivered) await noteSuccess(tx, lane.endpointId, now);
    else await noteTrouble(deps, tx, { lane, status: result.status, retryAfterMs });
    if (outcome !== 'failed') return moveOn(tx, lane, { throughSeq: message.throughSeq, now });
    await waitAfterFailure(tx, lane, { now, nextAttemptAt: planNext(deps, lane, retryAfterMs) });
    return null;
  });
}

function judge(
  { timing, now }: LaneDeps,
  { failingSince }: Lane,
  { isDelivered, status }: AttemptResult,
): DeliveryOutcome {
  if (isDelivered) return 'delivered';
  if (status === HTTP_GONE || failingSince === null) return 'failed';
  const failingForMs = now().getTime() - failingSince.getTime();
  return failingForMs >= timing.giveUpAfterMs ? 'dead_lettered' : 'failed';
}

/** The last attempt comes when the time is up, not after it. */
function planNext(deps: LaneDeps, lane: Lane, retryAfterMs: number | null): Date {
  const nowMs = deps.now().getTime();
  const pauseMs =
    retryAfterMs === null
      ? pauseAfterFailure(lane.attempts + 1, deps.timing, deps.random())
      : Math.max(retryAfterMs, SHORTEST_RETRY_AFTER_MS);
  const lastMs = (lane.failingSince?.getTime() ?? nowMs) + deps.timing.giveUpAfterMs;
  return new Date(Math.min(nowMs + pauseMs, lastMs));
}

async function noteTrouble(
  deps: LaneDeps,
  tx: Parameters<typeof noteFailure>[0],
  {
    lane: { endpointId, failingSince },
    status,
    retryAfterMs,
  }: { lane: Lane; status: number | null; retryAfterMs: number | null },
): Promise<void> {
  const now = deps.now();
  const asksForSilence = status === HTTP_TOO_MANY_REQUESTS && retryAfterMs !== null;
  const pausedUntil = asksForSilence ? new Date(now.getTime() + retryAfterMs) : null;
  const since = await noteFailure(tx, endpointId, { now, pausedUntil });
  const isGone = status === HTTP_GONE;
  const lastsFor = (moment: Date | null): number => now.getTime() - (moment ?? now).getTime();
  // nothing may have been tried for days: the first failure after that is no proof
  const isFailing =
    lastsFor(since) >= deps.timing.disableAfterMs &&
    lastsFor(failingSince) >= deps.timing.longestDelayMs;
  if (isGone || isFailing) {
    await disableEndpoint(tx, endpointId, { reason: isGone ? 'gone' : 'failing', now });
  }
}
