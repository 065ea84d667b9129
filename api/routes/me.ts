import { Router, type Response } from 'express';
import { updateMeSchema, type Me } from '../../domain/api';
import { readUser, updateUser } from '../../infra/database/users';
import { currentPrincipal, currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { deleteUser, makeUserDeletionAnswer } from '../user-deletion';
import { readRequest } from '../validate';

/** `/api/me`: who is signed in, and what their new meetings take where they say nothing. */
export function createMeRoutes(deps: ApiDeps): Router {
  const { database } = deps;
  const router = Router();
  const send = (response: Response, me: Omit<Me, 'isAdmin'>): void => {
    const principal = currentPrincipal(response);
    const isAdmin = principal?.kind === 'user' && principal.isAdmin;
    response.json({ ...me, isAdmin } satisfies Me);
  };

  router.get('/me', async (_request, response) => {
    send(response, await readUser(database, currentUserId(response)));
  });

  router.patch('/me', async (request, response) => {
    const { body } = readRequest(request, { body: updateMeSchema });
    send(response, await updateUser(database, currentUserId(response), body));
  });

  router.delete('/me', async (_request, response) => {
    const userId = currentUserId(response);
    await deleteUser(deps, userId);
    response.status(202).json(makeUserDeletionAnswer(deps, userId));
  });

  return router;
}
