import { Router } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import { commandBot } from '../bot-commands';
import type { ApiDeps } from '../deps';
import { readAsked, sendAnswer } from '../intents';
import { readAttemptViews } from '../meeting-view';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** `start-bot`, `stop-bot` and the list of attempts that came of it. */
export function createBotCommandRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();

  for (const [path, kind] of [
    ['/meetings/:id/start-bot', 'start_bot'],
    ['/meetings/:id/stop-bot', 'stop_bot'],
  ] as const) {
    router.post(path, async (request, response) => {
      const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
      const meeting = await requireOwnMeeting(database, response, path.id);
      const asked = readAsked(request, response);
      sendAnswer(response, await commandBot(deps, asked, { kind, meeting }));
    });
  }

  router.get('/meetings/:id/attempts', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    await requireOwnMeeting(database, response, path.id);
    response.json({ attempts: await readAttemptViews(database, path.id) });
  });

  return router;
}
