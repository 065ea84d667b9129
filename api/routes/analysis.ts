import { Router } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import { askForAnalysis, requireAnalysis } from '../analyses';
import type { ApiDeps } from '../deps';
import { readAsked, sendAnswer } from '../intents';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** A meeting's newest analysis, and the wish for a new one. */
export function createAnalysisRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();

  router.get('/meetings/:id/analysis', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    await requireOwnMeeting(database, response, path.id);
    response.json(await requireAnalysis(deps, path.id));
  });

  router.post('/meetings/:id/analysis', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    sendAnswer(response, await askForAnalysis(deps, readAsked(request, response), meeting));
  });

  return router;
}
