import { clerkMiddleware, getAuth, verifyToken } from '@clerk/express';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { ApiConfig } from '../../infra/config';
import { ApiError } from '../errors';
import { LOCAL_PUBLISHABLE_KEY } from './local-tokens';
import { looksLikeSession } from './session-tokens';

/** Who a valid session token speaks for, and until when. */
export interface Session {
  clerkId: string;
  expiresAtMs: number;
  /** All that the token says; what it means depends on the installation. */
  claims: Readonly<Record<string, unknown>>;
}

export interface Sessions {
  /** Puts Clerk's verdict on a request; refuses nothing by itself. */
  middleware: RequestHandler;
  /** The session of a request that went through the middleware; throws a 401 without one. */
  read(request: Request): Session;
  /** Verifies a token that did not come in a header, as on a WebSocket; throws a 401. */
  verify(token: string): Promise<Session>;
}

/** Clerk's SDK insists on a secret key, also where a public key suffices to verify. */
const NO_SECRET_KEY = 'sk_live_not-needed-with-a-jwt-key';

const claimsSchema = z.looseObject({ sub: z.string().min(1), exp: z.number(), iss: z.string() });

/** Verification of session tokens through Clerk's SDK; with a JWT key it needs no network. */
export function createSessions(config: ApiConfig, authorizedParties: string[]): Sessions {
  const publishableKey = config.CLERK_PUBLISHABLE_KEY ?? LOCAL_PUBLISHABLE_KEY;
  const issuer = findIssuer(config);
  const options = {
    secretKey: config.CLERK_SECRET_KEY ?? NO_SECRET_KEY,
    authorizedParties,
    clockSkewInMs: config.CLERK_CLOCK_SKEW_SECONDS * 1000,
    ...(config.CLERK_JWT_KEY ? { jwtKey: config.CLERK_JWT_KEY } : {}),
  };
  const accept = (claims: unknown): Session => {
    const known = claimsSchema.safeParse(claims);
    // Clerk's SDK leaves the issuer unchecked.
    if (!known.success || known.data.iss !== issuer) throw refuseSession();
    return {
      clerkId: known.data.sub,
      expiresAtMs: known.data.exp * 1000,
      claims: known.data,
    };
  };
  return {
    middleware: clerkMiddleware({ ...options, publishableKey }),
    read: (request) => accept(getAuth(request).sessionClaims),
    async verify(token) {
      if (!looksLikeSession(token)) throw refuseSession();
      const claims = await verifyToken(token, options).catch(() => null);
      return accept(claims);
    },
  };
}

export function refuseSession(): ApiError {
  return new ApiError('unauthenticated', 'Expected a valid session token');
}

/** Who signs the tokens. */
export function findIssuer({ CLERK_ISSUER, CLERK_PUBLISHABLE_KEY }: ApiConfig): string {
  return CLERK_ISSUER ?? readIssuer(CLERK_PUBLISHABLE_KEY ?? LOCAL_PUBLISHABLE_KEY);
}

/** Clerk's publishable key is `pk_…_` and, in base64, the host of the instance's issuer and a `$`. */
function readIssuer(publishableKey: string): string {
  const encoded = publishableKey.split('_')[2] ?? '';
  return `https://${Buffer.from(encoded, 'base64').toString('utf8').replace(/\$$/, '')}`;
}
