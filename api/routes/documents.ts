import { Router } from 'express';
import type { ApiDeps } from '../deps';
import { createOpenApiDocument } from '../openapi';

/** `/openapi.json`: what the API takes and gives. */
export function createDocumentRoutes({ config }: ApiDeps): Router {
  const router = Router();
  const document = createOpenApiDocument(config.API_URL);

  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });

  return router;
}
