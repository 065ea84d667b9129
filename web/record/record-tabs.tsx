'use client';

import dynamic from 'next/dynamic';
import { record } from '@/strings/record';
import { SkeletonList } from '@/ui/skeleton';
import { Tabs } from '@/ui/tabs';
import { RecorderPanel } from './recorder-panel';

const UploadPanel = dynamic(() => import('./upload-panel').then((it) => it.UploadPanel), {
  loading: () => <SkeletonList label={record.loading} />,
});

export function RecordTabs() {
  return (
    <Tabs
      label={record.tabs.label}
      contentClassName="pt-6"
      tabs={[
        { value: 'record', label: record.tabs.record, content: <RecorderPanel /> },
        { value: 'upload', label: record.tabs.upload, content: <UploadPanel /> },
      ]}
    />
  );
}
