import { createHash, randomUUID } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';

/** Issuer of the tokens that local mode makes; `.invalid` never resolves. */
const LOCAL_HOST = 'clerk.local.invalid';
/** A key of Clerk's shape for local mode: `pk_live_` and, in base64, the issuer's host and `$`. */
export const LOCAL_PUBLISHABLE_KEY = `pk_live_${Buffer.from(`${LOCAL_HOST}$`).toString('base64')}`;

const LIFETIME_MS = 12 * 3_600_000;

export interface LocalToken {
  token: string;
  clerkId: string;
  expiresAt: Date;
}

interface LocalTokenOptions {
  privateKeyPem: string;
  authorizedParty: string;
  /** Path of a claim, as `metadata.role`, and what it says; for administrators. */
  role?: { claim: string; value: string };
}

/** Makes a session token of Clerk's shape; the same e-mail is always the same user. */
export async function mintLocalToken(
  email: string,
  options: LocalTokenOptions,
): Promise<LocalToken> {
  const key = await importPKCS8(options.privateKeyPem, 'RS256');
  const digest = createHash('sha256').update(email.trim().toLowerCase()).digest('hex');
  const clerkId = `user_local_${digest.slice(0, 24)}`;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const expiresSeconds = nowSeconds + LIFETIME_MS / 1000;
  const token = await new SignJWT({
    ...(options.role ? nest(options.role) : {}),
    azp: options.authorizedParty,
    sid: `sess_local_${randomUUID()}`,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'local' })
    .setSubject(clerkId)
    .setIssuer(`https://${LOCAL_HOST}`)
    .setIssuedAt(nowSeconds)
    .setNotBefore(nowSeconds)
    .setExpirationTime(expiresSeconds)
    .sign(key);
  return { token, clerkId, expiresAt: new Date(expiresSeconds * 1000) };
}

/** `metadata.role` as claims: an object within an object. */
function nest({ claim, value }: { claim: string; value: string }): Record<string, unknown> {
  return claim
    .split('.')
    .reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, unknown>;
}
