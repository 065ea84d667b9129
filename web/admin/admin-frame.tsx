'use client';

import { ShieldAlert } from 'lucide-react';
import { Link } from '@/ui/link';
import type { ReactNode } from 'react';
import { useMe } from '@/api/me';
import { admin } from '@/strings/admin';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Problem } from '@/ui/problem';
import { SectionedBody } from '@/ui/sectioned-body';
import { SkeletonList } from '@/ui/skeleton';
import { SECTIONS } from './sections';

/** Around every page of the administration; others are told how one comes to have the role. */
export function AdminFrame({ children }: { children: ReactNode }) {
  const me = useMe();
  if (me.data?.isAdmin) {
    return (
      <SectionedBody title={admin.title} label={admin.sections} sections={SECTIONS}>
        {children}
      </SectionedBody>
    );
  }
  return (
    <PageBody>
      <PageHeader title={admin.title} />
      {me.isPending && <SkeletonList label={admin.loading} />}
      {me.isError && <Problem error={me.error} onRetry={() => void me.refetch()} />}
      {me.data && (
        <EmptyState
          icon={ShieldAlert}
          title={admin.refused.title}
          text={admin.refused.text}
          action={
            <Button asChild>
              <Link href="/meetings">{admin.refused.back}</Link>
            </Button>
          }
        />
      )}
    </PageBody>
  );
}
