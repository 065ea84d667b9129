'use client';

import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { take, useApi } from '@/api/client';
import { meetings } from '@/strings/meetings';

const strings = meetings.start;

/** What a link leads to, as one types; null for what is none yet. */
export function useRecognition(text: string): string | null {
  const { client } = useApi();
  const meetingUrl = useDeferredValue(text);
  const { data } = useQuery({
    queryKey: ['links', meetingUrl],
    queryFn: async ({ signal }) =>
      take(await client.POST('/api/links/recognise', { body: { meetingUrl }, signal })),
    enabled: /[^\s.]\.[^\s]/.test(meetingUrl) || meetingUrl.startsWith('http'),
    staleTime: Infinity,
    retry: false,
  });
  if (data === undefined || text === '') return null;
  if (data.link === null) return strings.unknown;
  const platform = meetings.platform[data.link.platform];
  return data.link.hasPasscode
    ? strings.recognisedWithPasscode(platform)
    : strings.recognised(platform);
}
