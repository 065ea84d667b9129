'use client';

import { useMutation } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import type { MeetingEvent } from '../../../domain/events';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { panels } from '@/strings/meeting-panels';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { toast } from '@/ui/toast';

const words = panels.talk;

export interface TalkPanelProps {
  meetingId: number;
  events: readonly MeetingEvent[];
  /** Whether a bot is in the call, which could write and speak. */
  canTalk: boolean;
}

/** The call's chat, and what the bot can say in it. */
export function TalkPanel({ meetingId, events, canTalk }: TalkPanelProps) {
  const messages = events.flatMap(({ seq, event }) =>
    event.type === 'chat.message' ? [{ seq, ...event }] : [],
  );
  return (
    <div className="flex flex-col gap-5">
      <section aria-label={words.messages}>
        {messages.length === 0 && <p className="text-soft">{words.empty}</p>}
        <ol className="flex flex-col gap-2.5">
          {messages.map(({ seq, from, text }) => (
            <li key={seq} className="wrap-anywhere">
              <p className="text-[13px] font-semibold">{from ?? words.unknown}</p>
              <p className="whitespace-pre-wrap" dir="auto">
                {text}
              </p>
            </li>
          ))}
        </ol>
      </section>
      {canTalk ? (
        <TalkForms meetingId={meetingId} />
      ) : (
        <p className="text-[13px] text-soft">{words.needsBot}</p>
      )}
    </div>
  );
}

function TalkForms({ meetingId }: { meetingId: number }) {
  const { client } = useApi();
  const params = { path: { id: meetingId } };
  const quiet = useMutation({
    mutationFn: async () => take(await client.POST('/api/meetings/{id}/stop-speaking', { params })),
    onError: (error) => toast.error(summariseProblem(error)),
  });
  return (
    <div className="flex flex-col gap-4 border-t pt-4">
      <OneLineForm
        label={words.chat}
        action={words.chatSend}
        done={words.chatSent}
        maxLength={500}
        send={async (text) =>
          take(await client.POST('/api/meetings/{id}/chat', { params, body: { text } }))
        }
      />
      <OneLineForm
        label={words.speak}
        action={words.speakSend}
        done={words.speakSent}
        maxLength={2_000}
        send={async (text) =>
          take(await client.POST('/api/meetings/{id}/speak', { params, body: { text } }))
        }
      />
      <Button
        size="small"
        className="self-start"
        isBusy={quiet.isPending}
        onClick={() => quiet.mutate()}
      >
        {words.quiet}
      </Button>
    </div>
  );
}

interface OneLineFormProps {
  label: string;
  action: string;
  done: string;
  maxLength: number;
  send: (text: string) => Promise<unknown>;
}

function OneLineForm({ label, action, done, maxLength, send }: OneLineFormProps) {
  const [text, setText] = useState('');
  const sending = useMutation({
    mutationFn: send,
    onSuccess: () => {
      setText('');
      toast.success(done);
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (text.trim() !== '') sending.mutate(text.trim());
  };
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <Field
        label={label}
        className="min-w-0 flex-1"
        error={sending.isError ? summariseProblem(sending.error) : undefined}
      >
        {(control) => (
          <Input
            {...control}
            value={text}
            maxLength={maxLength}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" isBusy={sending.isPending} disabled={text.trim() === ''}>
        {action}
      </Button>
    </form>
  );
}
