'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { connection } from './connection';
import { ApiProblem } from './problems';

const MOST_TRIES = 2;

/** A refusal stays one, however often it is asked for. */
function mayTryAgain(failures: number, error: unknown): boolean {
  if (error instanceof ApiProblem && error.status < 500) return false;
  return failures < MOST_TRIES;
}

export function QueryProvider({ children }: { children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { retry: mayTryAgain, staleTime: 5_000, refetchOnWindowFocus: true },
          mutations: { retry: false },
        },
      }),
  );
  useEffect(() => connection.onHealed(() => void queries.invalidateQueries()), [queries]);
  return <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
}
