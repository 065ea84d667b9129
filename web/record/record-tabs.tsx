'use client';

import dynamic from 'next/dynamic';
import { useSearchParams } from 'next/navigation';
import { record } from '@/strings/record';
import { SkeletonList } from '@/ui/skeleton';
import { Tabs } from '@/ui/tabs';
import { RecorderPanel } from './recorder-panel';

const UploadPanel = dynamic(() => import('./upload-panel').then((it) => it.UploadPanel), {
  loading: () => <SkeletonList label={record.loading} />,
});

export function RecordTabs() {
  const tab = useSearchParams().get('tab') === 'upload' ? 'upload' : 'record';
  const show = (value: string): void => {
    window.history.replaceState(null, '', value === 'upload' ? '/record?tab=upload' : '/record');
  };
  return (
    <Tabs
      label={record.tabs.label}
      contentClassName="pt-6"
      value={tab}
      onChange={show}
      tabs={[
        { value: 'record', label: record.tabs.record, content: <RecorderPanel />, isKept: true },
        { value: 'upload', label: record.tabs.upload, content: <UploadPanel /> },
      ]}
    />
  );
}
