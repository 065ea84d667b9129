'use client';

import { readFieldProblems, summariseProblem } from '@/api/problems';
import { meeting as strings } from '@/strings/meeting';
import { panels } from '@/strings/meeting-panels';
import { Button } from '@/ui/button';
import { toast } from '@/ui/toast';
import { usePeople, useRenameMeeting, useRenameSpeaker } from '../panel-queries';
import type { Meeting } from '../queries';
import { NameDialog } from './name-dialog';

const explain = (error: unknown, field: string): string | undefined =>
  error ? (readFieldProblems(error).get(field) ?? summariseProblem(error)) : undefined;

interface RenameMeetingProps {
  meeting: Meeting;
  onClose: () => void;
}

export function RenameMeeting({ meeting, onClose }: RenameMeetingProps) {
  const rename = useRenameMeeting(meeting.id);
  return (
    <NameDialog
      isOpen
      onOpenChange={onClose}
      title={strings.rename.title}
      label={strings.rename.label}
      hint={strings.rename.hint}
      first={meeting.title ?? ''}
      maxLength={500}
      error={explain(rename.error, 'title')}
      isBusy={rename.isPending}
      onSave={(name) =>
        rename.mutate(name === '' ? null : name, {
          onSuccess: () => {
            toast.success(strings.rename.done);
            onClose();
          },
        })
      }
    />
  );
}

interface RenameSpeakerProps {
  meetingId: number;
  speaker: { id: number; name: string | null };
  onClose: () => void;
}

export function RenameSpeaker({ meetingId, speaker, onClose }: RenameSpeakerProps) {
  const words = panels.people.rename;
  const rename = useRenameSpeaker(meetingId);
  const people = usePeople(meetingId, false);
  const person = people.data?.participants.find(({ id }) => id === speaker.id);
  const change = (name: string | null): void =>
    rename.mutate(
      { participantId: speaker.id, name },
      {
        onSuccess: () => {
          toast.success(words.done);
          onClose();
        },
      },
    );
  const platformName = person?.isNameGiven === true ? person.platformName : null;
  return (
    <NameDialog
      isOpen
      onOpenChange={onClose}
      title={words.title}
      description={words.text}
      label={words.label}
      {...(platformName === null ? {} : { hint: words.platform(platformName) })}
      first={speaker.name ?? ''}
      maxLength={200}
      error={explain(rename.error, 'name')}
      isBusy={rename.isPending}
      onSave={(name) => (name === '' ? onClose() : change(name))}
      extra={
        person?.isNameGiven === true && <Button onClick={() => change(null)}>{words.reset}</Button>
      }
    />
  );
}
