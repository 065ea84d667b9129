'use client';

import type { LucideIcon } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { record } from '@/strings/record';
import type { CaptureSource } from './capture';

interface Option {
  value: CaptureSource;
  icon: LucideIcon;
  label: string;
  text: string;
}

export interface SourceChoiceProps {
  value: CaptureSource;
  onChange: (value: CaptureSource) => void;
  options: readonly Option[];
}

/** What is to be heard, as cards of which one is chosen. */
export function SourceChoice({ value, onChange, options }: SourceChoiceProps) {
  return (
    <RadioGroup.Root
      aria-label={record.recorder.sourceLabel}
      value={value}
      onValueChange={(next) => onChange(next === 'tab' ? 'tab' : 'microphone')}
      className="grid gap-3 sm:grid-cols-2"
    >
      {options.map(({ value: each, icon: Icon, label, text }) => (
        <RadioGroup.Item
          key={each}
          value={each}
          className="flex items-start gap-3 rounded-lg border border-line-strong bg-raised p-4 text-left transition-colors hover:border-soft data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft"
        >
          <Icon aria-hidden className="mt-0.5 size-4.5 shrink-0 text-accent" />
          <span>
            <span className="block font-medium">{label}</span>
            <span className="block text-[13px] text-soft">{text}</span>
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
