import { Router, type Request, type Response } from 'express';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import {
  changeOccurrenceSchema,
  createScheduleSchema,
  listSchedulesQuerySchema,
  previewRuleSchema,
  updateScheduleSchema,
} from '../../domain/schedules';
import { updateSchedule } from '../../infra/database/schedules';
import { currentUserId } from '../auth/current-user';
import { changeOccurrence } from '../change-occurrence';
import type { ApiDeps } from '../deps';
import { readAsked, sendAnswer } from '../intents';
import { readMadeMeetingId } from '../make-meeting';
import { makeSchedule, readScheduleChanges } from '../make-schedule';
import { changeSchedule, dropSchedule, requireSchedule, type ScheduleKey } from '../own-schedule';
import { runSchedule } from '../run-schedule';
import { previewRule } from '../schedule-rule';
import { readScheduleDetail, readSchedulePage } from '../schedule-view';
import { readRequest } from '../validate';

/** `/api/schedules`: what makes meetings happen again and again. */
export function createScheduleRoutes(deps: ApiDeps): Router {
  const router = Router();

  router.post('/schedules', async (request, response) => {
    const { body } = readRequest(request, { body: createScheduleSchema });
    sendAnswer(response, await makeSchedule(deps, readAsked(request, response), body));
  });

  router.post('/schedules/preview', (request, response) => {
    const { body } = readRequest(request, { body: previewRuleSchema });
    response.json({ occurrences: previewRule(body) });
  });

  router.get('/schedules', async (request, response) => {
    const { query } = readRequest(request, { query: listSchedulesQuerySchema });
    response.json(await readSchedulePage(deps, currentUserId(response), query));
  });

  router.get('/schedules/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const schedule = await requireSchedule(deps, keyOf(response, path.id));
    response.json(await readScheduleDetail(deps, schedule));
  });

  router.patch('/schedules/:id', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: updateScheduleSchema,
    });
    const key = keyOf(response, path.id);
    const current = await requireSchedule(deps, key);
    const changes = await readScheduleChanges(deps, key.userId, { body, current });
    const schedule = await changeSchedule(deps, key, async (tx) => ({
      schedule: await updateSchedule(tx, path.id, changes),
    }));
    response.json(await readScheduleDetail(deps, schedule));
  });

  router.delete('/schedules/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    await dropSchedule(deps, keyOf(response, path.id));
    response.status(204).end();
  });

  addCommands(router, deps);
  return router;
}

function addCommands(router: Router, deps: ApiDeps): void {
  for (const [name, isPaused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    router.post(`/schedules/:id/${name}`, async (request, response) => {
      const key = readCommand(request, response);
      const schedule = await changeSchedule(deps, key, async (tx) => ({
        schedule: await updateSchedule(tx, key.scheduleId, { isPaused }),
      }));
      response.json(await readScheduleDetail(deps, schedule));
    });
  }

  router.post('/schedules/:id/run', async (request, response) => {
    const key = readCommand(request, response);
    const answer = await runSchedule(deps, readAsked(request, response), key);
    response.locals['meetingId'] = readMadeMeetingId(answer);
    sendAnswer(response, answer);
  });

  router.post('/schedules/:id/occurrences', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: changeOccurrenceSchema,
    });
    const schedule = await changeOccurrence(deps, keyOf(response, path.id), body);
    response.json(await readScheduleDetail(deps, schedule));
  });
}

function readCommand(request: Request, response: Response): ScheduleKey {
  const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
  return keyOf(response, path.id);
}

function keyOf(response: Response, scheduleId: number): ScheduleKey {
  return { scheduleId, userId: currentUserId(response) };
}
