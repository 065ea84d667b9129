'use client';

import { HydrationBoundary, type DehydratedState } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';

interface CarriedProps {
  state: DehydratedState;
  children: ReactNode;
}

/** Gives the queries of a page what its server has asked already. */
export function Carried({ state, children }: CarriedProps) {
  // where the server's clock is ahead, nothing may count as fresh until this one caught up
  const past = useMemo(() => keepInPast(state), [state]);
  return <HydrationBoundary state={past}>{children}</HydrationBoundary>;
}

function keepInPast({ queries, mutations }: DehydratedState): DehydratedState {
  const now = Date.now();
  return {
    mutations,
    queries: queries.map((query) => ({
      ...query,
      state: { ...query.state, dataUpdatedAt: Math.min(query.state.dataUpdatedAt, now) },
    })),
  };
}
