import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import type { Logger } from 'pino';
import type { ApiConfig } from '../../infra/config';
import { ApiError } from '../errors';
import type { Session } from './sessions';

/** An administrator: a program with the key, or a person whose session has the role. */
export interface AdminPrincipal {
  kind: 'admin';
  /** Clerk's user id, or which key it was. */
  actorId: string;
}

export interface Admins {
  /** By `X-API-Key`; null when none came, a 401 for any that is no admin key. */
  readKey(request: Request): AdminPrincipal | null;
  /** A valid session counts when it has the role; throws a 403 otherwise. */
  readSession(session: Session): AdminPrincipal;
  /** Whether such a session has the role, with the second factor where that is asked for. */
  isAdmin(session: Session): boolean;
}

/** The role by which Clerk's users are administrators. */
export const ADMIN_ROLE = 'admin';

type AdminSettings = Pick<
  ApiConfig,
  'ADMIN_API_KEYS' | 'ADMIN_ROLE_CLAIM' | 'ADMIN_REQUIRES_SECOND_FACTOR'
>;

/** Shorter ones can be guessed. */
const KEY_LENGTH = 32;

/** Tells administrators from others. Keys of users are none of its matter, nor is it of theirs. */
export function createAdmins(config: AdminSettings, logger: Pick<Logger, 'warn'>): Admins {
  const keys = config.ADMIN_API_KEYS.filter(({ length }) => length >= KEY_LENGTH);
  const ignored = config.ADMIN_API_KEYS.length - keys.length;
  if (ignored > 0) {
    logger.warn({ ignored }, `ADMIN_API_KEYS ignored: a key has at least ${KEY_LENGTH} characters`);
  }
  const digests = keys.map(hash);
  const hasRole = ({ claims }: Session): boolean =>
    readPath(claims, config.ADMIN_ROLE_CLAIM) === ADMIN_ROLE;
  const hasFactors = ({ claims }: Session): boolean =>
    !config.ADMIN_REQUIRES_SECOND_FACTOR || hasSecondFactor(claims);
  return {
    readKey(request) {
      const key = request.get('x-api-key');
      if (key === undefined) return null;
      const digest = hash(key);
      // every key is compared, in the same time whatever it is
      const matching = digests.filter((each) => timingSafeEqual(each, digest));
      if (matching.length === 0) throw new ApiError('unauthenticated', 'Expected an admin key');
      return { kind: 'admin', actorId: `key-${digest.toString('hex').slice(0, 8)}` };
    },

    readSession(session) {
      if (!hasRole(session)) throw new ApiError('admin_required', 'Expected an administrator');
      if (!hasFactors(session)) {
        const message = 'Expected an administrator who signed in with a second factor';
        throw new ApiError('second_factor_required', message);
      }
      return { kind: 'admin', actorId: session.clerkId };
    },

    isAdmin: (session) => hasRole(session) && hasFactors(session),
  };
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function readPath(claims: Session['claims'], path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const isObject = typeof value === 'object' && value !== null;
    return isObject && Object.hasOwn(value, name)
      ? (value as Record<string, unknown>)[name]
      : undefined;
  }, claims);
}

/** Clerk's `fva`: minutes since the first and the second factor; -1 where there was none. */
function hasSecondFactor({ fva }: Session['claims']): boolean {
  const minutes: unknown = Array.isArray(fva) ? fva[1] : undefined;
  return typeof minutes === 'number' && minutes >= 0;
}
