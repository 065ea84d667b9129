import { Router } from 'express';
import { localSignInSchema } from '../../domain/api';
import type { Database } from '../../infra/database/client';
import { findOrMakeUser, saveUserProfile, UserRefusedError } from '../../infra/database/users';
import { ADMIN_ROLE } from '../auth/admin';
import { mintLocalToken } from '../auth/local-tokens';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readRequest } from '../validate';
import { SIGN_IN_PAGE, SIGN_IN_SCRIPT } from './sign-in-page';

/** The sign-in form of local mode; with Clerk these routes do not exist. */
export function createLocalSignInRoutes({ config, database }: ApiDeps): Router {
  const router = Router();
  const privateKeyPem = config.LOCAL_AUTH_PRIVATE_KEY;
  if (config.AUTH_MODE !== 'local' || privateKeyPem === undefined) return router;
  const authorizedParty = new URL(config.API_URL).origin;

  router.get('/sign-in', (_request, response) => {
    response.type('html').send(SIGN_IN_PAGE);
  });

  router.get('/sign-in.js', (_request, response) => {
    response.type('js').send(SIGN_IN_SCRIPT);
  });

  router.post('/api/local/sign-in', async (request, response) => {
    const { body } = readRequest(request, { body: localSignInSchema });
    const email = body.email.toLowerCase();
    const role = { claim: config.ADMIN_ROLE_CLAIM, value: ADMIN_ROLE };
    const local = await mintLocalToken(email, {
      privateKeyPem,
      authorizedParty,
      ...(config.LOCAL_ADMINS.includes(email) ? { role } : {}),
    });
    await admit(database, local.clerkId);
    await saveUserProfile(database, local.clerkId, { email, fullName: body.name });
    response.cookie('__session', local.token, {
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      expires: local.expiresAt,
    });
    response.json({ token: local.token, expiresAt: local.expiresAt.toISOString() });
  });

  return router;
}

/** Here nobody showed a token yet: whoever was deleted is told so. */
async function admit(database: Database, clerkId: string): Promise<void> {
  try {
    await findOrMakeUser(database, clerkId);
  } catch (error) {
    if (!(error instanceof UserRefusedError) || error.standing === 'disabled') throw error;
    throw new ApiError('user_deleted', 'Expected a person who was not deleted');
  }
}
