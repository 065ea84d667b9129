import { Router } from 'express';
import { OAUTH_METADATA_PATH, type OAuthTokens } from '../auth/oauth-tokens';
import { ApiError } from '../errors';

/** Where programs find out who signs people in for `/mcp`. */
export function createOAuthMetadataRoutes(tokens: OAuthTokens | null): Router {
  const router = Router();
  for (const path of [OAUTH_METADATA_PATH, `${OAUTH_METADATA_PATH}/mcp`]) {
    router.get(path, (_request, response) => {
      if (!tokens) throw new ApiError('route_not_found', 'Expected MCP_OAUTH_SCOPES to be set');
      // clients in browsers find their way by it, from any page
      response.set('Access-Control-Allow-Origin', '*').json(tokens.metadata);
    });
  }
  return router;
}
