import { ListTree, MicOff } from 'lucide-react';
import { meeting as strings } from '@/strings/meeting';
import { panels } from '@/strings/meeting-panels';
import { tellRemedy } from '@/strings/remedies';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { useAttempts } from '../panel-queries';
import type { Meeting } from '../queries';
import { Evidence } from './evidence';

const words = strings.transcript.ended;

export interface NoWordsProps {
  meeting: Meeting;
  /** Shows what happened. */
  onTimeline: () => void;
}

/** Why a meeting has no words, what helps, and what its bot saw last. */
export function Failed({ meeting, onTimeline }: NoWordsProps) {
  const { id, source, message, reason } = meeting;
  const last = useAttempts(id).data?.at(-1);
  const remedy = tellRemedy(reason, last?.remedy ?? null);
  return (
    <>
      <EmptyState
        icon={MicOff}
        title={words.failed[source]}
        text={[message, remedy].filter(Boolean).join(' ')}
        action={
          <Button size="small" onClick={onTimeline}>
            <ListTree aria-hidden />
            {words.timeline}
          </Button>
        }
      />
      {last && last.evidence.length > 0 && (
        <figure className="mx-auto w-full max-w-xl px-6 pb-10">
          <figcaption className="mb-2 text-[13px] text-soft">{panels.evidence.title}</figcaption>
          <Evidence attempt={last} />
        </figure>
      )}
    </>
  );
}
