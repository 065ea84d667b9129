import { ListTree, Mic, MicOff } from 'lucide-react';
import { meeting as strings } from '@/strings/meeting';
import { tellRemedy } from '@/strings/remedies';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { useAttempts, useUpload, type Meeting } from '../queries';
import { findEmptyState } from '../states';
import { Evidence } from './evidence';
import { UploadProgress } from './upload-progress';

const words = strings.transcript;

interface NoWordsProps {
  meeting: Meeting;
  /** Shows what happened. */
  onTimeline: () => void;
}

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

function Failed({ meeting, onTimeline }: NoWordsProps) {
  const { id, source, message, reason } = meeting;
  const last = useAttempts(id).data?.at(-1);
  const remedy = tellRemedy(reason, last?.remedy ?? null);
  return (
    <>
      <EmptyState
        icon={MicOff}
        title={words.ended.failed[source]}
        text={[message, remedy].filter(Boolean).join(' ')}
        action={
          <Button size="small" onClick={onTimeline}>
            <ListTree aria-hidden />
            {words.ended.timeline}
          </Button>
        }
      />
      {last && last.evidence.length > 0 && (
        <figure className="mx-auto w-full max-w-xl px-6 pb-10">
          <figcaption className="mb-2 text-[13px] text-soft">{strings.evidence.title}</figcaption>
          <Evidence attempt={last} />
        </figure>
      )}
    </>
  );
}
