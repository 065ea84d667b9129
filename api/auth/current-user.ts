import type { RequestHandler, Response } from 'express';
import type { Database } from '../../infra/database/client';
import { findOrMakeUser } from '../../infra/database/users';
import type { Sessions } from './sessions';

/** Requires a valid session and finds its user. */
export function createRequireUser(sessions: Sessions, database: Database): RequestHandler {
  return async (request, response, next) => {
    const session = sessions.read(request);
    response.locals['userId'] = await findOrMakeUser(database, session.clerkId);
    next();
  };
}

/** The id of the user that this request speaks for. */
export function currentUserId(response: Response): number {
  const userId: unknown = response.locals['userId'];
  if (typeof userId !== 'number') throw new Error('Expected a route behind the sign-in check');
  return userId;
}
