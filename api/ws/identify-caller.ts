import { WS_CLOSE, type WsClose } from '../../domain/ws';
import type { AuditActor } from '../../infra/database/audit';
import type { Database } from '../../infra/database/client';
import { findOrMakeUser, UserRefusedError } from '../../infra/database/users';
import { isApiKey, type ApiKeys } from '../auth/api-keys';
import type { Sessions } from '../auth/sessions';
import type { SignInLimit } from '../rate-limits/sign-in-limit';
import { ApiError, RateLimitedError } from '../errors';

/** Whom a socket speaks for. */
export interface Caller {
  userId: number;
  /** The API key it showed; null for a session. */
  keyId: number | null;
  /** As the audit log names it. */
  actor: AuditActor;
  /** Null when it holds until it is revoked. */
  expiresAtMs: number | null;
}

export interface IdentifyDeps {
  database: Database;
  sessions: Sessions;
  apiKeys: ApiKeys;
  signIns: SignInLimit;
}

/** Who an `auth` frame's token speaks for, or the code to close with. */
export async function identifyCaller(
  deps: IdentifyDeps,
  { token, address }: { token: string; address: string },
): Promise<Caller | WsClose> {
  try {
    return await deps.signIns.attempt(address, () =>
      isApiKey(token) ? readKey(deps, token) : readSession(deps, token),
    );
  } catch (error) {
    if (error instanceof RateLimitedError) return WS_CLOSE.tooMany;
    if (error instanceof UserRefusedError) return WS_CLOSE.unauthorised;
    if (error instanceof ApiError && error.code === 'unauthenticated') return WS_CLOSE.unauthorised;
    throw error;
  }
}

async function readKey({ apiKeys }: IdentifyDeps, token: string): Promise<Caller | WsClose> {
  const { keyId, userId, scopes, expiresAt } = await apiKeys.verify(token);
  if (!scopes.includes('transcripts:read')) return WS_CLOSE.scopeMissing;
  const actor = { kind: 'api_key', id: String(keyId) } as const;
  return { userId, keyId, actor, expiresAtMs: expiresAt?.getTime() ?? null };
}

async function readSession({ sessions, database }: IdentifyDeps, token: string): Promise<Caller> {
  const { clerkId, expiresAtMs } = await sessions.verify(token);
  const userId = await findOrMakeUser(database, clerkId);
  return { userId, keyId: null, actor: { kind: 'session', id: clerkId }, expiresAtMs };
}
