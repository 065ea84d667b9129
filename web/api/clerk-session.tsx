'use client';

import { useAuth, useClerk } from '@clerk/nextjs';
import { useMemo, type ReactNode } from 'react';
import { ApiProblem, UnreachableProblem } from './problems';
import { goToSignIn, SessionProvider, type Session } from './session';

/** Where Clerk's script cannot load, its promise never settles. */
const TOKEN_TIMEOUT_MS = 10_000;

/** The session that Clerk keeps. */
export function ClerkSession({ children }: { children: ReactNode }) {
  const { getToken } = useAuth();
  const { signOut } = useClerk();
  const session = useMemo<Session>(() => {
    let isStale = false;
    return {
      async getToken() {
        const late = new Promise<never>((_, reject) =>
          setTimeout(() => reject(new UnreachableProblem()), TOKEN_TIMEOUT_MS),
        );
        const token = await Promise.race([getToken({ skipCache: isStale }), late]);
        isStale = false;
        if (token !== null) return token;
        goToSignIn();
        throw ApiProblem.signedOut();
      },
      forgetToken() {
        isStale = true;
      },
      signOut: () => signOut({ redirectUrl: '/sign-in' }),
    };
  }, [getToken, signOut]);
  return <SessionProvider session={session}>{children}</SessionProvider>;
}
