'use client';

import { useForm } from 'react-hook-form';
import { showProblems } from '@/api/form-problems';
import { webhooks } from '@/strings/webhooks';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { FormActions } from '@/ui/form-actions';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { useReplay, type Endpoint } from './endpoints';

const strings = webhooks.replay;
const FIELDS = ['meetingId', 'fromSeq', 'toSeq'] as const;

interface ReplayDialogProps {
  endpoint: Endpoint;
  onClose: () => void;
}

/** Has a stretch of a meeting sent once more. */
export function ReplayDialog({ endpoint, onClose }: ReplayDialogProps) {
  const replay = useReplay(endpoint.id);
  const { register, handleSubmit, setError, formState } = useForm({
    defaultValues: {
      meetingId: String(endpoint.meetingId ?? ''),
      fromSeq: '1',
      toSeq: '1000000',
    },
  });
  const save = handleSubmit((values) => {
    const { meetingId, fromSeq, toSeq } = values;
    const body = {
      meetingId: Number(meetingId),
      fromSeq: Number(fromSeq),
      toSeq: Number(toSeq),
    };
    replay.mutate(body, {
      onSuccess: onClose,
      onError: (error) => showProblems({ error, setError, fields: FIELDS }),
    });
  });
  return (
    <Dialog isOpen onOpenChange={onClose} title={strings.title} description={strings.text}>
      <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        {FIELDS.map((name) => (
          <Field
            key={name}
            label={strings[name]}
            hint={name === 'toSeq' ? strings.toHint : undefined}
            error={formState.errors[name]?.message}
          >
            {(control) => (
              <Input
                {...control}
                {...register(name, {
                  validate: (text) => /^[1-9]\d{0,8}$/.test(text.trim()) || strings.notANumber,
                })}
                inputMode="numeric"
                autoComplete="off"
              />
            )}
          </Field>
        ))}
        <FormProblem message={formState.errors.root?.message} />
        <FormActions action={strings.submit} isBusy={replay.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
