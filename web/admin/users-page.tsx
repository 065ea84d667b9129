'use client';

import { ChevronRight, UserX } from 'lucide-react';
import { Link } from '@/ui/link';
import { useDeferredValue, useState } from 'react';
import { admin } from '@/strings/admin';
import { formatDay } from '@/time/format';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { PagedList } from '@/ui/paged-list';
import { NativeSelect } from '@/ui/native-select';
import { UserBadge } from './user-badge';
import { nameUser, useUsers, type User, type UserFilter } from './users';

const strings = admin.users;
const STATUSES = (['all', 'active', 'disabled', 'deleted'] as const).map((value) => ({
  value,
  label: strings.statuses[value],
}));

export function UsersPage() {
  const [filter, setFilter] = useState<UserFilter>({ q: '', status: 'all' });
  return (
    <Card title={strings.title} text={strings.text} className="p-0">
      <div className="grid gap-3 border-b px-5 py-4 sm:grid-cols-[1fr_12rem]">
        <Field label={strings.search}>
          {(control) => (
            <Input
              {...control}
              type="search"
              autoComplete="off"
              maxLength={200}
              value={filter.q}
              onChange={({ target }) => setFilter({ ...filter, q: target.value })}
            />
          )}
        </Field>
        <Field label={strings.status}>
          {(control) => (
            <NativeSelect
              {...control}
              value={filter.status}
              options={STATUSES}
              onChange={(status) => setFilter({ ...filter, status })}
            />
          )}
        </Field>
      </div>
      <UserList filter={useDeferredValue(filter)} />
    </Card>
  );
}

function UserList({ filter }: { filter: UserFilter }) {
  return (
    <PagedList
      list={useUsers(filter)}
      items={(page) => page.users}
      loading={strings.loading}
      isPadded={false}
      empty={<EmptyState icon={UserX} title={strings.noneTitle} text={strings.noneText} />}
    >
      {(users) => (
        <ul aria-label={strings.label} className="divide-y">
          {users.map((user) => (
            <UserRow key={user.id} user={user} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}

function UserRow({ user }: { user: User }) {
  const { id, fullName, email, createdAt } = user;
  const facts = [fullName ? email : null, strings.since(formatDay(createdAt, { isShort: true }))];
  return (
    <li>
      <Link
        href={`/admin/users/${id}`}
        className="flex items-center gap-3 px-5 py-3 hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{nameUser(user)}</span>
          <span className="block truncate text-[13px] text-soft">
            {facts.filter(Boolean).join(' · ')}
          </span>
        </span>
        <UserBadge user={user} />
        <ChevronRight aria-hidden className="size-4 shrink-0 text-soft" />
      </Link>
    </li>
  );
}
