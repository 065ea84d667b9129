'use client';

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Schemas } from 'meetings-client';
import type { WebhookType } from '../../../domain/webhooks';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import type { BadgeTone } from '@/ui/badge';
import { webhooks } from '@/strings/webhooks';
import { toast } from '@/ui/toast';

export type Endpoint = Schemas['WebhookEndpoint'];
export type Delivery = Schemas['WebhookDelivery'];

const ENDPOINTS = ['webhooks'] as const;
const endpointKey = (id: number) => [...ENDPOINTS, 'endpoint', id] as const;
const deliveriesKey = (id: number) => [...ENDPOINTS, 'deliveries', id] as const;
/** How often a log that is looked at is read again. */
const LOOK_AGAIN_MS = 5_000;

export function useEndpoints() {
  const { client } = useApi();
  return useInfiniteQuery({
    queryKey: [...ENDPOINTS, 'list'],
    initialPageParam: '',
    queryFn: async ({ pageParam }) =>
      take(
        await client.GET('/api/webhooks/endpoints', {
          params: { query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}

export function useEndpoint(id: number) {
  const { client } = useApi();
  return useQuery({
    queryKey: endpointKey(id),
    queryFn: async () =>
      take(await client.GET('/api/webhooks/endpoints/{id}', { params: { path: { id } } })),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export interface LogFilter {
  outcome: Delivery['outcome'] | 'all';
  meetingId: string;
}

export function useDeliveries(id: number, { outcome, meetingId }: LogFilter) {
  const { client } = useApi();
  const isNumber = /^[1-9]\d{0,8}$/.test(meetingId.trim());
  const filter = {
    ...(outcome === 'all' ? {} : { outcome }),
    ...(isNumber ? { meetingId: Number(meetingId) } : {}),
  };
  return useInfiniteQuery({
    queryKey: [...deliveriesKey(id), filter],
    initialPageParam: '',
    queryFn: async ({ pageParam }) =>
      take(
        await client.GET('/api/webhooks/endpoints/{id}/deliveries', {
          params: {
            path: { id },
            query: { ...filter, limit: 25, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** Makes an endpoint; its secret is in the answer alone. */
export function useCreateEndpoint() {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: EndpointWishes) =>
      take(await client.POST('/api/webhooks/endpoints', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ENDPOINTS }),
  });
}

/** A type of event, or a family of types. */
export type EventFilter = WebhookType | `${keyof typeof webhooks.family}.*`;

export interface EndpointWishes {
  url: string;
  description: string | null;
  /** Chosen once, when it is made; without it those of all meetings. */
  meetingId?: number;
  /** Null: all of them. */
  eventTypes: EventFilter[] | null;
}

export interface EndpointChanges extends Partial<Omit<EndpointWishes, 'meetingId'>> {
  enabled?: boolean;
}

export function useUpdateEndpoint(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: EndpointChanges) =>
      take(await client.PATCH('/api/webhooks/endpoints/{id}', { params: { path: { id } }, body })),
    onSuccess: (endpoint) => {
      queries.setQueryData(endpointKey(id), endpoint);
      return queries.invalidateQueries({ queryKey: [...ENDPOINTS, 'list'] });
    },
  });
}

export function useDeleteEndpoint(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () =>
      take(await client.DELETE('/api/webhooks/endpoints/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      toast.success(webhooks.detail.deleted);
      return queries.invalidateQueries({ queryKey: [...ENDPOINTS, 'list'] });
    },
    onError: showProblem,
  });
}

export function useRotateSecret(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const params = { path: { id } };
      return take(await client.POST('/api/webhooks/endpoints/{id}/rotate-secret', { params }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: endpointKey(id) }),
    onError: showProblem,
  });
}

export function useSendTest(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  const { testDelivered, testFailed } = webhooks.detail;
  return useMutation({
    mutationFn: async () => {
      const params = { path: { id } };
      return take(await client.POST('/api/webhooks/endpoints/{id}/test', { params }));
    },
    onSuccess: ({ outcome, latencyMs, status, error }) => {
      if (outcome === 'delivered') toast.success(testDelivered(latencyMs));
      else toast.error(testFailed(error ?? String(status ?? webhooks.log.noAnswer)));
      return queries.invalidateQueries({ queryKey: deliveriesKey(id) });
    },
    onError: showProblem,
  });
}

export function useResend(id: number) {
  const { client } = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (deliveryId: number) => {
      const params = { path: { id, deliveryId } };
      const path = '/api/webhooks/endpoints/{id}/deliveries/{deliveryId}/resend';
      return take(await client.POST(path, { params }));
    },
    onSuccess: () => {
      toast.success(webhooks.log.resent);
      return queries.invalidateQueries({ queryKey: deliveriesKey(id) });
    },
    onError: showProblem,
  });
}

interface Stretch {
  meetingId: number;
  fromSeq: number;
  toSeq: number;
}

export function useReplay(id: number) {
  const { client } = useApi();
  return useMutation({
    mutationFn: async (body: Stretch) => {
      const params = { path: { id } };
      return take(await client.POST('/api/webhooks/endpoints/{id}/replay', { params, body }));
    },
    onSuccess: ({ fromSeq, toSeq }) => toast.success(webhooks.replay.ordered(fromSeq, toSeq)),
  });
}

function showProblem(error: unknown): void {
  toast.error(summariseProblem(error));
}

/** How an endpoint fares, in a word. */
export function judge(endpoint: Endpoint): { text: string; tone: BadgeTone } {
  const { states } = webhooks;
  if (!endpoint.enabled) return { text: states.disabled, tone: 'plain' };
  if (endpoint.pausedUntil && Date.parse(endpoint.pausedUntil) > Date.now()) {
    return { text: states.paused, tone: 'warn' };
  }
  if (endpoint.failingSince) return { text: states.failing, tone: 'bad' };
  if (endpoint.lastSuccessAt) return { text: states.healthy, tone: 'good' };
  return { text: states.unused, tone: 'accent' };
}
