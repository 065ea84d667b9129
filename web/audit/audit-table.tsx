'use client';

import { Link } from '@/ui/link';
import type { ReactNode } from 'react';
import type { AuditEntryView } from '../../domain/admin';
import { audit } from '@/strings/audit';
import { Moment } from '@/time/moment';
import { Badge, type BadgeTone } from '@/ui/badge';
import { Cell, HeadCell, Table } from '@/ui/table';

const HEAD = audit.head;

export interface AuditTableProps {
  entries: readonly AuditEntryView[];
  /** Administrators see whose data it was. */
  showUser?: ((id: number, user: AuditEntryView['user']) => ReactNode) | undefined;
}

export function AuditTable({ entries, showUser }: AuditTableProps) {
  const { at, action, actor, user, meeting, address, answer } = HEAD;
  const heads = [at, action, actor, ...(showUser ? [user] : []), meeting, address, answer];
  return (
    <Table aria-label={audit.label}>
      <thead>
        <tr>
          {heads.map((name) => (
            <HeadCell key={name}>{name}</HeadCell>
          ))}
        </tr>
      </thead>
      <tbody className="text-[13px]">
        {entries.map((entry) => (
          <tr key={entry.id}>
            <Cell name={HEAD.at} className="whitespace-nowrap">
              <Moment at={entry.at} />
            </Cell>
            <Cell name={HEAD.action}>
              <code>{entry.action}</code>
            </Cell>
            <Cell name={HEAD.actor} className="whitespace-nowrap" title={entry.actorId}>
              {audit.actors[entry.actorKind]}
            </Cell>
            {showUser && (
              <Cell name={HEAD.user}>
                {entry.userId === null ? audit.nothing : showUser(entry.userId, entry.user)}
              </Cell>
            )}
            <Cell name={HEAD.meeting}>
              <MeetingCell entry={entry} hasLink={showUser === undefined} />
            </Cell>
            <Cell name={HEAD.address} className="whitespace-nowrap">
              {entry.address ?? audit.nothing}
            </Cell>
            <Cell name={HEAD.answer}>
              <Badge tone={toneOf(entry.status)} className="tabular-nums">
                {entry.status ?? audit.unanswered}
              </Badge>
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function MeetingCell({ entry, hasLink }: { entry: AuditEntryView; hasLink: boolean }) {
  if (entry.meetingId === null) return audit.nothing;
  if (!hasLink) return entry.meetingId;
  return (
    <Link className="text-accent underline" href={`/meetings/${entry.meetingId}`}>
      {entry.meetingId}
    </Link>
  );
}

function toneOf(status: number | null): BadgeTone {
  if (status === null) return 'warn';
  return status < 400 ? 'plain' : 'bad';
}
