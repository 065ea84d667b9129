'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { BotDefaults } from '../../domain/bot-defaults';
import { take, useApi } from './client';

/** Whoever is signed in. */
export function useMe() {
  const { client } = useApi();
  return useQuery({
    queryKey: ['me'],
    queryFn: async () => take(await client.GET('/api/me')),
    staleTime: 300_000,
  });
}

interface Changes {
  fullName?: string | null;
  botDefaults?: BotDefaults;
}

/** Changes oneself, and everything that shows it. */
export function useUpdateMe() {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: Changes) => take(await client.PATCH('/api/me', { body })),
    onSuccess: (me) => queries.setQueryData(['me'], me),
  });
}
