'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, Link2, Trash2 } from 'lucide-react';
import type { Share } from '../../../domain/sharing';
import { useState, type SyntheticEvent } from 'react';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { panels } from '@/strings/meeting-panels';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { LoadMore } from '@/ui/load-more';
import { Problem } from '@/ui/problem';
import { Select } from '@/ui/select';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { copyText } from '../copy-text';
import { meetingKeys } from '../keys';
import { formatMoment } from '../times';
import type { MeetingDialogProps } from './export-dialog';

const words = panels.share;
const DAY_MS = 24 * 3_600_000;

type Days = keyof typeof words.days;
const DAYS = (Object.keys(words.days) as Days[]).map((value) => ({
  value,
  label: words.days[value],
}));

export function ShareDialog({ meetingId, isOpen, onOpenChange }: MeetingDialogProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={words.title}
      description={words.text}
    >
      <NewLink meetingId={meetingId} />
      <Links meetingId={meetingId} />
    </Dialog>
  );
}

/** The addresses of a text with commas between them, and the first that is none. */
function readEmails(text: string): { emails: string[]; wrong: string | undefined } {
  const emails = text.split(/[\s,;]+/).filter((each) => each !== '');
  return { emails, wrong: emails.find((each) => !/^\S+@\S+\.\S+$/.test(each)) };
}

function NewLink({ meetingId }: { meetingId: number }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const [days, setDays] = useState<Days>('7');
  const [text, setText] = useState('');
  const [error, setError] = useState<string>();
  const make = useMutation({
    mutationFn: async (emails: string[]) =>
      take(
        await client.POST('/api/meetings/{id}/shares', {
          params: { path: { id: meetingId } },
          body: {
            // a minute less, so that a year is within the year that is allowed
            expiresAt: new Date(Date.now() + Number(days) * DAY_MS - 60_000).toISOString(),
            ...(emails.length > 0 ? { emails } : {}),
          },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: meetingKeys.shares(meetingId) }),
    onError: (problem) => setError(summariseProblem(problem)),
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const { emails, wrong } = readEmails(text);
    setError(wrong === undefined ? undefined : words.emailsWrong(wrong));
    if (wrong === undefined) make.mutate(emails);
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4 border-b pb-5">
      <Field label={words.expiry}>
        {(control) => <Select {...control} value={days} onChange={setDays} options={DAYS} />}
      </Field>
      <Field label={words.emails} hint={words.emailsHint} error={error}>
        {(control) => (
          <Input {...control} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <Button type="submit" look="primary" isBusy={make.isPending} className="self-start">
        <Link2 aria-hidden />
        {words.action}
      </Button>
      {make.data && <MadeLink url={make.data.url} />}
    </form>
  );
}

function MadeLink({ url }: { url: string }) {
  return (
    <div role="status" className="rounded-lg bg-good-soft p-3">
      <p className="mb-2 text-[13px] font-medium text-good">{words.made}</p>
      <div className="flex gap-2">
        <Input
          readOnly
          aria-label={words.made}
          value={url}
          onFocus={(event) => event.target.select()}
        />
        <Button onClick={() => void copyText(url)}>
          <Copy aria-hidden />
          {words.copy}
        </Button>
      </div>
    </div>
  );
}

function Links({ meetingId }: { meetingId: number }) {
  const { client } = useApi();
  const query = useInfiniteQuery({
    queryKey: meetingKeys.shares(meetingId),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      take(
        await client.GET('/api/meetings/{id}/shares', {
          params: {
            path: { id: meetingId },
            query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  if (query.isPending) return <Skeleton className="mt-5 h-10 w-full" />;
  if (query.isError) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  const shares = query.data.pages.flatMap((page) => page.shares);
  return (
    <section aria-label={words.list} className="pt-4">
      <h3 className="mb-1 text-[13px] font-semibold text-soft">{words.list}</h3>
      {shares.length === 0 && <p className="text-soft">{words.none}</p>}
      <ul>
        {shares.map((share) => (
          <LinkRow key={share.id} meetingId={meetingId} share={share} />
        ))}
      </ul>
      <LoadMore
        hasMore={query.hasNextPage}
        isBusy={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
      />
    </section>
  );
}

interface LinkRowProps {
  meetingId: number;
  share: Share;
}

function LinkRow({ meetingId, share }: LinkRowProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: async () =>
      take(
        await client.DELETE('/api/meetings/{id}/shares/{shareId}', {
          params: { path: { id: meetingId, shareId: share.id } },
        }),
      ),
    onSuccess: () => {
      toast.success(words.revoked);
      return queries.invalidateQueries({ queryKey: meetingKeys.shares(meetingId) });
    },
    onError: (error) => toast.error(summariseProblem(error)),
  });
  const isOpen = share.revokedAt === null && Date.parse(share.expiresAt) > Date.now();
  const who = share.emails.length === 0 ? words.everybody : share.emails.join(', ');
  const end = isOpen ? words.until(formatMoment(share.expiresAt)) : words.ended;
  return (
    <li className="flex items-center gap-3 border-b py-2.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="truncate">{who}</p>
        <p className="text-[13px] text-soft">
          {end} · {words.views(share.views)}
        </p>
      </div>
      {isOpen && (
        <Button
          look="quiet"
          size="icon"
          aria-label={words.revoke}
          isBusy={revoke.isPending}
          onClick={() => revoke.mutate()}
        >
          <Trash2 aria-hidden />
        </Button>
      )}
    </li>
  );
}
