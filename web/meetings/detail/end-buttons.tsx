'use client';

import { Square, X } from 'lucide-react';
import { useState } from 'react';
import { meeting as strings } from '@/strings/meeting';
import { Button } from '@/ui/button';
import { ConfirmDialog } from '@/ui/confirm-dialog';
import { useCancelUpload, useFinishRecording } from '../panel-queries';

export function FinishButton({ meetingId }: { meetingId: number }) {
  return <AskFirst command={useFinishRecording(meetingId)} look="danger" words={strings.finish} />;
}

export function CancelUploadButton({ meetingId }: { meetingId: number }) {
  return (
    <AskFirst command={useCancelUpload(meetingId)} look="plain" words={strings.cancelUpload} />
  );
}

interface AskFirstProps {
  command: {
    isPending: boolean;
    mutate: (nothing: undefined, options: { onSettled: () => void }) => void;
  };
  look: 'danger' | 'plain';
  words: { title: string; text: string; action: string };
}

function AskFirst({ command, look, words: { title, text, action } }: AskFirstProps) {
  const [isAsking, setIsAsking] = useState(false);
  const close = (): void => setIsAsking(false);
  return (
    <>
      <Button look={look} isBusy={command.isPending} onClick={() => setIsAsking(true)}>
        {look === 'danger' ? <Square aria-hidden className="fill-current" /> : <X aria-hidden />}
        {action}
      </Button>
      {isAsking && (
        <ConfirmDialog
          isOpen
          onOpenChange={close}
          title={title}
          description={text}
          action={action}
          isBusy={command.isPending}
          onConfirm={() => command.mutate(undefined, { onSettled: close })}
        />
      )}
    </>
  );
}
