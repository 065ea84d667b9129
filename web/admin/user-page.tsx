'use client';

import dynamic from 'next/dynamic';
import { Link } from '@/ui/link';
import { admin } from '@/strings/admin';
import { Moment } from '@/time/moment';
import { Button } from '@/ui/button';
import { BackLink } from '@/ui/back-link';
import { Card } from '@/ui/card';
import { Fact } from '@/ui/fact';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { UserBadge } from './user-badge';
import { UserDangers } from './user-dangers';
import { nameUser, useUser, type User } from './users';

const LimitsForm = dynamic(() => import('./limits-form').then((it) => it.LimitsForm), {
  loading: () => <SkeletonList label={admin.user.loading} rows={2} />,
  ssr: false,
});

const strings = admin.user;

export function UserPage({ id }: { id: number }) {
  const user = useUser(id);
  return (
    <>
      <BackLink href="/admin/users" className="-mb-2" label={strings.back} />
      {user.isPending && <SkeletonList label={strings.loading} rows={3} />}
      {user.isError && <Problem error={user.error} onRetry={() => void user.refetch()} />}
      {user.data && (
        <>
          <UserCard user={user.data} />
          {user.data.deletedAt === null && (
            <>
              <LimitsForm user={user.data} />
              <UserDangers user={user.data} />
            </>
          )}
        </>
      )}
    </>
  );
}

function UserCard({ user }: { user: User }) {
  const { facts } = strings;
  return (
    <Card title={nameUser(user)} text={user.fullName ? user.email : undefined}>
      <dl className="grid grid-cols-2 gap-4 text-[13px] sm:grid-cols-4">
        <Fact name={facts.status}>
          <UserBadge user={user} />
        </Fact>
        <Fact name={facts.id}>{user.id}</Fact>
        <Fact name={facts.since}>
          <Moment at={user.createdAt} />
        </Fact>
        <Fact name={facts.clerk}>
          <code className="break-all">{user.clerkId}</code>
        </Fact>
      </dl>
      <nav aria-label={strings.links} className="mt-5 flex flex-wrap gap-2">
        <Button asChild size="small">
          <Link href={`/admin/meetings?user=${user.id}`}>{strings.meetings}</Link>
        </Button>
        <Button asChild size="small">
          <Link href={`/admin/usage?user=${user.id}`}>{strings.usage}</Link>
        </Button>
        <Button asChild size="small">
          <Link href={`/admin/audit?user=${user.id}`}>{strings.audit}</Link>
        </Button>
      </nav>
    </Card>
  );
}
