import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { classes } from './classes';

const badge = cva(
  'inline-flex h-5.5 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap',
  {
    variants: {
      tone: {
        plain: 'bg-hover text-soft',
        accent: 'bg-accent-soft text-accent',
        good: 'bg-good-soft text-good',
        warn: 'bg-warn-soft text-warn',
        bad: 'bg-bad-soft text-bad',
      },
    },
    defaultVariants: { tone: 'plain' },
  },
);

export type BadgeTone = NonNullable<VariantProps<typeof badge>['tone']>;

export interface BadgeProps extends ComponentProps<'span'>, VariantProps<typeof badge> {
  /** A dot that pulses: something goes on right now. */
  isLive?: boolean;
}

export function Badge({ tone, isLive, className, children, ...props }: BadgeProps) {
  return (
    <span className={classes(badge({ tone }), className)} {...props}>
      {isLive && <span aria-hidden className="pulse-dot size-1.5 rounded-full bg-current" />}
      {children}
    </span>
  );
}
