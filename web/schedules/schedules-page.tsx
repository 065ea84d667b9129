'use client';

import { CalendarClock, ChevronRight, Plus } from 'lucide-react';
import Link from 'next/link';
import { nameMeeting } from '@/meetings/names';
import { meetings } from '@/strings/meetings';
import { schedules } from '@/strings/schedules';
import { formatDay, formatDistance, formatTime } from '@/time/format';
import { OwnZone } from '@/time/own-zone';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { LoadMore } from '@/ui/load-more';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { nameSchedule, useSchedules, useUpcoming, type Schedule } from './queries';
import { ScheduleBadge } from './schedule-badge';
import { describeSchedule } from './describe-schedule';

export function SchedulesPage() {
  return (
    <PageBody>
      <PageHeader
        title={schedules.title}
        text={schedules.text}
        actions={
          <Button asChild look="primary">
            <Link href="/schedules/new">
              <Plus aria-hidden />
              {schedules.create}
            </Link>
          </Button>
        }
      />
      <div className="flex flex-col gap-6">
        <ScheduleList />
        <Card title={schedules.upcoming.title} text={<OwnZone />} className="p-0">
          <UpcomingList />
        </Card>
      </div>
    </PageBody>
  );
}

function ScheduleList() {
  const list = useSchedules();
  const strings = schedules.list;
  if (list.isPending) return <SkeletonList label={strings.loading} rows={3} />;
  if (list.isError) return <Problem error={list.error} onRetry={() => void list.refetch()} />;
  const all = list.data.pages.flatMap((page) => page.schedules);
  return (
    <Card title={strings.title} className="p-0">
      {all.length === 0 ? (
        <EmptyState icon={CalendarClock} title={strings.emptyTitle} text={strings.emptyText} />
      ) : (
        <ul aria-label={strings.label} className="divide-y">
          {all.map((schedule) => (
            <ScheduleRow key={schedule.id} schedule={schedule} />
          ))}
        </ul>
      )}
      <LoadMore
        hasMore={list.hasNextPage}
        isBusy={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
      />
    </Card>
  );
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { id, nextStart, status, platform } = schedule;
  const strings = schedules.list;
  return (
    <li>
      <Link
        href={`/schedules/${id}`}
        className="flex items-center gap-3 px-5 py-3.5 hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{nameSchedule(schedule)}</span>
          <span className="block truncate text-[13px] text-soft">
            {describeSchedule(schedule)} · {meetings.platform[platform]}
          </span>
        </span>
        <span className="hidden text-[13px] text-soft sm:block">
          {nextStart ? strings.next(formatDistance(nextStart)) : strings.noNext}
        </span>
        <ScheduleBadge status={status} />
        <ChevronRight aria-hidden className="size-4 shrink-0 text-soft" />
      </Link>
    </li>
  );
}

function UpcomingList() {
  const list = useUpcoming();
  const strings = schedules.upcoming;
  if (list.isPending) return <SkeletonList label={strings.loading} rows={3} />;
  if (list.isError) {
    return (
      <div className="p-5">
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      </div>
    );
  }
  const all = list.data.pages.flatMap((page) => page.meetings);
  if (all.length === 0) return <p className="px-5 py-6 text-soft">{strings.none}</p>;
  return (
    <>
      <ul aria-label={strings.label} className="divide-y">
        {all.map((meeting) => (
          <li key={meeting.id}>
            <Link
              href={`/meetings/${meeting.id}`}
              className="flex items-center gap-4 px-5 py-3 hover:bg-hover"
            >
              <Start at={meeting.scheduledStart} />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{nameMeeting(meeting)}</span>
                <span className="block truncate text-[13px] text-soft">
                  {meetings.platform[meeting.platform]}
                  {meeting.scheduleId !== null && ` · ${strings.bySchedule}`}
                </span>
              </span>
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

function Start({ at }: { at: string | null }) {
  if (at === null) return null;
  return (
    <time dateTime={at} className="w-32 shrink-0 text-[13px] tabular-nums">
      <span className="block font-medium">{formatTime(at)}</span>
      <span className="block text-soft">{formatDay(at)}</span>
    </time>
  );
}
