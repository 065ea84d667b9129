'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { ChartColumn } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { take, useApi, type Schemas } from '@/api/client';
import { admin } from '@/strings/admin';
import { usage as words } from '@/strings/usage';
import { formatDay } from '@/time/format';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { PagedList } from '@/ui/paged-list';
import { Cell, HeadCell, Table } from '@/ui/table';
import { FigureCells, FigureHeads, type Figures } from '@/usage/figure-cells';
import { MonthSwitch } from '@/usage/month-switch';
import { daysOf, nameMonth, thisMonth, type Month } from '@/usage/months';
import { toUserId } from './user-number';
import { UserLink } from './user-link';

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
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/admin/usage', {
          params: { query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before) => before,
  });
}

function UsageList({ month, user }: { month: Month; user: string }) {
  const list = useUsage(month, user);
  return (
    <PagedList
      list={list}
      items={(page) => page.usage}
      loading={strings.loading}
      empty={
        <EmptyState
          icon={ChartColumn}
          title={strings.noneTitle(nameMonth(month))}
          text={list.hasNextPage ? strings.nobodyYet : strings.noneText}
        />
      }
    >
      {(rows) => <UsageTable rows={rows} />}
    </PagedList>
  );
}

interface UserDay extends Figures {
  userId: number;
  user: Schemas['NamedUser'];
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
            <Cell name={words.head.user}>
              <UserLink id={figures.userId} user={figures.user} />
            </Cell>
            <Cell name={words.head.day} className="whitespace-nowrap">
              {formatDay(figures.day, { timeZone: 'UTC' })}
            </Cell>
            <FigureCells figures={figures} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
