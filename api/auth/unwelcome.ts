import { findValidApiKeys } from '../../infra/database/api-keys';
import type { Database } from '../../infra/database/client';
import { findWelcomeUsers } from '../../infra/database/users';
import { ApiError } from '../errors';
import type { UserPrincipal } from './principals';

/** Who holds something open, and by which API key; null for a session. */
interface Holder {
  readonly userId: number;
  readonly keyId: number | null;
}

/** Those whose user may not use the API any longer, or whose key is worth nothing now. */
export async function findUnwelcome<T extends Holder>(
  database: Database,
  holders: readonly T[],
): Promise<T[]> {
  if (holders.length === 0) return [];
  const keyIds = new Set(holders.flatMap(({ keyId }) => keyId ?? []));
  const [users, keys] = await Promise.all([
    findWelcomeUsers(database, [...new Set(holders.map(({ userId }) => userId))]),
    keyIds.size === 0 ? new Set<number>() : findValidApiKeys(database, [...keyIds]),
  ]);
  return holders.filter(
    ({ userId, keyId }) => !users.has(userId) || (keyId !== null && !keys.has(keyId)),
  );
}

/** Throws a 401 when whoever asked may not any longer, as after a wait. */
export async function requireWelcome(
  database: Database,
  { userId, via, actorId }: UserPrincipal,
): Promise<void> {
  const holder = { userId, keyId: via === 'api_key' ? Number(actorId) : null };
  const [unwelcome] = await findUnwelcome(database, [holder]);
  if (unwelcome) throw new ApiError('unauthenticated', 'Expected somebody who still may ask');
}
