'use client';

import { Inbox, SearchX } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { webhooks } from '@/strings/webhooks';
import { Card } from '@/ui/card';
import { EmptyState } from '@/ui/empty-state';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { NativeSelect } from '@/ui/native-select';
import { PagedList } from '@/ui/paged-list';
import { DeliveryRow } from './delivery-row';
import { useDeliveries, type Delivery, type Endpoint, type LogFilter } from './endpoints';

const strings = webhooks.log;
const OUTCOMES = [
  { value: 'all', label: strings.allOutcomes },
  ...(['delivered', 'failed', 'dead_lettered'] as const).map((value: Delivery['outcome']) => ({
    value,
    label: strings.outcomes[value],
  })),
] as const;

/** Every attempt at an endpoint, with what was asked and answered. */
export function DeliveryLog({ endpoint }: { endpoint: Endpoint }) {
  const [filter, setFilter] = useState<LogFilter>({ outcome: 'all', meetingId: '' });
  return (
    <Card title={strings.title} text={strings.text} className="p-0">
      <div className="border-b px-5 py-4">
        <div className="grid grid-cols-2 gap-3 sm:max-w-md">
          <Field label={strings.outcome}>
            {(control) => (
              <NativeSelect
                {...control}
                value={filter.outcome}
                options={OUTCOMES}
                onChange={(outcome) => setFilter({ ...filter, outcome })}
              />
            )}
          </Field>
          <Field
            label={strings.meeting}
            error={
              /^\s*([1-9]\d{0,8})?\s*$/.test(filter.meetingId) ? undefined : strings.notANumber
            }
          >
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                autoComplete="off"
                value={filter.meetingId}
                onChange={({ target }) => setFilter({ ...filter, meetingId: target.value })}
              />
            )}
          </Field>
        </div>
      </div>
      <Deliveries endpoint={endpoint} filter={useDeferredValue(filter)} />
    </Card>
  );
}

function Deliveries({ endpoint, filter }: { endpoint: Endpoint; filter: LogFilter }) {
  const isFiltered = filter.outcome !== 'all' || filter.meetingId.trim() !== '';
  return (
    <PagedList
      list={useDeliveries(endpoint.id, filter)}
      items={(page) => page.deliveries}
      loading={strings.loading}
      rows={4}
      isPadded={false}
      empty={
        isFiltered ? (
          <EmptyState icon={SearchX} title={strings.noneTitle} text={strings.noneText} />
        ) : (
          <EmptyState icon={Inbox} title={strings.emptyTitle} text={strings.emptyText} />
        )
      }
    >
      {(deliveries) => (
        <ul aria-label={strings.label} className="divide-y">
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} endpoint={endpoint} delivery={delivery} />
          ))}
        </ul>
      )}
    </PagedList>
  );
}
