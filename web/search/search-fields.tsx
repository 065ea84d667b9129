'use client';

import { Search, X } from 'lucide-react';
import type { RefObject } from 'react';
import type { Platform } from '../../domain/platforms';
import { meetings } from '@/strings/meetings';
import { search } from '@/strings/search';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import type { SelectOption } from '@/ui/select';
import { hasFilters, type Filters } from './filters';

export interface SearchFieldsProps {
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
  inputRef: RefObject<HTMLInputElement | null>;
  /** What the API says of a field. */
  problems: Map<string, string>;
}

const PLATFORMS: SelectOption<Platform | 'all'>[] = [
  { value: 'all', label: search.allPlatforms },
  ...Object.entries(meetings.platform).map(([value, label]) => ({
    value: value as Platform,
    label,
  })),
];

/** The words, and what narrows them down. */
export function SearchFields({ filters, onChange, inputRef, problems }: SearchFieldsProps) {
  return (
    <div className="flex flex-col gap-4">
      <Field label={search.label} isLabelHidden hint={search.hint} error={problems.get('q')}>
        {(control) => (
          <div className="relative">
            <Search
              aria-hidden
              className="pointer-events-none absolute top-3.5 left-3.5 size-4 text-soft"
            />
            <Input
              {...control}
              ref={inputRef}
              type="search"
              autoFocus
              autoComplete="off"
              maxLength={200}
              className="h-11 pr-11 pl-10 text-[15px] [&::-webkit-search-cancel-button]:hidden"
              placeholder={search.placeholder}
              value={filters.q}
              onChange={(event) => onChange({ q: event.target.value })}
            />
            {filters.q && (
              <Button
                look="quiet"
                size="small-icon"
                aria-label={search.clear}
                className="absolute top-2 right-2"
                onClick={() => {
                  onChange({ q: '' });
                  inputRef.current?.focus();
                }}
              >
                <X aria-hidden />
              </Button>
            )}
          </div>
        )}
      </Field>
      <Narrowing filters={filters} onChange={onChange} problems={problems} />
    </div>
  );
}

type NarrowingProps = Omit<SearchFieldsProps, 'inputRef'>;

function Narrowing({ filters, onChange, problems }: NarrowingProps) {
  const isReversed = filters.from !== '' && filters.to !== '' && filters.to < filters.from;
  return (
    <div role="group" aria-label={search.filters} className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Field label={search.speaker} error={problems.get('speaker')}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            maxLength={200}
            placeholder={search.speakerPlaceholder}
            value={filters.speaker}
            onChange={(event) => onChange({ speaker: event.target.value })}
          />
        )}
      </Field>
      <Field label={search.platform} error={problems.get('platform')}>
        {(control) => (
          <NativeSelect
            {...control}
            value={filters.platform || 'all'}
            options={PLATFORMS}
            onChange={(value) => onChange({ platform: value === 'all' ? '' : value })}
          />
        )}
      </Field>
      <Field label={search.from} error={problems.get('from')}>
        {(control) => (
          <Input
            {...control}
            type="date"
            value={filters.from}
            onChange={(event) => onChange({ from: event.target.value })}
          />
        )}
      </Field>
      <Field label={search.to} error={isReversed ? search.toBeforeFrom : problems.get('to')}>
        {(control) => (
          <Input
            {...control}
            type="date"
            value={filters.to}
            onChange={(event) => onChange({ to: event.target.value })}
          />
        )}
      </Field>
      {hasFilters(filters) && (
        <div className="col-span-full">
          <Button
            look="quiet"
            size="small"
            className="-ml-2.5"
            onClick={() => onChange({ from: '', to: '', platform: '', speaker: '' })}
          >
            <X aria-hidden />
            {search.clearFilters}
          </Button>
        </div>
      )}
    </div>
  );
}
