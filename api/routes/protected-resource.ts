import { Router, type RequestHandler } from 'express';
import type { ProtectedResource } from '../../domain/api';
import { SCOPES } from '../../domain/scopes';
import type { ApiConfig } from '../../infra/config';
import { findIssuer } from '../auth/sessions';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';

const PATH = '/.well-known/oauth-protected-resource';

/** Who gives out tokens for `/mcp`, as RFC 9728 lets clients find it. */
export function createProtectedResourceRoutes({ config }: ApiDeps): Router {
  const router = Router();
  const resource: ProtectedResource = {
    resource: new URL('/mcp', config.API_URL).href,
    authorization_servers: [findIssuer(config)],
    bearer_methods_supported: ['header'],
    scopes_supported: Object.keys(SCOPES),
    resource_name: 'Meetings',
  };

  router.get([PATH, `${PATH}/mcp`], (_request, response) => {
    if (config.AUTH_MODE !== 'clerk') {
      throw new ApiError('route_not_found', 'Expected an installation with Clerk');
    }
    response.json(resource);
  });

  return router;
}

/** Has a 401 name where the metadata is, as the MCP authorization specification asks. */
export function createChallenge({ AUTH_MODE, API_URL }: ApiConfig): RequestHandler {
  const metadata = new URL(`${PATH}/mcp`, API_URL).href;
  return (_request, response, next) => {
    if (AUTH_MODE === 'clerk') {
      response.locals['challenge'] = `Bearer resource_metadata="${metadata}"`;
    }
    next();
  };
}
