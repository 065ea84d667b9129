'use client';

import { createContext, useContext, type ReactNode } from 'react';

/** Who is signed in, whichever way they did. */
export interface Session {
  /** A token for the API that is still good for a while; only ever kept in memory. */
  getToken: () => Promise<string>;
  /** Forgets the token at hand, after the API refused it. */
  forgetToken: () => void;
  signOut: () => Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('Expected a SessionProvider around this');
  return session;
}

/** Leaves for the sign-in page and comes back here afterwards. */
export function goToSignIn(): void {
  const here = `${window.location.pathname}${window.location.search}`;
  window.location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}
