'use client';

import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { ui } from '@/strings/ui';
import { toast } from '@/ui/toast';
import { Button } from './button';

/** A text that is meant to be taken along. */
export function CopyField({ label, text }: { label: string; text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setIsCopied(true);
    } catch {
      toast.error(ui.copyFailed);
    }
  };
  return (
    <div className="flex items-stretch gap-2">
      <input
        readOnly
        aria-label={label}
        value={text}
        onFocus={(event) => event.target.select()}
        className="h-9 min-w-0 flex-1 rounded-md border border-line-strong bg-panel px-3 font-mono text-[13px]"
      />
      <Button onClick={() => void copy()}>
        {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
        <span aria-live="polite">{isCopied ? ui.copied : ui.copy}</span>
      </Button>
    </div>
  );
}
