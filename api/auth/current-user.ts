import type { Response } from 'express';
import type { Principal, UserPrincipal } from './principals';

/** The id of the user that this request speaks for. */
export function currentUserId(response: Response): number {
  const userId: unknown = response.locals['userId'];
  if (typeof userId !== 'number') throw new Error('Expected a route behind the sign-in check');
  return userId;
}

/** Whom this request speaks for; null on public routes and those of bots. */
export function currentPrincipal(response: Response): Principal | null {
  return (response.locals['principal'] as Principal | undefined) ?? null;
}

/** The person that this request speaks for. */
export function currentUser(response: Response): UserPrincipal {
  const principal = currentPrincipal(response);
  if (principal?.kind !== 'user') throw new Error('Expected a route behind the sign-in check');
  return principal;
}
