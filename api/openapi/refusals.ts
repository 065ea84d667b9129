import { isScope, type Scope } from '../../domain/scopes';
import type { ErrorCode } from '../errors';
import { idempotency, type Access, type Operation } from '../operations/operation';

type AccessKind = Exclude<Access, Scope> | 'scoped';

/** How each kind of access is shown, and how it refuses. */
const ACCESS: Record<AccessKind, { security: string[]; errors: ErrorCode[] }> = {
  public: { security: [], errors: [] },
  bot: { security: ['bot'], errors: ['unauthenticated'] },
  admin: {
    security: ['admin', 'session'],
    errors: ['unauthenticated', 'admin_required', 'second_factor_required', 'user_disabled'],
  },
  session: {
    security: ['session'],
    errors: ['unauthenticated', 'session_required', 'user_disabled'],
  },
  any_key: { security: ['session', 'apiKey'], errors: ['unauthenticated', 'user_disabled'] },
  scoped: {
    security: ['session', 'apiKey'],
    errors: ['unauthenticated', 'scope_missing', 'user_disabled'],
  },
};

function kindOf({ access }: Operation): AccessKind {
  return isScope(access) ? 'scoped' : access;
}

/** The ways to sign in, by the names of the document's security schemes. */
export function listSecurity(operation: Operation): string[] {
  return ACCESS[kindOf(operation)].security;
}

/** Orchestrators probe as often as they like. */
const UNLIMITED = ['get /health', 'get /api/health', 'get /ready', 'get /metrics'];

/** Whether how often the route is asked is limited, and its answers say how much is left. */
export function isLimited(key: string): boolean {
  return !UNLIMITED.includes(key);
}

/** Every code that the route can refuse with: its own, and those that follow from what it is. */
export function listRefusals(key: string, operation: Operation): ErrorCode[] {
  const { path, query, headers, body, byteBodies, errors = [] } = operation;
  const isChange = !key.startsWith('get ');
  const hasFields = [path, query, headers, body].some((schema) => schema !== undefined);
  const isStatic = operation.access === 'public' && !isChange;
  const takesJson = body !== undefined || (/^(post|patch|put) /.test(key) && !byteBodies);
  const codes: ErrorCode[] = [
    ...ACCESS[kindOf(operation)].errors,
    ...when(isLimited(key), 'rate_limited'),
    // a page of another origin; bots are no pages
    ...when(isChange && key.includes(' /api/'), 'origin_not_allowed'),
    // a broken %-escape in the path, or broken JSON
    ...when(path !== undefined || takesJson, 'malformed_request'),
    ...when(hasFields, 'invalid_request'),
    ...when(takesJson || byteBodies !== undefined, 'payload_too_large'),
    ...when(takesJson, 'unsupported_media_type'),
    ...when(headers === idempotency, 'idempotency_key_reused'),
    ...when(!isStatic, 'unavailable'),
    ...errors,
  ];
  return [...new Set(codes)];
}

function when(applies: boolean, code: ErrorCode): ErrorCode[] {
  return applies ? [code] : [];
}
