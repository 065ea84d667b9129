'use client';

import type { AuditEntryView } from '../../domain/admin';
import { audit } from '@/strings/audit';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import type { SelectOption } from '@/ui/select';

export type ActorKind = AuditEntryView['actorKind'];

/** What is looked for; empty texts look for everything. */
export interface AuditFilter {
  actorKind: ActorKind | 'all';
  action: string;
  since: string;
  until: string;
  userId: string;
}

export const NO_FILTER: AuditFilter = {
  actorKind: 'all',
  action: '',
  since: '',
  until: '',
  userId: '',
};

/** As the API takes it; days are those of the reader, the last one included. */
export function toAuditQuery({ actorKind, action, since, until }: AuditFilter) {
  return {
    ...(actorKind === 'all' ? {} : { actorKind }),
    ...(action.trim() ? { action: action.trim() } : {}),
    ...(since ? { since: startOfDay(since, 0) } : {}),
    ...(until ? { until: startOfDay(until, 1) } : {}),
  };
}

function startOfDay(day: string, daysLater: number): string {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

const ACTORS: SelectOption<ActorKind | 'all'>[] = [
  { value: 'all', label: audit.allActors },
  ...Object.entries(audit.actors).map(([value, label]) => ({ value: value as ActorKind, label })),
];

interface AuditFiltersProps {
  filter: AuditFilter;
  onChange: (filter: AuditFilter) => void;
  /** What the API says of a field. */
  problems: Map<string, string>;
  /** Administrators look at everybody's entries. */
  hasUsers?: boolean;
}

export function AuditFilters({ filter, onChange, problems, hasUsers = false }: AuditFiltersProps) {
  const set = (changes: Partial<AuditFilter>): void => onChange({ ...filter, ...changes });
  const text = (name: 'action' | 'since' | 'until' | 'userId', type: 'search' | 'date') =>
    function TextField(control: { id: string }) {
      return (
        <Input
          {...control}
          type={type}
          autoComplete="off"
          maxLength={200}
          value={filter[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      );
    };
  const isNoNumber = filter.userId.trim() !== '' && !/^[1-9]\d{0,8}$/.test(filter.userId.trim());
  return (
    <div role="group" aria-label={audit.filters} className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <Field label={audit.actor} error={problems.get('actorKind')}>
        {(control) => (
          <NativeSelect
            {...control}
            value={filter.actorKind}
            options={ACTORS}
            onChange={(actorKind) => set({ actorKind })}
          />
        )}
      </Field>
      <Field label={audit.action} hint={audit.actionHint} error={problems.get('action')}>
        {text('action', 'search')}
      </Field>
      <Field label={audit.since} error={problems.get('since')}>
        {text('since', 'date')}
      </Field>
      <Field label={audit.until} error={problems.get('until')}>
        {text('until', 'date')}
      </Field>
      {hasUsers && (
        <Field label={audit.user} error={isNoNumber ? audit.notANumber : undefined}>
          {text('userId', 'search')}
        </Field>
      )}
    </div>
  );
}
