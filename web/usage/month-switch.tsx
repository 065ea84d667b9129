'use client';

import { ChevronLeft, ChevronRight } from 'lucide-react';
import { usage } from '@/strings/usage';
import { Button } from '@/ui/button';
import { addMonths, nameMonth, thisMonth, type Month } from './months';

interface MonthSwitchProps {
  month: Month;
  onChange: (month: Month) => void;
}

export function MonthSwitch({ month, onChange }: MonthSwitchProps) {
  return (
    <div role="group" aria-label={usage.month} className="flex items-center gap-1">
      <Button
        look="quiet"
        size="icon"
        aria-label={usage.before}
        onClick={() => onChange(addMonths(month, -1))}
      >
        <ChevronLeft aria-hidden />
      </Button>
      <span aria-live="polite" className="min-w-32 text-center font-medium">
        {nameMonth(month)}
      </span>
      <Button
        look="quiet"
        size="icon"
        aria-label={usage.after}
        disabled={month >= thisMonth()}
        onClick={() => onChange(addMonths(month, 1))}
      >
        <ChevronRight aria-hidden />
      </Button>
    </div>
  );
}
