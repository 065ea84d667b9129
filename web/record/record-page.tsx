'use client';

import { record } from '@/strings/record';
import { PageBody, PageHeader } from '@/ui/page-header';
import { Tabs } from '@/ui/tabs';
import { RecorderPanel } from './recorder-panel';
import { UploadPanel } from './upload-panel';

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
