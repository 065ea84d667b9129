'use client';

import type { ReactNode } from 'react';
import { webhooks } from '@/strings/webhooks';
import { Moment } from '@/time/moment';
import { Badge } from '@/ui/badge';
import { BackLink } from '@/ui/back-link';
import { Card } from '@/ui/card';
import { Fact } from '@/ui/fact';
import { Problem } from '@/ui/problem';
import { SkeletonList } from '@/ui/skeleton';
import { DeliveryLog } from './delivery-log';
import { EndpointActions } from './endpoint-actions';
import { judge, useEndpoint, type Endpoint } from './endpoints';

const strings = webhooks.detail;

export function EndpointPage({ id }: { id: number }) {
  const endpoint = useEndpoint(id);
  return (
    <>
      <BackLink href="/settings/webhooks" className="-mb-2" label={strings.back} />
      {endpoint.isPending && <SkeletonList label={strings.loading} rows={3} />}
      {endpoint.isError && (
        <Problem error={endpoint.error} onRetry={() => void endpoint.refetch()} />
      )}
      {endpoint.data && (
        <>
          <EndpointCard endpoint={endpoint.data} />
          <DeliveryLog endpoint={endpoint.data} />
        </>
      )}
    </>
  );
}

function EndpointCard({ endpoint }: { endpoint: Endpoint }) {
  const { text, tone } = judge(endpoint);
  const { facts } = strings;
  const moment = (at: string | null): ReactNode =>
    at === null ? facts.never : <Moment at={at} isDistance />;
  return (
    <Card
      title={endpoint.url}
      text={endpoint.description}
      actions={<EndpointActions endpoint={endpoint} />}
    >
      <dl className="grid grid-cols-2 gap-x-4 gap-y-4 text-[13px] sm:grid-cols-4">
        <Fact name={facts.state}>
          <Badge tone={tone}>{text}</Badge>
        </Fact>
        <Fact name={facts.events}>
          {endpoint.eventTypes ? endpoint.eventTypes.join(', ') : webhooks.allEvents}
        </Fact>
        <Fact name={facts.meeting}>
          {endpoint.meetingId === null ? facts.all : webhooks.ofMeeting(endpoint.meetingId)}
        </Fact>
        <Fact name={facts.lastSuccess}>{moment(endpoint.lastSuccessAt)}</Fact>
        {endpoint.failingSince && (
          <Fact name={facts.failingSince}>{moment(endpoint.failingSince)}</Fact>
        )}
        {endpoint.pausedUntil && (
          <Fact name={facts.pausedUntil}>
            <Moment at={endpoint.pausedUntil} />
          </Fact>
        )}
        {endpoint.oldSecretUntil && (
          <Fact name={facts.oldSecret}>
            <Moment at={endpoint.oldSecretUntil} />
          </Fact>
        )}
      </dl>
      {endpoint.disabledReason && (
        <p role="status" className="mt-4 text-[13px] text-warn">
          {webhooks.disabledReasons[endpoint.disabledReason]}
        </p>
      )}
    </Card>
  );
}
