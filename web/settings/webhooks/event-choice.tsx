'use client';

import type { WebhookType } from '../../../domain/webhooks';
import { webhooks } from '@/strings/webhooks';
import { Checkbox } from '@/ui/checkbox';
import type { EventFilter } from './endpoints';

type Family = keyof typeof webhooks.family;

const FAMILIES = Object.keys(webhooks.family) as Family[];
const TYPES = Object.keys(webhooks.types) as WebhookType[];

function typesOf(family: Family): WebhookType[] {
  return TYPES.filter((type) => type.startsWith(`${family}.`));
}

interface EventChoiceProps {
  /** Types, or whole families as `transcript.*`. */
  chosen: readonly EventFilter[];
  onChange: (chosen: EventFilter[]) => void;
}

/** Which kinds of events are wanted: whole families, or some of each. */
export function EventChoice({ chosen, onChange }: EventChoiceProps) {
  return (
    <div className="divide-y rounded-lg border">
      {FAMILIES.map((family) => (
        <FamilyChoice key={family} family={family} chosen={chosen} onChange={onChange} />
      ))}
    </div>
  );
}

function FamilyChoice({ family, chosen, onChange }: EventChoiceProps & { family: Family }) {
  const whole = `${family}.*` as const;
  const types = typesOf(family);
  const isWhole = chosen.includes(whole);
  const others = chosen.filter((each) => !each.startsWith(`${family}.`));
  const some = types.filter((type) => chosen.includes(type));
  const toggle = (type: WebhookType, isOn: boolean): void => {
    const kept = isWhole ? types : some;
    const next = isOn ? [...kept, type] : kept.filter((each) => each !== type);
    onChange([...others, ...next]);
  };
  return (
    <details className="group">
      <summary className="flex cursor-pointer items-center gap-3 px-3 py-2.5 text-[13px] select-none hover:bg-hover">
        <span className="flex-1 font-medium">{webhooks.family[family]}</span>
        <span className="text-soft tabular-nums">
          {isWhole ? types.length : some.length} / {types.length}
        </span>
      </summary>
      <div className="flex flex-col gap-2.5 border-t bg-panel px-3 py-3">
        <Checkbox
          label={webhooks.form.wholeFamily(webhooks.family[family].toLowerCase())}
          hint={<code>{whole}</code>}
          checked={isWhole}
          onChange={({ target }) => onChange(target.checked ? [...others, whole] : others)}
        />
        {types.map((type) => (
          <Checkbox
            key={type}
            label={webhooks.types[type]}
            hint={<code>{type}</code>}
            checked={isWhole || some.includes(type)}
            onChange={({ target }) => toggle(type, target.checked)}
          />
        ))}
      </div>
    </details>
  );
}
