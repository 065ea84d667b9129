'use client';

import dynamic from 'next/dynamic';
import { record } from '@/strings/record';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Tabs } from '@/ui/tabs';
import { SkeletonList } from '@/ui/skeleton';

const loading = () => <SkeletonList label={record.loading} />;
const RecorderPanel = dynamic(() => import('./recorder-panel').then((it) => it.RecorderPanel), {
  loading,
  ssr: false,
});
const UploadPanel = dynamic(() => import('./upload-panel').then((it) => it.UploadPanel), {
  loading,
  ssr: false,
});

export function RecordPage() {
  return (
    <PageBody>
      <PageHeader title={record.title} text={record.text} />
      <Tabs
        label={record.tabs.label}
        contentClassName="pt-6"
        tabs={[
          { value: 'record', label: record.tabs.record, content: <RecorderPanel /> },
          { value: 'upload', label: record.tabs.upload, content: <UploadPanel /> },
        ]}
      />
    </PageBody>
  );
}
