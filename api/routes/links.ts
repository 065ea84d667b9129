import { Router } from 'express';
import { recogniseLinkSchema, type RecognisedLink } from '../../domain/link-recognition';
import type { ApiDeps } from '../deps';
import { parseLink } from '../make-meeting';
import { readRequest } from '../validate';

/** `/api/links/recognise`: what a pasted link leads to, as one types. */
export function createLinkRoutes(deps: ApiDeps): Router {
  const router = Router();

  // a passcode may stand in the link, and addresses of requests are written down in many places
  router.post('/links/recognise', (request, response) => {
    const { body } = readRequest(request, { body: recogniseLinkSchema });
    const result = parseLink(deps, body);
    const answer: RecognisedLink = result.ok
      ? {
          link: {
            platform: result.link.platform,
            meetingUrl: result.link.url,
            hasPasscode: result.link.passcode !== null,
          },
          problem: null,
        }
      : { link: null, problem: result.message };
    response.json(answer);
  });

  return router;
}
