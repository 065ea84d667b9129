'use client';

import { Play, Square } from 'lucide-react';
import dynamic from 'next/dynamic';
import { meeting as strings } from '@/strings/meeting';
import { Button } from '@/ui/button';
import { useStartBot, useStopBot, type Meeting } from '../queries';
import { isUnderWay } from '../states';

const FinishButton = dynamic(() => import('./end-buttons').then((it) => it.FinishButton));
const CancelUploadButton = dynamic(() =>
  import('./end-buttons').then((it) => it.CancelUploadButton),
);

const words = strings.actions;

/** What begins or ends the hearing of a meeting: a bot’s, a browser’s, or that of a file. */
export function SourceButton({ meeting }: { meeting: Meeting }) {
  if (meeting.source === 'bot') return <BotButton meeting={meeting} />;
  if (meeting.source === 'upload') {
    return isUnderWay(meeting) && <CancelUploadButton meetingId={meeting.id} />;
  }
  const isHearing = meeting.status === 'created' || meeting.status === 'live';
  return isHearing && <FinishButton meetingId={meeting.id} />;
}

const BOT_AT_WORK: readonly Meeting['botStatus'][] = [
  'launching',
  'joining',
  'waiting_room',
  'in_meeting',
];

function BotButton({ meeting }: { meeting: Meeting }) {
  const start = useStartBot(meeting.id);
  const stop = useStopBot(meeting.id);
  const isAtWork = BOT_AT_WORK.includes(meeting.botStatus) && meeting.status !== 'processing';
  if (isAtWork) {
    return (
      <Button look="danger" isBusy={stop.isPending} onClick={() => stop.mutate()}>
        <Square aria-hidden className="fill-current" />
        {words.stop}
      </Button>
    );
  }
  if (meeting.status === 'scheduled') {
    return (
      <>
        <Button isBusy={stop.isPending} onClick={() => stop.mutate()}>
          {words.cancelPlan}
        </Button>
        <StartButton label={words.start} start={start} />
      </>
    );
  }
  if (meeting.status === 'created') return <StartButton label={words.start} start={start} />;
  const isOver = ['completed', 'failed', 'cancelled'].includes(meeting.status);
  if (!isOver) return null;
  const look = meeting.status === 'completed' ? 'quiet' : 'primary';
  return <StartButton label={words.restart} start={start} look={look} />;
}

interface StartButtonProps {
  label: string;
  start: ReturnType<typeof useStartBot>;
  look?: 'primary' | 'quiet';
}

function StartButton({ label, start, look = 'primary' }: StartButtonProps) {
  return (
    <Button look={look} isBusy={start.isPending} onClick={() => start.mutate()}>
      <Play aria-hidden className="fill-current" />
      {label}
    </Button>
  );
}
