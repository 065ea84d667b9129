'use client';

import { useQuery } from '@tanstack/react-query';
import { ChartColumn } from 'lucide-react';
import type { ReactNode } from 'react';
import { useState } from 'react';
import type { OwnUsage } from '../../domain/admin';
import { take, useApi } from '@/api/client';
import { usage } from '@/strings/usage';
import { formatDay } from '@/time/format';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { Cell, HeadCell, Table } from '@/ui/table';
import { FigureCells, FigureHeads } from '@/usage/figure-cells';
import { MonthSwitch } from '@/usage/month-switch';
import { daysOf, formatNumber, nameMonth, thisMonth, type Month } from '@/usage/months';
import { UsageChart } from '@/usage/usage-chart';

export function OwnUsagePage() {
  const { client } = useApi();
  const [month, setMonth] = useState<Month>(thisMonth);
  const read = useQuery({
    queryKey: ['usage', month],
    queryFn: async () => {
      const { from, to } = daysOf(month);
      return take(await client.GET('/api/me/usage', { params: { query: { from, to } } }));
    },
    placeholderData: (before) => before,
  });
  return (
    <Card
      title={usage.title}
      text={usage.text}
      actions={<MonthSwitch month={month} onChange={setMonth} />}
      className="flex flex-col gap-6"
    >
      {read.isPending && <SkeletonList label={usage.loading} rows={3} />}
      {read.isError && <Problem error={read.error} onRetry={() => void read.refetch()} />}
      {read.data && <UsageOfMonth month={month} used={read.data} />}
    </Card>
  );
}

function UsageOfMonth({ month, used }: { month: Month; used: OwnUsage }) {
  return (
    <>
      <dl className="grid grid-cols-2 gap-3">
        <Stat
          name={usage.botsNow}
          value={formatNumber(used.botsNow)}
          most={used.limits.maxConcurrentBots}
        />
        <Stat
          name={usage.minutesThisMonth}
          value={formatNumber(used.botMinutesThisMonth, 1)}
          most={used.limits.maxBotMinutesPerMonth}
        />
      </dl>
      {used.days.length === 0 ? (
        <EmptyState
          icon={ChartColumn}
          title={usage.noneTitle(nameMonth(month))}
          text={usage.noneText}
        />
      ) : (
        <>
          <UsageChart month={month} days={used.days} />
          <DayTable days={used.days} />
        </>
      )}
    </>
  );
}

function Stat({ name, value, most }: { name: string; value: ReactNode; most: number | null }) {
  return (
    <div className="rounded-lg border bg-panel px-4 py-3">
      <dt className="text-[13px] text-soft">{name}</dt>
      <dd className="mt-0.5">
        <span className="text-xl font-semibold tabular-nums">{value}</span>{' '}
        <span className="text-[13px] text-soft">
          {most === null ? usage.unlimited : usage.of(formatNumber(most))}
        </span>
      </dd>
    </div>
  );
}

function DayTable({ days }: { days: OwnUsage['days'] }) {
  return (
    <Table aria-label={usage.table}>
      <thead>
        <tr>
          <HeadCell>{usage.head.day}</HeadCell>
          <FigureHeads />
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map((figures) => (
          <tr key={figures.day}>
            <Cell name={usage.head.day} className="whitespace-nowrap">
              {formatDay(figures.day, { timeZone: 'UTC' })}
            </Cell>
            <FigureCells figures={figures} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
