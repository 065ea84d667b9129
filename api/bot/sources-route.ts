import type { Router } from 'express';
import { botGapSchema, botSourcesSchema } from '../../domain/bot-api';
import { recordGap } from '../../infra/database/gaps';
import { bindSources } from '../../infra/database/sound-sources';
import type { ApiDeps } from '../deps';
import { refuseField, readRequest } from '../validate';
import { acknowledge } from './acknowledge';
import { currentBot } from './bot-auth';

/** `POST /sources` and `POST /gaps`: whose sound it was, and what could not be heard. */
export function addSoundRoutes(router: Router, deps: ApiDeps): void {
  const { database } = deps;

  router.post('/sources', async (request, response) => {
    const { body } = readRequest(request, { body: botSourcesSchema });
    const bot = currentBot(response);
    acknowledge(deps, response, await bindSources(database, bot, body.bindings));
  });

  router.post('/gaps', async (request, response) => {
    const { body } = readRequest(request, { body: botGapSchema });
    if (body.endAtMs < body.startAtMs) refuseField('endAtMs', 'Expected an end after the start');
    acknowledge(deps, response, await recordGap(database, currentBot(response), body));
  });
}
