'use client';

import { ChevronRight, Plus, Webhook } from 'lucide-react';
import dynamic from 'next/dynamic';
import { Link } from '@/ui/link';
import { useState } from 'react';
import { webhooks } from '@/strings/webhooks';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { PagedList } from '@/ui/paged-list';
import { judge, useEndpoints, type Endpoint } from './endpoints';

const EndpointDialog = dynamic(() => import('./endpoint-dialog').then((it) => it.EndpointDialog));

export function EndpointsPage() {
  const [isMaking, setIsMaking] = useState(false);
  const create = (
    <Button look="primary" onClick={() => setIsMaking(true)}>
      <Plus aria-hidden />
      {webhooks.create}
    </Button>
  );
  return (
    <Card title={webhooks.title} text={webhooks.text} actions={create} className="p-0">
      <EndpointList />
      {isMaking && <EndpointDialog onClose={() => setIsMaking(false)} />}
    </Card>
  );
}

function EndpointList() {
  return (
    <PagedList
      list={useEndpoints()}
      items={(page) => page.endpoints}
      loading={webhooks.loading}
      rows={3}
      isPadded={false}
      empty={<EmptyState icon={Webhook} title={webhooks.emptyTitle} text={webhooks.emptyText} />}
    >
      {(endpoints) => (
        <ul aria-label={webhooks.label} className="divide-y">
          {endpoints.map((endpoint) => (
            <EndpointRow key={endpoint.id} endpoint={endpoint} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}

function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const { id, url, description, eventTypes, meetingId } = endpoint;
  const { text, tone } = judge(endpoint);
  return (
    <li>
      <Link
        href={`/settings/webhooks/${id}`}
        className="flex items-center gap-3 px-5 py-3.5 hover:bg-hover"
      >
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{url}</span>
          <span className="block truncate text-[13px] text-soft">
            {[
              description,
              eventTypes ? webhooks.events(eventTypes.length) : webhooks.allEvents,
              meetingId === null ? null : webhooks.ofMeeting(meetingId),
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
        <Badge tone={tone}>{text}</Badge>
        <ChevronRight aria-hidden className="size-4 shrink-0 text-soft" />
      </Link>
    </li>
  );
}
