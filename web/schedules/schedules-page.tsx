'use client';

import { CalendarClock, ChevronRight, Plus } from 'lucide-react';
import { Link } from '@/ui/link';
import { nameMeeting } from '@/meetings/names';
import type { Meeting } from '@/meetings/queries';
import { meetings } from '@/strings/meetings';
import { schedules } from '@/strings/schedules';
import { formatDay, formatDistance, formatTime } from '@/time/format';
import { OwnZone } from '@/time/own-zone';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { PageBody, PageHeader } from '@/ui/page-header';
import { PagedList } from '@/ui/paged-list';
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
  const strings = schedules.list;
  return (
    <Card title={strings.title} className="p-0">
      <PagedList
        list={useSchedules()}
        items={(page) => page.schedules}
        loading={strings.loading}
        rows={3}
        isPadded={false}
        empty={
          <EmptyState icon={CalendarClock} title={strings.emptyTitle} text={strings.emptyText} />
        }
      >
        {(all) => (
          <ul aria-label={strings.label} className="divide-y">
            {all.map((schedule) => (
              <ScheduleRow key={schedule.id} schedule={schedule} />
            ))}
          </ul>
        )}
      </PagedList>
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
  const strings = schedules.upcoming;
  return (
    <PagedList
      list={useUpcoming()}
      items={(page) => page.meetings}
      loading={strings.loading}
      rows={3}
      isPadded={false}
      empty={<p className="px-5 py-6 text-soft">{strings.none}</p>}
    >
      {(all) => (
        <ul aria-label={strings.label} className="divide-y">
          {all.map((meeting) => (
            <UpcomingRow key={meeting.id} meeting={meeting} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}

function UpcomingRow({ meeting }: { meeting: Meeting }) {
  const { id, platform, scheduleId, scheduledStart } = meeting;
  return (
    <li>
      <Link href={`/meetings/${id}`} className="flex items-center gap-4 px-5 py-3 hover:bg-hover">
        <Start at={scheduledStart} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{nameMeeting(meeting)}</span>
          <span className="block truncate text-[13px] text-soft">
            {meetings.platform[platform]}
            {scheduleId !== null && ` · ${schedules.upcoming.bySchedule}`}
          </span>
        </span>
      </Link>
    </li>
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
