'use client';

import { CircleAlert } from 'lucide-react';
import { frame } from '@/strings/frame';
import { ui } from '@/strings/ui';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return (
    <EmptyState
      icon={CircleAlert}
      title={frame.error.title}
      text={frame.error.text}
      action={
        <Button look="primary" onClick={reset}>
          {ui.tryAgain}
        </Button>
      }
    />
  );
}
