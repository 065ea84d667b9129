'use client';

import { ui } from '@/strings/ui';
import { Button } from './button';

/** The next page of a list. */
export function LoadMore({
  hasMore,
  isBusy,
  onMore,
}: {
  hasMore: boolean;
  isBusy: boolean;
  onMore: () => void;
}) {
  if (!hasMore) return null;
  return (
    <div className="flex justify-center py-4">
      <Button isBusy={isBusy} onClick={onMore}>
        {ui.more}
      </Button>
    </div>
  );
}
