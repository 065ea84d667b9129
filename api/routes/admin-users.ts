import { Router, type Response } from 'express';
import {
  changeUserSchema,
  createUserSchema,
  listUsersQuerySchema,
  syncBodySchema,
  type AdminUser,
} from '../../domain/admin';
import { meetingPathSchema } from '../../domain/api';
import { clerkEventSchema, plainUserSchema, type ClerkAnswer } from '../../domain/profiles';
import {
  changeUser,
  findUser,
  insertUser,
  listUsers,
  type AdminUserRow,
} from '../../infra/database/admin';
import type { Queryable } from '../../infra/database/client';
import { saveProfile } from '../../infra/database/profiles';
import { toAdminUser, toPage } from '../admin-view';
import { applyUserEvent, readUserEvent, toApplied, type AppliedEvent } from '../clerk-events';
import type { ApiDeps } from '../deps';
import { wakeDeliveriesOf } from '../own-endpoint';
import { ApiError } from '../errors';
import { decodeCursor } from '../page-cursor';
import { carryOnDeletion, deleteUser, makeUserDeletionAnswer } from '../user-deletion';
import { readRequest, refuseInvalid } from '../validate';

/** `/api/admin/users`: find, make, limit, disable and delete people. */
export function createAdminUserRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();

  router.get('/admin/users', async (request, response) => {
    const { query } = readRequest(request, { query: listUsersQuerySchema });
    const { cursor, ...filter } = query;
    const beforeId = cursor === undefined ? null : decodeCursor(cursor);
    const rows = await listUsers(database, { ...filter, beforeId });
    const { page, nextCursor } = toPage(rows, query.limit);
    response.json({ users: page.map(toAdminUser), nextCursor });
  });

  router.post('/admin/users', async (request, response) => {
    const { body } = readRequest(request, { body: createUserSchema });
    const made = await database.transaction((tx) => insertUser(tx, body));
    if (made === 'deleted') {
      throw new ApiError('user_deleted', 'Expected a person who was not deleted');
    }
    if (made === 'exists') {
      throw new ApiError('user_exists', 'Expected a Clerk id and e-mail that no user has');
    }
    response.status(201);
    sendUser(response, made);
  });

  router.get('/admin/users/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    response.locals['userId'] = path.id;
    sendUser(response, await findUser(database, path.id));
  });

  router.patch('/admin/users/:id', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: changeUserSchema,
    });
    response.locals['userId'] = path.id;
    const user = await changeUser(database, path.id, body);
    if (body.disabled === true) deps.doorbell.ring('callers', path.id);
    if (body.disabled === false) await wakeDeliveriesOf(deps, path.id);
    sendUser(response, user);
  });

  router.delete('/admin/users/:id', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    response.locals['userId'] = path.id;
    if (!(await deleteUser(deps, path.id))) throw makeUserNotFound();
    response.status(202).json(makeUserDeletionAnswer(deps, path.id));
  });

  router.post('/admin/users/sync', async (request, response) => {
    const { body } = readRequest(request, { body: syncBodySchema });
    const applied = await database.transaction((tx) => applyBody(tx, body));
    response.locals['userId'] = applied.userId ?? undefined;
    if (applied.deletion) await carryOnDeletion(deps, applied.deletion);
    response.json({ outcome: applied.outcome } satisfies ClerkAnswer);
  });

  return router;
}

/** An event of Clerk that another program passed on, or a user as that program knows them. */
async function applyBody(tx: Queryable, body: Record<string, unknown>): Promise<AppliedEvent> {
  const event = clerkEventSchema.safeParse(body);
  if (event.success) {
    const ofUser = readUserEvent(event.data);
    return ofUser
      ? applyUserEvent(tx, ofUser)
      : { outcome: 'ignored', userId: null, deletion: null };
  }
  const user = plainUserSchema.safeParse(body);
  if (!user.success) return refuseInvalid(user.error);
  return toApplied(await saveProfile(tx, user.data));
}

function sendUser(response: Response, row: AdminUserRow | null): void {
  if (!row) throw makeUserNotFound();
  response.locals['userId'] = row.id;
  response.json(toAdminUser(row) satisfies AdminUser);
}

function makeUserNotFound(): ApiError {
  return new ApiError('user_not_found', 'Expected the id of a user');
}
