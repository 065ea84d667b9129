'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { take, useApi } from '@/api/client';
import { connection } from '@/api/connection';
import { ApiProblem } from '@/api/problems';
import { panels } from '@/strings/meeting-panels';
import { Field } from '@/ui/field';
import { TextArea } from '@/ui/input';
import { Problem } from '@/ui/problem';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { meetingKeys } from '../keys';

const words = panels.notes;

/** After the last key. */
const SAVE_AFTER_MS = 700;
/** After a refusal, and at once when the API is back. */
const RETRY_MS = 10_000;

interface Notes {
  text: string;
  version: number;
}

/** Notes of one's own; saved while one writes. */
export function NotesPanel({ meetingId }: { meetingId: number }) {
  const { client } = useApi();
  const query = useQuery({
    queryKey: meetingKeys.notes(meetingId),
    queryFn: async ({ signal }) =>
      take(
        await client.GET('/api/meetings/{id}/notes', {
          params: { path: { id: meetingId } },
          signal,
        }),
      ),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (query.isPending) return <Skeleton className="h-40 w-full" />;
  if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  return <Editor meetingId={meetingId} first={query.data} />;
}

type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed';

function Editor({ meetingId, first }: { meetingId: number; first: Notes }) {
  const { client } = useApi();
  const [text, setText] = useState(first.text);
  const [state, setState] = useState<SaveState>('saved');
  const kept = useRef<Notes>(first);
  const wanted = useRef(first.text);
  const isSaving = useRef(false);

  const save = useCallback(async (): Promise<void> => {
    if (isSaving.current) return;
    isSaving.current = true;
    try {
      while (wanted.current !== kept.current.text) {
        setState('saving');
        const body = { text: wanted.current, version: kept.current.version };
        const params = { path: { id: meetingId } };
        try {
          kept.current = take(await client.PUT('/api/meetings/{id}/notes', { params, body }));
        } catch (error) {
          const theirs = readConflict(error);
          if (!theirs) throw error;
          kept.current = theirs;
          wanted.current = [wanted.current, theirs.text].filter((each) => each !== '').join('\n\n');
          setText(wanted.current);
          toast.warning(words.conflict);
        }
      }
      setState('saved');
    } catch {
      setState('failed');
    } finally {
      isSaving.current = false;
    }
  }, [client, meetingId]);

  useEffect(() => {
    if (state !== 'unsaved') return;
    const timer = setTimeout(() => void save(), SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [state, text, save]);
  useEffect(() => {
    if (state !== 'failed') return;
    const timer = setInterval(() => void save(), RETRY_MS);
    const stop = connection.onHealed(() => void save());
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [state, save]);
  useEffect(() => {
    if (state === 'saved') return;
    const saveHidden = (): void => {
      if (document.visibilityState === 'hidden') void save();
    };
    const ask = (event: BeforeUnloadEvent): void => {
      // it is sent while the browser asks whether to leave
      void save();
      event.preventDefault();
    };
    document.addEventListener('visibilitychange', saveHidden);
    window.addEventListener('beforeunload', ask);
    return () => {
      document.removeEventListener('visibilitychange', saveHidden);
      window.removeEventListener('beforeunload', ask);
    };
  }, [state, save]);
  // Whoever goes to another panel in the middle of a word loses nothing.
  useEffect(() => () => void save(), [save]);

  const hints: Record<SaveState, string> = {
    saved: words.saved,
    unsaved: words.unsaved,
    saving: words.saving,
    failed: words.failed,
  };
  return (
    <Field
      label={words.label}
      isLabelHidden
      hint={<span aria-live="polite">{text === '' && state === 'saved' ? '' : hints[state]}</span>}
    >
      {(control) => (
        <TextArea
          {...control}
          className="min-h-72 resize-y leading-relaxed"
          placeholder={words.placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            wanted.current = event.target.value;
            setState('unsaved');
          }}
        />
      )}
    </Field>
  );
}

/** The notes that somebody else wrote meanwhile. */
function readConflict(error: unknown): Notes | null {
  if (!(error instanceof ApiProblem) || error.code !== 'notes_conflict') return null;
  const { text, version } = (error.details ?? {}) as Partial<Notes>;
  return typeof text === 'string' && typeof version === 'number' ? { text, version } : null;
}
