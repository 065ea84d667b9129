import { Bot } from 'lucide-react';
import { classes } from '@/ui/classes';
import { initialsOf, speakerColour } from '../live/speakers';

export interface SpeakerMarkProps {
  speaker: { id: number; name: string | null } | null;
  isBot?: boolean;
}

/** A speaker at a glance: initials on their colour. The name always stands beside it. */
export function SpeakerMark({ speaker, isBot = false }: SpeakerMarkProps) {
  const { text, soft } = speakerColour(isBot ? null : (speaker?.id ?? null));
  return (
    <span
      aria-hidden
      className={classes(
        'grid size-7 shrink-0 place-items-center rounded-full text-[11px] font-semibold select-none',
        text,
        soft,
      )}
    >
      {isBot ? <Bot className="size-3.5" /> : initialsOf(speaker?.name ?? null)}
    </span>
  );
}
