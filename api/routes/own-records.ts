import { defaultLimits } from '../../infra/config';
import { Router } from 'express';
import {
  ownAuditQuerySchema,
  ownUsageQuerySchema,
  settleRange,
  type OwnUsage,
} from '../../domain/admin';
import { listAuditEntries, type AuditEntry } from '../../infra/database/audit';
import { listMeetingsWithBot, readLimits } from '../../infra/database/limits';
import { readBotMinutesOfMonth, readUsage } from '../../infra/database/usage';
import { toAuditView, toFigures, toPage } from '../admin-view';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { decodeCursor } from '../page-cursor';
import { readRequest } from '../validate';

/** `/api/me/usage` and `/api/me/audit`: what one used, and who did what with one's data. */
export function createOwnRecordRoutes({ config, database }: ApiDeps): Router {
  const router = Router();

  router.get('/me/usage', async (request, response) => {
    const { query } = readRequest(request, { query: ownUsageQuerySchema });
    const userId = currentUserId(response);
    const [days, withBot, minutes, limits] = await Promise.all([
      readUsage(database, [userId], settleRange(query, new Date())),
      listMeetingsWithBot(database, userId),
      readBotMinutesOfMonth(database, userId),
      readLimits(database, userId, defaultLimits(config)),
    ]);
    response.json({
      days: days.map((day) => toFigures(config, day)),
      botsNow: withBot.length,
      botMinutesThisMonth: Math.round(minutes * 100) / 100,
      limits,
    } satisfies OwnUsage);
  });

  router.get('/me/audit', async (request, response) => {
    const { query } = readRequest(request, { query: ownAuditQuerySchema });
    const { cursor, ...filter } = query;
    const beforeId = cursor === undefined ? null : decodeCursor(cursor);
    const userId = currentUserId(response);
    const rows = await listAuditEntries(database, { ...filter, userId, beforeId });
    const { page, nextCursor } = toPage(rows, query.limit);
    response.json({ entries: page.map(hideAdmin).map(toAuditView), nextCursor });
  });

  return router;
}

/** That an administrator did it is the user's business; where that one was is not. */
function hideAdmin(entry: AuditEntry): AuditEntry {
  return entry.actorKind === 'admin' ? { ...entry, address: null } : entry;
}
