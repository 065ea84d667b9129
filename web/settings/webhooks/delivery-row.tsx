'use client';

import { ChevronDown, RotateCw } from 'lucide-react';
import { useId, useState } from 'react';
import { webhooks } from '@/strings/webhooks';
import { Moment } from '@/time/moment';
import { Badge, type BadgeTone } from '@/ui/badge';
import { Button } from '@/ui/button';
import { classes } from '@/ui/classes';
import { useResend, type Delivery, type Endpoint } from './endpoints';

const strings = webhooks.log;

const TONES: Record<Delivery['outcome'], BadgeTone> = {
  delivered: 'good',
  failed: 'warn',
  dead_lettered: 'bad',
};

interface DeliveryRowProps {
  endpoint: Endpoint;
  delivery: Delivery;
}

/** One attempt; opened, what was sent and what came back. */
export function DeliveryRow({ endpoint, delivery }: DeliveryRowProps) {
  const [isOpen, setIsOpen] = useState(false);
  const detailsId = useId();
  const { type, outcome, attempt, status, error, latencyMs, createdAt } = delivery;
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={detailsId}
        onClick={() => setIsOpen(!isOpen)}
        className="flex w-full items-center gap-3 px-5 py-3 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1">
          <Badge tone={TONES[outcome]}>{strings.outcomes[outcome]}</Badge>
          <code className="min-w-0 flex-1 basis-36 truncate text-[13px]">{type}</code>
          <span className="text-[13px] text-soft tabular-nums">
            {[status ?? error ?? strings.noAnswer, strings.latency(latencyMs)].join(' · ')}
            {attempt > 1 && ` · ${strings.attempt(attempt)}`}
          </span>
        </span>
        <Moment
          at={createdAt}
          className="shrink-0 self-start text-right text-[13px] leading-5.5 text-soft sm:w-26"
        />
        <ChevronDown
          aria-hidden
          className={classes(
            'mt-0.75 size-4 shrink-0 self-start text-soft transition-transform',
            isOpen && 'rotate-180',
          )}
        />
      </button>
      <div id={detailsId} hidden={!isOpen} className="border-t bg-panel px-5 py-4">
        {isOpen && <DeliveryDetails endpoint={endpoint} delivery={delivery} />}
      </div>
    </li>
  );
}

function DeliveryDetails({ endpoint, delivery }: DeliveryRowProps) {
  const resend = useResend(endpoint.id);
  const { messageId, meetingId, fromSeq, throughSeq, requestHead, error } = delivery;
  const answer = [delivery.status, error, delivery.responseHead].filter((each) => each !== null);
  const head = Object.entries(requestHead)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
  return (
    <div className="flex flex-col gap-4">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-2 text-[13px]">
        <span className="text-soft">{strings.message}</span>
        <code className="break-all">{messageId}</code>
        {fromSeq !== null && throughSeq !== null && (
          <span className="text-soft">{strings.stretch(fromSeq, throughSeq)}</span>
        )}
        {meetingId !== null && endpoint.enabled && (
          <Button
            size="small"
            className="ml-auto"
            isBusy={resend.isPending}
            onClick={() => resend.mutate(delivery.id)}
          >
            {!resend.isPending && <RotateCw aria-hidden />}
            {strings.resend}
          </Button>
        )}
      </p>
      <div className="grid gap-4 lg:grid-cols-2">
        <Block name={strings.request} text={`POST ${delivery.url ?? endpoint.url}\n${head}`} />
        <Block name={strings.response} text={answer.join('\n') || strings.noAnswer} />
      </div>
    </div>
  );
}

function Block({ name, text }: { name: string; text: string }) {
  const id = useId();
  return (
    <div className="min-w-0">
      <p id={id} className="mb-1 text-[13px] font-medium">
        {name}
      </p>
      <pre
        tabIndex={0}
        role="region"
        aria-labelledby={id}
        className="max-h-64 overflow-auto rounded-md border bg-raised p-3 font-mono text-xs whitespace-pre-wrap"
      >
        {text}
      </pre>
    </div>
  );
}
