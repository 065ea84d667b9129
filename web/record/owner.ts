'use client';

import { useMemo } from 'react';
import { useApi, type Api } from '@/api/client';
import { useMe } from '@/api/me';
import { useSession, type Session } from '@/api/session';

/** Whoever records here. */
export interface Owner {
  api: Api;
  session: Session;
  userId: number;
}

/** Null until it is known who is signed in. */
export function useOwner(): Owner | null {
  const api = useApi();
  const session = useSession();
  const userId = useMe().data?.id;
  return useMemo(
    () => (userId === undefined ? null : { api, session, userId }),
    [api, session, userId],
  );
}
