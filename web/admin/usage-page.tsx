'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ChartColumn } from 'lucide-react';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { admin } from '@/strings/admin';
import { usage as words } from '@/strings/usage';
import { formatDay } from '@/time/format';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { Cell, HeadCell, Table } from '@/ui/table';
import { FigureCells, FigureHeads, type Figures } from '@/usage/figure-cells';
import { MonthSwitch } from '@/usage/month-switch';
import { daysOf, nameMonth, thisMonth, type Month } from '@/usage/months';
import { toUserId } from './user-number';
import { nameUser } from './users';

const strings = admin.usage;

export function AdminUsagePage() {
  const user = useSearchParams().get('user') ?? '';
  const [month, setMonth] = useState<Month>(thisMonth);
  return (
    <Card
      title={strings.title}
      text={strings.text}
      actions={<MonthSwitch month={month} onChange={setMonth} />}
    >
      <UsageList month={month} user={user} />
    </Card>
  );
}

function useUsage(month: Month, user: string) {
  const { client } = useApi();
  const { from, to } = daysOf(month);
  const query = { from, to, ...toUserId(user) };
  return useInfiniteQuery({
    queryKey: ['admin', 'usage', query],
    initialPageParam: '',
    // its pages are those of the users, which have the names
    queryFn: async ({ pageParam }) => {
      const page = pageParam ? { cursor: pageParam } : {};
      const [used, people] = await Promise.all([
        client.GET('/api/admin/usage', { params: { query: { ...query, ...page } } }),
        client.GET('/api/admin/users', { params: { query: page } }),
      ]);
      const names = new Map(take(people).users.map((each) => [each.id, nameUser(each)]));
      const { usage, nextCursor } = take(used);
      return {
        usage: usage.map((each) => ({ ...each, name: names.get(each.userId) })),
        nextCursor,
      };
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  });
}

function UsageList({ month, user }: { month: Month; user: string }) {
  const list = useUsage(month, user);
  if (list.isPending) return <SkeletonList label={strings.loading} />;
  if (list.isError) return <Problem error={list.error} onRetry={() => void list.refetch()} />;
  const all = list.data.pages.flatMap((page) => page.usage);
  const more = (
    <LoadMore
      hasMore={list.hasNextPage}
      isBusy={list.isFetchingNextPage}
      onMore={() => void list.fetchNextPage()}
    />
  );
  if (all.length === 0) {
    return (
      <>
        <EmptyState
          icon={ChartColumn}
          title={strings.noneTitle(nameMonth(month))}
          text={list.hasNextPage ? strings.nobodyYet : strings.noneText}
        />
        {more}
      </>
    );
  }
  return (
    <>
      <UsageTable rows={all} />
      {more}
    </>
  );
}

interface UserDay extends Figures {
  userId: number;
  /** Unknown where the list of one user is looked at. */
  name: string | undefined;
  day: string;
}

function UsageTable({ rows }: { rows: readonly UserDay[] }) {
  return (
    <Table aria-label={strings.title}>
      <thead>
        <tr>
          <HeadCell>{words.head.user}</HeadCell>
          <HeadCell>{words.head.day}</HeadCell>
          <FigureHeads />
        </tr>
      </thead>
      <tbody>
        {rows.map((figures) => (
          <tr key={`${figures.userId} ${figures.day}`}>
            <Cell>
              <Link href={`/admin/users/${figures.userId}`} className="text-accent underline">
                {figures.name ?? figures.userId}
              </Link>
            </Cell>
            <Cell className="whitespace-nowrap">{formatDay(figures.day, { timeZone: 'UTC' })}</Cell>
            <FigureCells figures={figures} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
