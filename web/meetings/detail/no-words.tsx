import { Mic, MicOff } from 'lucide-react';
import dynamic from 'next/dynamic';
import { meeting as strings } from '@/strings/meeting';
import { EmptyState } from '@/ui/empty-state';
import { useUpload } from '../queries';
import { findEmptyState } from '../states';
import type { NoWordsProps } from './failed';
import { UploadProgress } from './upload-progress';

const Failed = dynamic(() => import('./failed').then((it) => it.Failed));

const words = strings.transcript;

/** Stands where words would: why there are none, and what helps. */
export function NoWords({ meeting, onTimeline }: NoWordsProps) {
  const upload = useUpload(meeting);
  const state = findEmptyState(meeting);
  if (state === 'failed') return <Failed meeting={meeting} onTimeline={onTimeline} />;
  if (state === 'cancelled') {
    const title = words.ended.cancelled[meeting.source];
    return <EmptyState icon={MicOff} title={title} text={meeting.message} />;
  }
  const { title, text } = words.empty[state];
  return (
    <EmptyState
      icon={Mic}
      title={title}
      text={text}
      action={upload && <UploadProgress upload={upload} />}
    />
  );
}
