'use client';

import { Search } from 'lucide-react';
import { meetings } from '@/strings/meetings';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import type { Meeting } from '../queries';

const words = meetings.list;

export interface Filters {
  q: string;
  status: Meeting['status'] | 'all';
  platform: Meeting['platform'] | 'all';
}

export const NO_FILTERS: Filters = { q: '', status: 'all', platform: 'all' };

const optionsOf = <Value extends string>(names: Record<Value, string>, all: string) => [
  { value: 'all' as const, label: all },
  ...(Object.keys(names) as Value[]).map((value) => ({ value, label: names[value] })),
];

const STATES = optionsOf(meetings.status, words.allStates);
const PLATFORMS = optionsOf(meetings.platform, words.allPlatforms);

export interface FilterBarProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

export function FilterBar({ filters, onChange }: FilterBarProps) {
  return (
    <div role="search" aria-label={words.label} className="mb-5 flex flex-wrap gap-2">
      <div className="relative min-w-48 flex-1">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-soft"
        />
        <Input
          type="search"
          aria-label={words.search}
          placeholder={words.search}
          className="pl-9"
          value={filters.q}
          onChange={(event) => onChange({ ...filters, q: event.target.value })}
        />
      </div>
      <NativeSelect
        aria-label={words.filterStatus}
        className="w-36 grow sm:grow-0"
        value={filters.status}
        onChange={(status) => onChange({ ...filters, status })}
        options={STATES}
      />
      <NativeSelect
        aria-label={words.filterPlatform}
        className="w-44 grow sm:grow-0"
        value={filters.platform}
        onChange={(platform) => onChange({ ...filters, platform })}
        options={PLATFORMS}
      />
    </div>
  );
}
