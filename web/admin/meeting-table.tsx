'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import type { Schemas } from 'meetings-client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { take, useApi } from '@/api/client';
import { summariseProblem } from '@/api/problems';
import { StateBadge } from '@/meetings/state-badge';
import { admin } from '@/strings/admin';
import { meetings as words } from '@/strings/meetings';
import { Moment } from '@/time/moment';
import { Button } from '@/ui/button';
import { Cell, HeadCell, Table } from '@/ui/table';
import { toast } from '@/ui/toast';
import { UserLink } from './user-link';

const ConfirmDialog = dynamic(() => import('@/ui/confirm-dialog').then((it) => it.ConfirmDialog));

type Meeting = Schemas['AdminMeeting'];

const strings = admin.meetings;
const HEAD = strings.head;
const STOPPABLE: readonly Meeting['botStatus'][] = [
  'launching',
  'joining',
  'waiting_room',
  'in_meeting',
];

export function MeetingTable({ meetings }: { meetings: readonly Meeting[] }) {
  const [asked, setAsked] = useState<number>();
  return (
    <>
      <Table aria-label={strings.label}>
        <thead>
          <tr>
            {Object.values(HEAD).map((name) => (
              <HeadCell key={name}>{name}</HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {meetings.map((each) => (
            <MeetingRow key={each.id} meeting={each} onStop={() => setAsked(each.id)} />
          ))}
        </tbody>
      </Table>
      {asked !== undefined && <StopDialog id={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function MeetingRow({ meeting, onStop }: { meeting: Meeting; onStop: () => void }) {
  const { id, userId, user, platform, status, botStatus, source, createdAt, workflowUrl } = meeting;
  return (
    <tr>
      <Cell name={HEAD.meeting} className="tabular-nums">
        {id}
      </Cell>
      <Cell name={HEAD.user}>
        <UserLink id={userId} user={user} />
      </Cell>
      <Cell name={HEAD.platform} className="whitespace-nowrap">
        {words.platform[platform]}
      </Cell>
      <Cell name={HEAD.state}>
        <span>
          <StateBadge status={status} source={source} />
          <span className="mt-1 block text-[13px] text-soft">
            {source === 'bot' ? words.botStatus[botStatus] : strings.source[source]}
          </span>
        </span>
      </Cell>
      <Cell name={HEAD.since} className="text-[13px] whitespace-nowrap">
        <Moment at={createdAt} isDistance />
      </Cell>
      <Cell name={HEAD.actions}>
        <span className="flex gap-2">
          <Button asChild size="small">
            <a
              href={workflowUrl}
              target="_blank"
              rel="noreferrer"
              aria-label={strings.temporalOf(id)}
            >
              <ExternalLink aria-hidden />
              {strings.temporal}
            </a>
          </Button>
          {STOPPABLE.includes(botStatus) && (
            <Button size="small" aria-label={strings.stopOf(id)} onClick={onStop}>
              {strings.stop}
            </Button>
          )}
        </span>
      </Cell>
    </tr>
  );
}

function StopDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const stop = useMutation({
    mutationFn: async () => {
      const params = { path: { id } };
      return take(await client.POST('/api/admin/meetings/{id}/stop-bot', { params }));
    },
    onSuccess: () => toast.success(strings.stopped),
    onError: (error) => toast.error(summariseProblem(error)),
    onSettled: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: ['admin', 'meetings'] });
    },
  });
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={onClose}
      title={strings.stopTitle(id)}
      description={strings.stopText}
      action={strings.stop}
      isBusy={stop.isPending}
      onConfirm={() => stop.mutate()}
    />
  );
}
