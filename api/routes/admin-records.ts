import { Router } from 'express';
import {
  auditQuerySchema,
  listAllMeetingsQuerySchema,
  settleRange,
  usageQuerySchema,
} from '../../domain/admin';
import { emptyBodySchema, meetingPathSchema } from '../../domain/api';
import { makeMeetingWorkflowId } from '../../domain/temporal';
import { findUser, listMeetings, listUsers, type AdminUserRow } from '../../infra/database/admin';
import { listAuditEntries } from '../../infra/database/audit';
import { findMeeting } from '../../infra/database/meeting-records';
import { readUsage } from '../../infra/database/usage';
import { toAdminMeeting, toAuditView, toFigures, toPage } from '../admin-view';
import { commandBot } from '../bot-commands';
import type { ApiDeps } from '../deps';
import { sendAnswer } from '../intents';
import { makeMeetingNotFound } from '../own-meeting';
import { decodeCursor } from '../page-cursor';
import { readRequest } from '../validate';
import { makeWorkflowUrl } from '../workflow-url';

/** `/api/admin`: everybody's meetings, what was used, and who did what. */
export function createAdminRecordRoutes(deps: ApiDeps): Router {
  const { config, database } = deps;
  const router = Router();

  router.get('/admin/meetings', async (request, response) => {
    const { query } = readRequest(request, { query: listAllMeetingsQuerySchema });
    const rows = await listMeetings(database, { ...query, beforeId: readBefore(query.cursor) });
    const { page, nextCursor } = toPage(rows, query.limit);
    response.json({ meetings: page.map((row) => toAdminMeeting(config, row)), nextCursor });
  });

  router.post('/admin/meetings/:id/stop-bot', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema, body: emptyBodySchema });
    const meeting = await findMeeting(database, path.id);
    if (!meeting || meeting.deletedAt) throw makeMeetingNotFound(path.id);
    const { id, userId } = meeting;
    response.locals['meetingId'] = id;
    response.locals['userId'] = userId;
    const asked = { userId, idempotencyKey: null, hash: '' };
    const answer = await commandBot(deps, asked, { kind: 'stop_bot', meeting });
    if (answer.status >= 400) return sendAnswer(response, answer);
    // not the answer its owner would get: that shows what the meeting is about
    const workflowUrl = makeWorkflowUrl(config, makeMeetingWorkflowId(id));
    response.status(answer.status).json({ id, workflowUrl });
  });

  router.get('/admin/usage', async (request, response) => {
    const { query } = readRequest(request, { query: usageQuerySchema });
    const users = await listUsed(deps, query);
    const { page, nextCursor } = toPage(users, query.limit);
    const people = new Map(page.map(({ id, fullName, email }) => [id, { fullName, email }]));
    const usage = await readUsage(database, [...people.keys()], settleRange(query, new Date()));
    response.json({
      usage: usage.map((day) => ({
        userId: day.userId,
        user: people.get(day.userId),
        ...toFigures(config, day),
      })),
      nextCursor,
    });
  });

  router.get('/admin/audit', async (request, response) => {
    const { query } = readRequest(request, { query: auditQuerySchema });
    const rows = await listAuditEntries(database, { ...query, beforeId: readBefore(query.cursor) });
    const { page, nextCursor } = toPage(rows, query.limit);
    response.json({ entries: page.map(toAuditView), nextCursor });
  });

  return router;
}

function readBefore(cursor: string | undefined): number | null {
  return cursor === undefined ? null : decodeCursor(cursor);
}

/** The users of a page of usage, in the order of their list. */
async function listUsed(
  { database }: ApiDeps,
  query: { userId?: number | undefined; cursor?: string | undefined; limit: number },
): Promise<AdminUserRow[]> {
  if (query.userId === undefined) {
    return listUsers(database, { beforeId: readBefore(query.cursor), limit: query.limit });
  }
  const user = await findUser(database, query.userId);
  return user ? [user] : [];
}
