'use client';

import { Link } from '@/ui/link';
import { frame } from '@/strings/frame';
import { Badge, type BadgeTone } from '@/ui/badge';
import type { Activity } from './record-work';
import { useRecordActivity } from './record-work-provider';

const strings = frame.recordMark;

interface Mark {
  href: string;
  text: string;
  tone: BadgeTone;
  isLive: boolean;
}

/** Says on every page that something is recorded or sent, and leads back to it. */
export function RecordMark() {
  const marks = describe(useRecordActivity());
  if (marks.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-1 max-md:justify-end">
      {marks.map(({ href, text, tone, isLive }) => (
        <Link key={href} href={href} className="inline-flex rounded-full py-0.5">
          <Badge tone={tone} isLive={isLive}>
            {text}
          </Badge>
        </Link>
      ))}
    </div>
  );
}

function describe({ recorder, unsentFiles }: Activity): Mark[] {
  const marks: Mark[] = [];
  const recording = describeRecorder(recorder);
  if (recording) marks.push({ href: '/record', ...recording });
  if (unsentFiles > 0) {
    const text = strings.uploading(unsentFiles);
    marks.push({ href: '/record?tab=upload', text, tone: 'accent', isLive: true });
  }
  return marks;
}

function describeRecorder(phase: Activity['recorder']): Omit<Mark, 'href'> | null {
  switch (phase) {
    case 'recording':
      return { text: strings.recording, tone: 'bad', isLive: true };
    case 'paused':
      return { text: strings.paused, tone: 'warn', isLive: false };
    case 'finishing':
      return { text: strings.finishing, tone: 'accent', isLive: true };
    case 'interrupted':
      return { text: strings.interrupted, tone: 'warn', isLive: false };
    case 'over':
    case 'refused':
      return { text: strings.unsent, tone: 'warn', isLive: false };
    case 'idle':
    case 'asking':
    case 'elsewhere':
    case 'finished':
      return null;
  }
}
