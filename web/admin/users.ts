'use client';

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'meetings-client';
import { take, useApi } from '@/api/client';
import { admin } from '@/strings/admin';

export type User = Schemas['AdminUser'];
export type UserStatus = 'active' | 'disabled' | 'deleted';

export interface UserFilter {
  q: string;
  status: UserStatus | 'all';
}

const USERS = ['admin', 'users'] as const;
const userKey = (id: number) => [...USERS, id] as const;

export function useUsers({ q, status }: UserFilter) {
  const { client } = useApi();
  const filter = {
    ...(q.trim() ? { q: q.trim() } : {}),
    ...(status === 'all' ? {} : { status }),
  };
  return useInfiniteQuery({
    queryKey: [...USERS, filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/admin/users', {
          params: { query: { ...filter, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  });
}

export function useUser(id: number) {
  const { client } = useApi();
  return useQuery({
    queryKey: userKey(id),
    queryFn: async () =>
      take(await client.GET('/api/admin/users/{id}', { params: { path: { id } } })),
  });
}

interface UserChanges {
  disabled?: boolean;
  maxConcurrentBots?: number | null;
  maxBotMinutesPerMonth?: number | null;
}

export function useChangeUser(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: UserChanges) =>
      take(await client.PATCH('/api/admin/users/{id}', { params: { path: { id } }, body })),
    onSuccess: (user) => queries.setQueryData(userKey(id), user),
  });
}

export function useDeleteUser(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.DELETE('/api/admin/users/{id}', { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: USERS }),
  });
}

export function nameUser({ id, fullName, email }: User): string {
  return fullName ?? email ?? admin.users.unnamed(id);
}

export function judgeUser({ disabledAt, deletedAt }: User): UserStatus {
  if (deletedAt !== null) return 'deleted';
  return disabledAt === null ? 'active' : 'disabled';
}
