'use client';

import { SearchX, Video } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useApi } from '@/api/client';
import { meetings } from '@/strings/meetings';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { FilterBar, NO_FILTERS, type Filters } from './filters';
import { MeetingRow } from './meeting-row';
import type { MeetingFilter } from '../keys';
import { useListsInStep, useMeetingList, type MeetingListQuery } from './use-meeting-list';

const words = meetings.list;

/** What goes on, what is coming, what is over. */
export function MeetingSections({ isThere: isThereAtFirst }: { isThere: boolean }) {
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const wanted = useDeferredValue(filters);
  const filter = toFilter(wanted);
  const isFiltered = Object.keys(filter).length > 0;
  const live = useMeetingList({ ...filter, when: 'live' });
  const upcoming = useMeetingList({ ...filter, when: 'upcoming' });
  const past = useMeetingList({ ...filter, when: 'past' });
  useListsInStep(live);
  const all = [live, upcoming, past];
  // many rows are drawn bit by bit, so that the page answers meanwhile
  const isThere = useDeferredValue(
    all.every(({ isPending }) => !isPending),
    isThereAtFirst,
  );
  const failed = all.find(({ isError, data }) => isError && data === undefined);
  if (failed) return <Problem error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!isThere) return <SkeletonList label={words.loading} />;
  const isEmpty = all.every((query) => listOf(query).length === 0);
  if (isEmpty && !isFiltered) return <NoMeetings />;
  return (
    <>
      <FilterBar filters={filters} onChange={setFilters} />
      {isEmpty && (
        <EmptyState
          icon={SearchX}
          title={words.noneTitle}
          text={words.noneText}
          action={<Button onClick={() => setFilters(NO_FILTERS)}>{words.clear}</Button>}
        />
      )}
      <Section title={words.live} query={live} />
      <Section title={words.upcoming} query={upcoming} />
      <Section title={words.past} query={past} />
    </>
  );
}

function toFilter({ q, status, platform }: Filters): MeetingFilter {
  return {
    ...(q.trim() === '' ? {} : { q: q.trim() }),
    ...(status === 'all' ? {} : { status }),
    ...(platform === 'all' ? {} : { platform }),
  };
}

function listOf(query: MeetingListQuery) {
  return query.data?.pages.flatMap((page) => page.meetings) ?? [];
}

function NoMeetings() {
  const { place } = useApi();
  return (
    <EmptyState
      icon={Video}
      title={words.emptyTitle}
      text={words.emptyText}
      action={
        place.practiceRoomOrigin !== null && (
          <Button asChild>
            <a href={`${place.practiceRoomOrigin}/r/hello`} target="_blank" rel="noreferrer">
              {words.practice}
            </a>
          </Button>
        )
      }
    />
  );
}

function Section({ title, query }: { title: string; query: MeetingListQuery }) {
  const list = listOf(query);
  if (list.length === 0) return null;
  return (
    <section aria-label={title} className="mb-7">
      <h2 className="mb-2 text-[13px] font-semibold text-soft">{title}</h2>
      <ul className="overflow-hidden rounded-xl border">
        {list.map((meeting) => (
          <MeetingRow key={meeting.id} meeting={meeting} />
        ))}
      </ul>
      <LoadMore
        hasMore={query.hasNextPage}
        isBusy={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </section>
  );
}
