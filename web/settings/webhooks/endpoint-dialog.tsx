'use client';

import { useState } from 'react';
import { Controller, useForm, type Control } from 'react-hook-form';
import { showProblems } from '@/api/form-problems';
import { ui } from '@/strings/ui';
import { webhooks } from '@/strings/webhooks';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { FormActions } from '@/ui/form-actions';
import { FormProblem } from '@/ui/form-problem';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { useCreateEndpoint, useUpdateEndpoint } from './endpoints';
import type { Endpoint, EndpointWishes, EventFilter } from './endpoints';
import { EventChoice } from './event-choice';
import { SecretDialog } from './secret-dialog';

const strings = webhooks.form;

interface Values {
  url: string;
  description: string;
  /** Address of a meeting's page, or its number; empty for all meetings. */
  meetingId: string;
  isFiltered: 'all' | 'some';
  eventTypes: EventFilter[];
}

interface EndpointDialogProps {
  /** The one to change; without it a new one is made. */
  endpoint?: Endpoint;
  onClose: () => void;
}

export function EndpointDialog({ endpoint, onClose }: EndpointDialogProps) {
  const [secret, setSecret] = useState<string>();
  if (secret !== undefined) return <SecretDialog secret={secret} onClose={onClose} />;
  return (
    <Dialog
      isOpen
      onOpenChange={onClose}
      title={endpoint ? strings.editTitle : strings.createTitle}
      description={endpoint ? undefined : strings.createText}
    >
      {endpoint ? (
        <EditForm endpoint={endpoint} onClose={onClose} />
      ) : (
        <CreateForm onMade={setSecret} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface CreateFormProps {
  onMade: (secret: string) => void;
  onClose: () => void;
}

function CreateForm({ onMade, onClose }: CreateFormProps) {
  const create = useCreateEndpoint();
  return (
    <EndpointForm
      values={{ url: '', description: '', meetingId: '', isFiltered: 'all', eventTypes: [] }}
      hasMeeting
      action={strings.submit}
      onSubmit={async (wishes) => onMade((await create.mutateAsync(wishes)).secret)}
      onClose={onClose}
    />
  );
}

function EditForm({ endpoint, onClose }: { endpoint: Endpoint; onClose: () => void }) {
  const update = useUpdateEndpoint(endpoint.id);
  return (
    <EndpointForm
      values={{
        url: endpoint.url,
        description: endpoint.description ?? '',
        meetingId: '',
        isFiltered: endpoint.eventTypes ? 'some' : 'all',
        eventTypes: (endpoint.eventTypes ?? []) as EventFilter[],
      }}
      action={ui.save}
      onSubmit={async (wishes) => {
        await update.mutateAsync(wishes);
        onClose();
      }}
      onClose={onClose}
    />
  );
}

interface EndpointFormProps {
  values: Values;
  /** Whether it asks for a meeting, which stays as it was chosen. */
  hasMeeting?: boolean;
  action: string;
  onSubmit: (wishes: EndpointWishes) => Promise<void>;
  onClose: () => void;
}

function EndpointForm({ values, hasMeeting, action, onSubmit, onClose }: EndpointFormProps) {
  const form = useForm<Values>({ defaultValues: values });
  const { register, control, handleSubmit, setError, formState, watch } = form;
  const { errors, isSubmitting } = formState;
  const save = handleSubmit(async ({ url, description, meetingId, isFiltered, eventTypes }) => {
    const wishes = {
      ...(meetingId.trim() ? { meetingId: readMeetingId(meetingId) } : {}),
      url: url.trim(),
      description: description.trim() || null,
      eventTypes: isFiltered === 'all' ? null : eventTypes,
    };
    await onSubmit(wishes).catch((error: unknown) =>
      showProblems({ error, setError, fields: ['url', 'description', 'meetingId', 'eventTypes'] }),
    );
  });
  return (
    <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-5">
      <Field label={strings.url} hint={strings.urlHint} error={errors.url?.message}>
        {(field) => (
          <Input
            {...field}
            {...register('url', {
              validate: (text) => URL.canParse(text.trim()) || strings.urlMissing,
            })}
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder={strings.urlPlaceholder}
          />
        )}
      </Field>
      <Field
        label={strings.description}
        hint={strings.descriptionHint}
        error={errors.description?.message}
      >
        {(field) => (
          <Input {...field} {...register('description')} autoComplete="off" maxLength={500} />
        )}
      </Field>
      {hasMeeting && (
        <Field label={strings.meeting} hint={strings.meetingHint} error={errors.meetingId?.message}>
          {(field) => (
            <Input
              {...field}
              {...register('meetingId', {
                validate: (text) =>
                  text.trim() === '' || readMeetingId(text) > 0 || strings.meetingWrong,
              })}
              autoComplete="off"
            />
          )}
        </Field>
      )}
      <EventsField control={control} isFiltered={watch('isFiltered') === 'some'} />
      <FormProblem message={errors.root?.message} />
      <FormActions action={action} isBusy={isSubmitting} onCancel={onClose} />
    </form>
  );
}

/** NaN for what is neither a number nor the address of a meeting's page. */
function readMeetingId(text: string): number {
  return Number(/^(?:https?:\/\/\S+\/meetings\/)?([1-9]\d{0,8})$/.exec(text.trim())?.[1]);
}

const FILTERED = [
  { value: 'all', label: strings.all },
  { value: 'some', label: strings.some },
] as const;

function EventsField({ control, isFiltered }: { control: Control<Values>; isFiltered: boolean }) {
  return (
    <div className="flex flex-col gap-3">
      <Field label={strings.events}>
        {(field) => (
          <Controller
            control={control}
            name="isFiltered"
            render={({ field: { value, onChange } }) => (
              <Select {...field} value={value} onChange={onChange} options={FILTERED} />
            )}
          />
        )}
      </Field>
      {isFiltered && (
        <Controller
          control={control}
          name="eventTypes"
          rules={{ validate: (types) => types.length > 0 || strings.eventsMissing }}
          render={({ field: { value, onChange }, fieldState }) => (
            <>
              <EventChoice chosen={value} onChange={onChange} />
              <FormProblem message={fieldState.error?.message} />
            </>
          )}
        />
      )}
    </div>
  );
}
