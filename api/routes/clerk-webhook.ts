import { Router, type Request, type Response } from 'express';
import { Webhook, WebhookVerificationError } from 'svix';
import { clerkEventSchema, type ClerkAnswer } from '../../domain/profiles';
import { insertAuditEntry, settleAuditEntry } from '../../infra/database/audit';
import type { Queryable } from '../../infra/database/client';
import { noteClerkDelivery } from '../../infra/database/profiles';
import { applyUserEvent, readUserEvent, type AppliedEvent } from '../clerk-events';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { carryOnDeletion } from '../user-deletion';
import { refuseInvalid } from '../validate';

export const CLERK_WEBHOOK_PATH = '/api/webhooks/clerk';

const NOTHING: AppliedEvent = { outcome: 'ignored', userId: null, deletion: null };

/**
 * Clerk's events about users. What is not signed, was signed too long ago, or is a copy of a request
 * that was taken writes nothing.
 */
export function createClerkWebhookRoutes(deps: ApiDeps): Router {
  const router = Router();
  const webhooks = deps.config.CLERK_WEBHOOK_SECRET.map((secret) => new Webhook(secret));

  router.post(CLERK_WEBHOOK_PATH, async (request, response) => {
    const send = (answer: ClerkAnswer): void => void response.json(answer);
    const { payload, ...message } = verify(webhooks, request);
    const parsed = clerkEventSchema.safeParse(payload);
    if (!parsed.success) return refuseInvalid(parsed.error);
    const event = readUserEvent(payload as { type: string });
    if (!event) return send({ outcome: 'ignored' });
    const applied = await deps.database.transaction(async (tx): Promise<AppliedEvent> => {
      const noted = await noteClerkDelivery(tx, message);
      if (noted === 'copy') throw refuseCopy();
      if (noted === 'again') return { ...NOTHING, outcome: 'repeated' };
      const done = await applyUserEvent(tx, event);
      const { svixId } = message;
      await writeAudit(tx, { request, response }, { action: event.type, svixId, ...done });
      return done;
    });
    if (applied.deletion) await carryOnDeletion(deps, applied.deletion);
    send({ outcome: applied.outcome });
  });

  return router;
}

function refuseCopy(): ApiError {
  const message = 'Expected a request that had not come before, or that Svix signed anew';
  return new ApiError('webhook_replayed', message);
}

interface SignedMessage {
  svixId: string;
  signedAt: Date;
  payload: unknown;
}

function verify(webhooks: readonly Webhook[], request: Request): SignedMessage {
  if (webhooks.length === 0) {
    const message = 'Expected the setting CLERK_WEBHOOK_SECRET, got none';
    throw new ApiError('clerk_webhook_not_configured', message);
  }
  const headers = {
    'svix-id': request.get('svix-id') ?? '',
    'svix-timestamp': request.get('svix-timestamp') ?? '',
    'svix-signature': request.get('svix-signature') ?? '',
  };
  for (const webhook of webhooks) {
    const verified = tryVerify(webhook, request.body, headers);
    if (verified) {
      // read as svix reads it, which passes over what follows the digits
      const signedAt = new Date(Number.parseInt(headers['svix-timestamp'], 10) * 1000);
      return { svixId: headers['svix-id'], signedAt, payload: verified.payload };
    }
  }
  throw new ApiError('invalid_signature', 'Expected a request that Svix signed within 5 minutes');
}

/** Null when this is not the secret it was signed with. */
function tryVerify(
  webhook: Webhook,
  body: unknown,
  headers: Record<string, string>,
): { payload: unknown } | null {
  try {
    return { payload: webhook.verify(Buffer.isBuffer(body) ? body : '', headers) };
  } catch (error) {
    if (error instanceof WebhookVerificationError) return null;
    if (error instanceof SyntaxError) {
      throw new ApiError('malformed_request', 'Expected valid JSON');
    }
    throw error;
  }
}

async function writeAudit(
  tx: Queryable,
  { request, response }: { request: Request; response: Response },
  entry: { action: string; svixId: string; userId: number | null },
): Promise<void> {
  const { action, svixId, userId } = entry;
  const id = await insertAuditEntry(tx, {
    action,
    actor: { kind: 'clerk', id: svixId },
    userId,
    meetingId: null,
    address: request.ip ?? null,
    requestId: String(response.locals['requestId']),
  });
  await settleAuditEntry(tx, id, { status: 200, meetingId: null, userId });
}
