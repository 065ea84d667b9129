'use client';

import { Download, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { record } from '@/strings/record';
import { Button } from '@/ui/button';
import { ConfirmDialog } from '@/ui/confirm-dialog';
import { Link } from '@/ui/link';
import type { Recorder, RecorderState } from './recorder';

const strings = record.unsent;

/** What the API did not take: kept until it is saved as a file, or thrown away. */
export function Unsent({ recorder, state }: { recorder: Recorder; state: RecorderState }) {
  const [isAsking, setIsAsking] = useState(false);
  const { phase, meetingId, waiting } = state;
  return (
    <section className="rounded-xl border bg-warn-soft p-4 sm:p-6">
      <h2 className="text-[15px] font-semibold">{strings.title(waiting)}</h2>
      <p className="mt-0.5 text-pretty text-soft">{strings.text}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button look="primary" onClick={() => void save(recorder, meetingId)}>
          <Download aria-hidden />
          {strings.save}
        </Button>
        {phase === 'refused' && (
          <Button onClick={() => recorder.sendAgain()}>
            <RotateCw aria-hidden />
            {strings.again}
          </Button>
        )}
        {phase === 'over' && (
          <Button asChild>
            <Link href={`/meetings/${meetingId}`}>{strings.open}</Link>
          </Button>
        )}
        <Button onClick={() => setIsAsking(true)}>
          <Trash2 aria-hidden />
          {strings.discard}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onOpenChange={setIsAsking}
        title={strings.discardTitle}
        description={strings.discardText}
        action={strings.discard}
        onConfirm={() => void recorder.discard()}
      />
    </section>
  );
}

async function save(recorder: Recorder, meetingId: number | null): Promise<void> {
  const sound = await recorder.readUnsent();
  if (!sound) return;
  const url = URL.createObjectURL(sound);
  const link = document.createElement('a');
  link.href = url;
  link.download = `recording-${meetingId}.wav`;
  link.click();
  URL.revokeObjectURL(url);
}
