'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Video } from 'lucide-react';
import Link from 'next/link';
import { take, useApi } from '@/api/client';
import { meetings } from '@/strings/meetings';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { nameMeeting } from './names';
import { StartBox } from './start-box';
import { StateBadge } from './state-badge';

export function MeetingsPage({ link }: { link: string }) {
  return (
    <PageBody>
      <PageHeader title={meetings.title} />
      <StartBox link={link} />
      <MeetingList />
    </PageBody>
  );
}

function MeetingList() {
  const { client } = useApi();
  const list = useInfiniteQuery({
    queryKey: ['meetings', 'list'],
    initialPageParam: '',
    queryFn: async ({ pageParam }) =>
      take(
        await client.GET('/api/meetings', {
          params: { query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  if (list.isPending) return <SkeletonList label={meetings.list.loading} />;
  if (list.isError) return <Problem error={list.error} onRetry={() => void list.refetch()} />;
  const all = list.data.pages.flatMap((page) => page.meetings);
  if (all.length === 0) {
    return (
      <EmptyState icon={Video} title={meetings.list.emptyTitle} text={meetings.list.emptyText} />
    );
  }
  return (
    <>
      <ul aria-label={meetings.list.label} className="border-t">
        {all.map((meeting) => (
          <li key={meeting.id} className="border-b">
            <Link
              href={`/meetings/${meeting.id}`}
              className="flex items-center gap-3 px-2 py-3 hover:bg-hover"
            >
              <span className="min-w-0 flex-1 truncate font-medium">{nameMeeting(meeting)}</span>
              <StateBadge status={meeting.status} />
            </Link>
          </li>
        ))}
      </ul>
      <LoadMore
        hasMore={list.hasNextPage}
        isBusy={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
      />
    </>
  );
}
