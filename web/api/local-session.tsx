'use client';

import { useMemo, type ReactNode } from 'react';
import { ApiProblem, UnreachableProblem } from './problems';
import { goToSignIn, SessionProvider, type Session } from './session';

interface Token {
  token: string;
  expiresAtMs: number;
}

/** A token with less left than this is not used any more. */
const SPARE_MS = 60_000;

/** The session of local mode: the cookie is the server's alone, the token stays in memory. */
export function LocalSession({ children }: { children: ReactNode }) {
  const session = useMemo(createLocalSession, []);
  return <SessionProvider session={session}>{children}</SessionProvider>;
}

function createLocalSession(): Session {
  let current: Promise<Token> | null = null;
  const read = async (): Promise<Token> => {
    const response = await fetch('/auth/session', { cache: 'no-store' }).catch(() => {
      throw new UnreachableProblem();
    });
    if (!response.ok) {
      goToSignIn();
      throw ApiProblem.signedOut();
    }
    const { token, expiresAt } = (await response.json()) as { token: string; expiresAt: string };
    return { token, expiresAtMs: Date.parse(expiresAt) };
  };
  const forget = (): void => {
    current = null;
  };
  return {
    async getToken() {
      current ??= read();
      const asked = current;
      const token = await asked.catch((error: unknown) => {
        if (current === asked) current = null;
        throw error;
      });
      if (token.expiresAtMs > Date.now() + SPARE_MS) return token.token;
      current = read();
      return (await current).token;
    },
    forgetToken: forget,
    async signOut() {
      forget();
      await fetch('/auth/session', { method: 'DELETE' });
      window.location.assign('/sign-in');
    },
  };
}
