import path from 'node:path';
import { Router } from 'express';
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { makeLlmsText } from '../openapi/llms-text';
import { createOpenApiDocument } from '../openapi/document';
import { readRequest } from '../validate';
import { DOCS_PAGE, docsFileSchema, OWN_DOCS_FILES } from './docs-page';

/** The page loads nothing from elsewhere; Swagger UI sets styles by script and draws inline SVG. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the API takes and gives: for programs, for people, and for language models. */
export function createDocumentRoutes({ config }: ApiDeps): Router {
  const router = Router();
  const document = createOpenApiDocument(config.API_URL);
  const llmsText = makeLlmsText(config.API_URL);
  const swaggerFolder = getAbsoluteFSPath();

  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });

  router.get('/llms.txt', (_request, response) => {
    response.type('text/plain').send(llmsText);
  });

  router.get('/docs', (_request, response) => {
    response.set('Content-Security-Policy', PAGE_POLICY).type('html').send(DOCS_PAGE);
  });

  router.get('/docs/:file', (request, response) => {
    const {
      path: { file },
    } = readRequest(request, { path: docsFileSchema });
    response.set('Cache-Control', 'public, max-age=3600');
    const own = OWN_DOCS_FILES[file];
    if (own !== undefined) response.type(path.extname(file)).send(own);
    else response.sendFile(path.join(swaggerFolder, file), { cacheControl: false });
  });

  return router;
}
