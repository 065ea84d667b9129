import { createHash, randomBytes } from 'node:crypto';

const PATTERN = /^shr_[A-Za-z0-9_-]{43}$/;

/** A token that nobody guesses. */
export function makeShareToken(): string {
  return `shr_${randomBytes(32).toString('base64url')}`;
}

/** The hash that the database knows the token by, or null for what is no token. */
export function hashShareToken(token: string): string | null {
  return PATTERN.test(token) ? createHash('sha256').update(token).digest('hex') : null;
}
