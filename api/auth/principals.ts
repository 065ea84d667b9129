import type { Request, Response } from 'express';
import type { Scope } from '../../domain/scopes';
import type { Database } from '../../infra/database/client';
import { findOrMakeUser } from '../../infra/database/users';
import type { Access } from '../operations/operation';
import type { SignInLimit } from '../rate-limits/sign-in-limit';
import type { AdminPrincipal, Admins } from './admin';
import { readShownKey, refuseTwoCredentials, type ApiKeys } from './api-keys';
import type { OAuthTokens } from './oauth-tokens';
import { showsSession } from './session-tokens';
import { refuseSession, type Session, type Sessions } from './sessions';

/** Whom a request speaks for. */
export type Principal =
  | {
      kind: 'user';
      userId: number;
      /** By what they showed it, as the audit log names it. */
      via: 'session' | 'api_key' | 'oauth';
      /** Clerk's user id, or the key's id. */
      actorId: string;
      /** What the key or program may; null for a session, which may all that is its person's. */
      scopes: readonly Scope[] | null;
      /** A session of an administrator. */
      isAdmin: boolean;
    }
  | AdminPrincipal;

/** A person, or what speaks for them. */
export type UserPrincipal = Extract<Principal, { kind: 'user' }>;

export interface Principals {
  /** Throws a 401 when the request shows nothing that is valid for this access. */
  read(request: Request, response: Response, access: Access): Promise<Principal>;
}

interface SignedIn {
  session: Session;
  userId: number;
}

/** What proves who somebody is. */
export interface PrincipalDeps {
  sessions: Sessions;
  apiKeys: ApiKeys;
  admins: Admins;
  /** Null where programs are not let in by OAuth. */
  oauthTokens: OAuthTokens | null;
  database: Database;
}

/** Reads who a request speaks for, from its session token, its API key or an admin key. */
export function createPrincipals(deps: PrincipalDeps): Principals {
  const { sessions, apiKeys, admins, oauthTokens, database } = deps;
  const readProgram = async (token: string, tokens: OAuthTokens): Promise<Principal> => {
    const { clerkId, scopes } = await tokens.verify(token);
    const userId = await findOrMakeUser(database, clerkId);
    return { kind: 'user', userId, via: 'oauth', actorId: clerkId, scopes, isAdmin: false };
  };
  const readSession = async (request: Request, response: Response): Promise<SignedIn> => {
    const { authorization } = request.headers;
    if (authorization !== undefined && !showsSession(authorization)) throw refuseSession();
    await runClerk(sessions, request, response);
    const session = sessions.read(request);
    return { session, userId: await findOrMakeUser(database, session.clerkId) };
  };
  return {
    async read(request, response, access) {
      refuseTwoCredentials(request);
      if (access === 'admin') {
        const admin = admins.readKey(request);
        if (admin) return admin;
        const { session } = await readSession(request, response);
        // the audit log names whoever is refused for their role
        response.locals['clerkId'] = session.clerkId;
        return admins.readSession(session);
      }
      const key = readShownKey(request);
      if (key !== null) {
        const { keyId, userId, scopes } = await apiKeys.verify(key);
        return {
          kind: 'user',
          userId,
          via: 'api_key',
          actorId: String(keyId),
          scopes,
          isAdmin: false,
        };
      }
      const token = oauthTokens?.read(request.headers.authorization) ?? null;
      // /mcp alone: these tokens are for that resource
      if (oauthTokens && token !== null && access === 'any_key') {
        return readProgram(token, oauthTokens);
      }
      const { session, userId } = await readSession(request, response);
      return {
        kind: 'user',
        userId,
        via: 'session',
        actorId: session.clerkId,
        scopes: null,
        isAdmin: admins.isAdmin(session),
      };
    },
  };
}

/** The same, unless too many sign-ins from the request's address failed; showing nothing is none. */
export function limitSignIns(principals: Principals, signIns: SignInLimit): Principals {
  return {
    async read(request, response, access) {
      const signIn = () => principals.read(request, response, access);
      const { authorization, 'x-api-key': key } = request.headers;
      if (authorization === undefined && key === undefined) return signIn();
      return signIns.attempt(request.ip ?? 'none', signIn);
    },
  };
}

async function runClerk(sessions: Sessions, request: Request, response: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (error?: unknown): void =>
      error === undefined ? resolve() : reject(error instanceof Error ? error : new Error('Clerk'));
    void sessions.middleware(request, response, done);
  });
}
