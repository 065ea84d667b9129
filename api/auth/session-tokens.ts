import { z } from 'zod';

const JWT_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const BEARER = /^Bearer (\S+)$/;

/** OAuth access tokens are `at+jwt`. */
const headerSchema = z.looseObject({ typ: z.literal('JWT').optional() });
/** `mch_…` are machines. */
const payloadSchema = z.looseObject({ sub: z.string().regex(/^(?!mch_)/) });

/**
 * Whether a token could be a person's session: Clerk's SDK takes any kind of token that Clerk gives
 * out, and asks Clerk about the opaque ones, as often as anybody makes one up.
 */
export function looksLikeSession(token: string): boolean {
  if (!JWT_SHAPE.test(token)) return false;
  const [header, payload] = token.split('.').map(decode);
  return headerSchema.safeParse(header).success && payloadSchema.safeParse(payload).success;
}

/** Whether an Authorization header could show a person's session. */
export function showsSession(authorization: string): boolean {
  const token = BEARER.exec(authorization)?.[1];
  return token !== undefined && looksLikeSession(token);
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
