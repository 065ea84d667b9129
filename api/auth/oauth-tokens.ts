import { createRemoteJWKSet, decodeProtectedHeader, importSPKI, jwtVerify } from 'jose';
import { z } from 'zod';
import { isScope, type Scope } from '../../domain/scopes';
import type { ApiConfig } from '../../infra/config';
import { ApiError } from '../errors';
import { findIssuer } from './sessions';

/** Whom a program speaks for that a person let in by Clerk, and what it may. */
export interface OAuthGrant {
  clerkId: string;
  scopes: readonly Scope[];
}

export interface OAuthTokens {
  /** The access token that a request shows, or null. */
  read(authorization: string | undefined): string | null;
  /** Throws a 401 unless it is valid now and meant for this server. */
  verify(token: string): Promise<OAuthGrant>;
  /** What programs are told of it, as RFC 9728 says. */
  metadata: Record<string, unknown>;
  /** What a refused request is told to ask for, and where: a `WWW-Authenticate` of RFC 6750. */
  challenge: string;
}

export const OAUTH_METADATA_PATH = '/.well-known/oauth-protected-resource';
const claimsSchema = z.looseObject({
  sub: z.string().regex(/^(?!mch_)./),
  scope: z.string().optional(),
  scp: z.array(z.string()).optional(),
});

/**
 * Access tokens of Clerk for `/mcp`, in the form of RFC 9068, which need no word from Clerk. Those
 * without a form would be asked about at Clerk's as often as anybody makes one up. Null unless the
 * installation says what they may: any OAuth application of the Clerk instance could get one.
 */
export function createOAuthTokens(config: ApiConfig): OAuthTokens | null {
  if (config.MCP_OAUTH_SCOPES.length === 0) return null;
  const resource = new URL('/mcp', config.API_URL).href;
  const issuer = findIssuer(config);
  const rules = {
    issuer,
    typ: 'at+jwt',
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'sub'],
    clockTolerance: config.CLERK_CLOCK_SKEW_SECONDS,
  };
  const verifySignature = createVerifier(config, issuer);
  return {
    metadata: {
      resource,
      resource_name: 'Meetings',
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: config.MCP_OAUTH_SCOPES,
    },
    challenge: makeChallenge(config),
    read(authorization) {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      return token !== undefined && isAccessToken(token) ? token : null;
    },
    async verify(token) {
      const payload = await verifySignature(token, rules);
      const claims = claimsSchema.safeParse(payload);
      // meant for another resource: whoever got it there must not use it here
      const audiences = [payload?.aud ?? resource].flat();
      if (!claims.success || !audiences.includes(resource)) throw refuse();
      const { sub, scope, scp } = claims.data;
      // its person agreed to these and to no others; Clerk's own say nothing about meetings
      const named = [...(scope?.split(' ') ?? []), ...(scp ?? [])].filter(isScope);
      const scopes = named.filter((each) => config.MCP_OAUTH_SCOPES.includes(each));
      return { clerkId: sub, scopes };
    },
  };
}

/** Clients that are told no scopes ask for all that Clerk knows, and are refused there. */
function makeChallenge({ API_URL, MCP_OAUTH_SCOPES }: ApiConfig): string {
  const url = new URL(`${OAUTH_METADATA_PATH}/mcp`, API_URL).href;
  return `Bearer resource_metadata="${url}", scope="${MCP_OAUTH_SCOPES.join(' ')}"`;
}

type Rules = Parameters<typeof jwtVerify>[2];

/** By the installation's public key, or by those that Clerk publishes. */
function createVerifier(
  { CLERK_JWT_KEY }: ApiConfig,
  issuer: string,
): (token: string, rules: Rules) => Promise<Awaited<ReturnType<typeof jwtVerify>>['payload']> {
  const check = CLERK_JWT_KEY
    ? async (token: string, rules: Rules) =>
        jwtVerify(token, await importSPKI(CLERK_JWT_KEY, 'RS256'), rules)
    : verifyRemotely(issuer);
  return async (token, rules) => {
    const verified = await check(token, rules).catch(() => null);
    if (!verified) throw refuse();
    return verified.payload;
  };
}

function verifyRemotely(issuer: string) {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer));
  return (token: string, rules: Rules) => jwtVerify(token, keys, rules);
}

function isAccessToken(token: string): boolean {
  try {
    return /^(application\/)?at\+jwt$/i.test(decodeProtectedHeader(token).typ ?? '');
  } catch {
    return false;
  }
}

function refuse(): ApiError {
  return new ApiError('unauthenticated', 'Expected a valid access token for this server');
}
