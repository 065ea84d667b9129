'use client';

import { ExternalLink } from 'lucide-react';
import { schedules } from '@/strings/schedules';
import { describeZone, formatDay } from '@/time/format';
import { BackLink } from '@/ui/back-link';
import { Card } from '@/ui/card';
import { Fact } from '@/ui/fact';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { describeSchedule } from './describe-schedule';
import { LastOutcomes } from './last-outcomes';
import { NextOccurrences } from './next-occurrences';
import { nameSchedule, useSchedule, type ScheduleDetail } from './queries';
import { ScheduleActions } from './schedule-actions';
import { ScheduleBadge } from './schedule-badge';

const strings = schedules.detail;

export function SchedulePage({ id }: { id: number }) {
  const schedule = useSchedule(id);
  return (
    <PageBody>
      <BackLink href="/schedules" className="mb-3" label={strings.back} />
      {schedule.isPending && (
        <>
          <PageHeader title={schedules.untitled(id)} />
          <SkeletonList label={strings.loading} />
        </>
      )}
      {schedule.isError && (
        <>
          <PageHeader title={schedules.untitled(id)} />
          <Problem error={schedule.error} onRetry={() => void schedule.refetch()} />
        </>
      )}
      {schedule.data && (
        <>
          <PageHeader
            title={nameSchedule(schedule.data)}
            text={describeSchedule(schedule.data)}
            actions={<ScheduleActions schedule={schedule.data} />}
          />
          <div className="flex flex-col gap-6">
            <Facts schedule={schedule.data} />
            <NextOccurrences schedule={schedule.data} />
            <LastOutcomes outcomes={schedule.data.lastOutcomes} />
          </div>
        </>
      )}
    </PageBody>
  );
}

function Facts({ schedule }: { schedule: ScheduleDetail }) {
  const { facts } = strings;
  const { timeZone, meetingUrl, botName, recording, skipDates, status, temporalUrl } = schedule;
  return (
    <Card
      title={facts.rule}
      text={describeZone(timeZone)}
      actions={<ScheduleBadge status={status} />}
    >
      <dl className="grid gap-x-4 gap-y-3 text-[13px] sm:grid-cols-2">
        <Fact name={facts.link}>{meetingUrl}</Fact>
        <Fact name={facts.bot}>{botName}</Fact>
        <Fact name={facts.recording}>{recording ? facts.yes : facts.no}</Fact>
        {skipDates.length > 0 && (
          <Fact name={facts.skipped}>
            {skipDates.map((day) => formatDay(day, { timeZone: 'UTC', isShort: true })).join(', ')}
          </Fact>
        )}
      </dl>
      <p className="mt-4 text-[13px]">
        <a
          href={temporalUrl}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1.5 rounded text-accent hover:underline"
        >
          <ExternalLink aria-hidden className="size-3.5" />
          {strings.temporal}
        </a>
      </p>
    </Card>
  );
}
