'use client';

import { webhooks } from '@/strings/webhooks';
import { formatMoment } from '@/time/format';
import { Button } from '@/ui/button';
import { CopyField } from '@/ui/copy-field';
import { Dialog } from '@/ui/dialog';

const strings = webhooks.secret;

interface SecretDialogProps {
  secret: string;
  oldSecretUntil?: string;
  onClose: () => void;
}

/** An endpoint's secret, this once. */
export function SecretDialog({ secret, oldSecretUntil, onClose }: SecretDialogProps) {
  return (
    <Dialog isOpen onOpenChange={onClose} title={strings.title} description={strings.text}>
      <div className="flex flex-col gap-4">
        <CopyField label={strings.label} text={secret} />
        {oldSecretUntil && (
          <p className="text-[13px] text-soft">{strings.oldUntil(formatMoment(oldSecretUntil))}</p>
        )}
        <div className="flex justify-end">
          <Button look="primary" onClick={onClose}>
            {strings.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
