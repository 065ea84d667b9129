import { Router } from 'express';
import { searchQuerySchema } from '../../domain/search';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { readSearchPage } from '../search-page';
import { readRequest } from '../validate';

/** `GET /api/search`: what was said in one's own meetings. */
export function createSearchRoutes({ database }: ApiDeps): Router {
  const router = Router();
  router.get('/search', async (request, response) => {
    const { query } = readRequest(request, { query: searchQuerySchema });
    response.json(await readSearchPage(database, currentUserId(response), query));
  });
  return router;
}
