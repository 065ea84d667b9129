import type { RequestHandler, Response } from 'express';
import { isScope } from '../../domain/scopes';
import type { Principals } from '../auth/principals';
import { ApiError } from '../errors';
import type { Operation } from '../operations/operation';
import type { RouteTable } from './route-table';

/**
 * The one gate: finds the request's route in the table and lets through whom the table lets. An
 * unknown path is 404 for everybody, another method 405, nobody's token 401, a key that may not
 * this 403. Whether a meeting is one's own is judged behind it, and answered 404.
 */
export function createGate(table: RouteTable, principals: Principals): RequestHandler {
  return async (request, response, next) => {
    const found = table.find(request.method, request.path);
    if (found.kind === 'unknown') throw refuseUnknown(response, found.methods);
    const { operation } = found;
    response.locals['operation'] = operation;
    // A bot's token is checked by its own routes: it is worth nothing elsewhere.
    if (operation.access !== 'public' && operation.access !== 'bot') {
      const principal = await principals.read(request, response, operation.access);
      response.locals['principal'] = principal;
      if (principal.kind === 'user') {
        response.locals['userId'] = principal.userId;
        checkKey(operation, principal.scopes);
      }
    }
    next();
  };
}

/** A session may everything that is its person's; a key what its scopes say. */
export function checkKey(
  { access, alsoNeeds }: Pick<Operation, 'access' | 'alsoNeeds'>,
  scopes: readonly string[] | null,
): void {
  if (scopes === null || access === 'any_key') return;
  if (!isScope(access)) {
    throw new ApiError('session_required', 'Expected a signed-in person, got an API key');
  }
  const missing = [access, ...(alsoNeeds ? [alsoNeeds] : [])].find(
    (scope) => !scopes.includes(scope),
  );
  if (missing !== undefined) {
    const message = `Expected a key with the scope ${missing}, got one with ${scopes.join(', ') || 'none'}`;
    throw new ApiError('scope_missing', message);
  }
}

function refuseUnknown(response: Response, methods: readonly string[]): ApiError {
  if (methods.length === 0) return new ApiError('route_not_found', 'Expected a known route');
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  response.set('Allow', allowed.join(', '));
  return new ApiError('method_not_allowed', `Expected one of ${allowed.join(', ')}`);
}

/** What the table says of the route of this request. */
export function currentOperation(response: Response): Operation {
  return response.locals['operation'] as Operation;
}

/** The same, or null for a request that did not get as far as the gate. */
export function findOperation(response: Response): Operation | null {
  return (response.locals['operation'] as Operation | undefined) ?? null;
}
