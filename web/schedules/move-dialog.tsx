'use client';

import { useForm } from 'react-hook-form';
import { showProblems } from '@/api/form-problems';
import { schedules } from '@/strings/schedules';
import { findOwnZone, formatMoment } from '@/time/format';
import { toWallTime } from '@/time/zones';
import { OwnZone } from '@/time/own-zone';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { FormActions } from '@/ui/form-actions';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { useChangeOccurrence, type Occurrence } from './queries';

const strings = schedules.detail.move;

interface MoveDialogProps {
  scheduleId: number;
  occurrence: Occurrence;
  onClose: () => void;
}

/** Another time for one occurrence, by the reader's own clock. */
export function MoveDialog({ scheduleId, occurrence, onClose }: MoveDialogProps) {
  const { occurrenceStart, scheduledStart: planned } = occurrence;
  const change = useChangeOccurrence(scheduleId);
  const { register, handleSubmit, setError, formState } = useForm({
    defaultValues: { scheduledStart: toWallTime(new Date(planned), findOwnZone()) },
  });
  const move = handleSubmit((values) => {
    const scheduledStart = new Date(values.scheduledStart).toISOString();
    change.mutate(
      { change: 'move', occurrenceStart, scheduledStart },
      {
        onSuccess: onClose,
        onError: (error) => showProblems({ error, setError, fields: ['scheduledStart'] }),
      },
    );
  });
  return (
    <Dialog
      isOpen
      onOpenChange={onClose}
      title={strings.title(formatMoment(planned))}
      description={<OwnZone />}
    >
      <form noValidate onSubmit={(event) => void move(event)} className="flex flex-col gap-4">
        <Field label={strings.to} error={formState.errors.scheduledStart?.message}>
          {(control) => (
            <Input
              {...control}
              {...register('scheduledStart', {
                validate: (text) => text !== '' || strings.missing,
              })}
              type="datetime-local"
            />
          )}
        </Field>
        <FormProblem message={formState.errors.root?.message} />
        <FormActions action={strings.submit} isBusy={change.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
