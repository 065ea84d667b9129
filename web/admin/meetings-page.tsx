'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Radio } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useDeferredValue, useState } from 'react';
import { take, useApi } from '@/api/client';
import { admin } from '@/strings/admin';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import { PagedList } from '@/ui/paged-list';
import { MeetingTable } from './meeting-table';
import { isUserNumber, toUserId } from './user-number';

const strings = admin.meetings;
const WHICH = (['live', 'all'] as const).map((value) => ({
  value,
  label: strings.whichOnes[value],
}));
/** What is live changes by itself. */
const LOOK_AGAIN_MS = 5_000;

interface Filter {
  which: 'live' | 'all';
  user: string;
}

export function AdminMeetingsPage() {
  const user = useSearchParams().get('user') ?? '';
  const [filter, setFilter] = useState<Filter>({ which: user ? 'all' : 'live', user });
  return (
    <Card title={strings.title} text={strings.text} className="flex flex-col gap-5">
      <div className="grid grid-cols-2 gap-3 sm:max-w-md">
        <Field label={strings.which}>
          {(control) => (
            <NativeSelect
              {...control}
              value={filter.which}
              options={WHICH}
              onChange={(which) => setFilter({ ...filter, which })}
            />
          )}
        </Field>
        <Field
          label={strings.user}
          error={isUserNumber(filter.user) ? undefined : strings.notANumber}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              autoComplete="off"
              value={filter.user}
              onChange={({ target }) => setFilter({ ...filter, user: target.value })}
            />
          )}
        </Field>
      </div>
      <MeetingList filter={useDeferredValue(filter)} />
    </Card>
  );
}

function useMeetings({ which, user }: Filter) {
  const { client } = useApi();
  const query = { ...(which === 'live' ? { when: which } : {}), ...toUserId(user) };
  return useInfiniteQuery({
    queryKey: ['admin', 'meetings', query],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/admin/meetings', {
          params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

function MeetingList({ filter }: { filter: Filter }) {
  return (
    <PagedList
      list={useMeetings(filter)}
      items={(page) => page.meetings}
      loading={strings.loading}
      empty={<EmptyState icon={Radio} title={strings.noneTitle} text={strings.noneText} />}
    >
      {(meetings) => <MeetingTable meetings={meetings} />}
    </PagedList>
  );
}
