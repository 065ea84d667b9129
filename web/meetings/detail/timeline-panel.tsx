'use client';

import { Lightbulb } from 'lucide-react';
import type { MeetingEvent } from '../../../domain/events';
import { panels } from '@/strings/meeting-panels';
import { meetings } from '@/strings/meetings';
import { tellRemedy } from '@/strings/remedies';
import { Badge, type BadgeTone } from '@/ui/badge';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import { useAttempts } from '../panel-queries';
import type { Attempt, Meeting } from '../queries';
import { formatDuration, formatMoment, formatSecond } from '../times';
import { describeEvent } from './describe-event';
import { Evidence } from './evidence';

const words = panels.timeline;

export interface TimelinePanelProps {
  meeting: Meeting;
  events: readonly MeetingEvent[];
}

/** What the bot did and why, attempt by attempt, and what else happened. */
export function TimelinePanel({ meeting, events }: TimelinePanelProps) {
  const told = events.flatMap((each) => {
    const text = describeEvent(each.event, meeting.source);
    return text === null ? [] : [{ seq: each.seq, at: each.at, text }];
  });
  return (
    <div className="flex flex-col gap-6">
      {meeting.source === 'bot' && <Attempts meetingId={meeting.id} />}
      {told.length > 0 && (
        <section aria-labelledby="happened">
          <h2 id="happened" className="mb-2 text-[13px] font-semibold text-soft">
            {words.events}
          </h2>
          <ol className="flex flex-col border-l">
            {told.map(({ seq, at, text }) => (
              <li key={seq} className="relative flex gap-3 py-1 pl-4 text-[13px]">
                <span
                  aria-hidden
                  className="absolute top-3 -left-[3px] size-1.5 rounded-full bg-line-strong"
                />
                <time dateTime={at} className="shrink-0 text-soft tabular-nums">
                  {formatSecond(at)}
                </time>
                <span className="min-w-0 wrap-anywhere">{text}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

function Attempts({ meetingId }: { meetingId: number }) {
  const query = useAttempts(meetingId);
  return (
    <section aria-labelledby="attempts">
      <h2 id="attempts" className="mb-2 text-[13px] font-semibold text-soft">
        {words.attempts}
      </h2>
      {query.isPending && <Skeleton className="h-16 w-full rounded-lg" />}
      {query.isError && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <p className="text-soft">{words.none}</p>}
      <ol className="flex flex-col gap-2">
        {query.data?.map((attempt) => (
          <AttemptCard key={attempt.attempt} attempt={attempt} />
        ))}
      </ol>
    </section>
  );
}

function toneOf({ status, remedy }: Attempt): BadgeTone {
  if (status === 'failed') return 'bad';
  if (status === 'ended') return remedy === null ? 'plain' : 'warn';
  return status === 'in_meeting' ? 'good' : 'accent';
}

/** Who was in the call made it, however that ended. */
function nameOutcome({ status, joinedAt }: Attempt): string {
  return status === 'failed' && joinedAt !== null ? words.brokeOff : meetings.botStatus[status];
}

function AttemptCard({ attempt }: { attempt: Attempt }) {
  const isOngoing = attempt.status !== 'ended' && attempt.status !== 'failed';
  const remedy = tellRemedy(attempt.reason, attempt.remedy);
  return (
    <li className="rounded-lg border p-3">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="font-medium">{words.attempt(attempt.attempt)}</h3>
        <Badge tone={toneOf(attempt)} isLive={isOngoing}>
          {nameOutcome(attempt)}
        </Badge>
        <time dateTime={attempt.createdAt} className="ml-auto text-[13px] text-soft">
          {formatMoment(attempt.createdAt)}
        </time>
      </div>
      <p className="mt-1 text-[13px] text-soft">{describeStay(attempt)}</p>
      {attempt.message && <p className="mt-1">{attempt.message}</p>}
      {attempt.detail && (
        <p className="mt-1 text-[13px] text-soft wrap-anywhere">{attempt.detail}</p>
      )}
      {remedy && (
        <p className="mt-2 flex gap-2 rounded-md bg-warn-soft px-2.5 py-2 text-[13px]">
          <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <span>
            <span className="sr-only">{words.remedy}: </span>
            {remedy}
          </span>
        </p>
      )}
      {attempt.confidence && attempt.reason && remedy && (
        <p className="mt-2 text-[13px] text-soft">{words.confidence[attempt.confidence]}</p>
      )}
      {attempt.signs.length > 0 && (
        <details className="mt-1 text-[13px] text-soft">
          <summary className="cursor-pointer">{words.signs}</summary>
          <ul className="mt-1 list-disc pl-5 wrap-anywhere">
            {attempt.signs.map((sign) => (
              <li key={sign}>{sign}</li>
            ))}
          </ul>
        </details>
      )}
      {attempt.evidence.length > 0 && (
        <div className="mt-3">
          <p className="mb-1.5 text-[13px] text-soft">{panels.evidence.title}</p>
          <Evidence attempt={attempt} />
        </div>
      )}
    </li>
  );
}

function describeStay({ createdAt, joinedAt, endedAt }: Attempt): string {
  if (joinedAt === null) return '';
  const joined = words.joinedAfter(formatDuration(Date.parse(joinedAt) - Date.parse(createdAt)));
  if (endedAt === null) return joined;
  const stayed = words.stayed(formatDuration(Date.parse(endedAt) - Date.parse(joinedAt)));
  return `${joined}, ${stayed}`;
}
