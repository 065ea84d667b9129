'use client';

import dynamic from 'next/dynamic';
import { record } from '@/strings/record';
import { PageBody, PageHeader } from '@/ui/page-header';
import { SkeletonList } from '@/ui/skeleton';

const RecordTabs = dynamic(() => import('./record-tabs').then((it) => it.RecordTabs), {
  loading: () => <SkeletonList label={record.loading} />,
  ssr: false,
});

export function RecordPage() {
  return (
    <PageBody>
      <PageHeader title={record.title} text={record.text} />
      <RecordTabs />
    </PageBody>
  );
}
