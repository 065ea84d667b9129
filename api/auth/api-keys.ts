import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { API_KEY_PREFIX } from '../../domain/api-keys';
import { findApiKeyHolder, noteApiKeyUse, type ApiKeyHolder } from '../../infra/database/api-keys';
import type { Database } from '../../infra/database/client';
import { ApiError } from '../errors';

const KEY_BYTES = 32;
/** 32 bytes in base64url. */
const KEY_SHAPE = new RegExp(`^${API_KEY_PREFIX}[A-Za-z0-9_-]{43}$`);

/** A new key: as it is shown once, and as it is kept. */
export function makeApiKey(): { key: string; keyHash: string; lastFour: string } {
  const key = API_KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
  return { key, keyHash: hashApiKey(key), lastFour: key.slice(-4) };
}

/**
 * One round of SHA-256 is enough here, other than for passwords: 256 random bits cannot be guessed
 * from their hash, and every request needs it.
 */
function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export function isApiKey(token: string): boolean {
  return token.startsWith(API_KEY_PREFIX);
}

/** Throws a 401 when a request shows two credentials: nobody guesses which was meant. */
export function refuseTwoCredentials({ headers }: IncomingMessage): void {
  if (headers['x-api-key'] !== undefined && headers.authorization !== undefined) {
    throw new ApiError('unauthenticated', 'Expected a session or an API key, got both');
  }
}

/** The key that a request shows, or null. */
export function readShownKey({ headers }: IncomingMessage): string | null {
  const header = headers['x-api-key'];
  if (header !== undefined) return String(header);
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  return isApiKey(bearer) ? bearer : null;
}

export interface ApiKeys {
  /** Whom a key speaks for; throws a 401 unless it is valid now, or `UserRefusedError`. */
  verify(key: string): Promise<ApiKeyHolder>;
}

/** Every look goes to the database, so that a revoked key is refused at once on every replica. */
export function createApiKeys(database: Database, logger: Logger): ApiKeys {
  return {
    async verify(key) {
      const holder = KEY_SHAPE.test(key) ? await findApiKeyHolder(database, hashApiKey(key)) : null;
      if (!holder) throw new ApiError('unauthenticated', 'Expected a valid API key');
      if (holder.isUseStale) {
        noteApiKeyUse(database, holder.keyId).catch((err: unknown) => {
          logger.warn({ err, apiKeyId: holder.keyId }, 'use of an API key not noted');
        });
      }
      return holder;
    },
  };
}
