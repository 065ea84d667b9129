'use client';

import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import { meeting as strings } from '@/strings/meeting';
import { Button } from '@/ui/button';
import { Input } from '@/ui/input';

const words = strings.search;

export interface SearchBoxProps {
  text: string;
  onChange: (text: string) => void;
  at: number;
  count: number;
  onStep: (step: 1 | -1) => void;
}

/** Finds words in this meeting; Enter goes to the next match. */
export function SearchBox({ text, onChange, at, count, onStep }: SearchBoxProps) {
  return (
    <div role="search" className="flex min-w-0 flex-1 items-center gap-1">
      <div className="relative min-w-0 flex-1 sm:max-w-64">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-soft"
        />
        <Input
          type="search"
          aria-label={words.label}
          placeholder={words.label}
          className="h-8 pl-8 text-[13px]"
          value={text}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onChange('');
            if (event.key !== 'Enter') return;
            event.preventDefault();
            onStep(event.shiftKey ? -1 : 1);
          }}
        />
      </div>
      <span role="status" className="shrink-0 text-[13px] whitespace-nowrap text-soft tabular-nums">
        {text.trim() !== '' && words.count(at, count)}
      </span>
      {count > 0 && (
        <>
          <Button
            look="quiet"
            size="small-icon"
            aria-label={words.previous}
            onClick={() => onStep(-1)}
          >
            <ChevronUp aria-hidden />
          </Button>
          <Button look="quiet" size="small-icon" aria-label={words.next} onClick={() => onStep(1)}>
            <ChevronDown aria-hidden />
          </Button>
        </>
      )}
    </div>
  );
}
