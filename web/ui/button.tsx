import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { classes } from './classes';

const button = cva(
  'button inline-flex shrink-0 items-center justify-center gap-2 font-medium whitespace-nowrap transition-colors select-none disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-accent text-on-accent hover:bg-accent-hover',
        plain: 'border border-line-strong bg-raised hover:bg-hover',
        quiet: 'text-soft hover:bg-hover hover:text-ink',
        danger: 'bg-bad text-page hover:opacity-90',
      },
      size: {
        small: 'h-8 px-2.5 text-[13px] [&_svg]:size-3.5',
        usual: 'h-9 px-3.5 [&_svg]:size-4',
        large: 'h-11 px-5 text-[15px] [&_svg]:size-4.5',
        icon: 'size-9 [&_svg]:size-4',
        'small-icon': 'size-7 [&_svg]:size-3.5',
      },
    },
    defaultVariants: { look: 'plain', size: 'usual' },
  },
);

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof button> {
  /** Gives its looks to its only child, for links. */
  asChild?: boolean;
  /** Shows that something is under way, and takes no click meanwhile. */
  isBusy?: boolean;
}

export function Button({
  className,
  look,
  size,
  asChild = false,
  isBusy = false,
  children,
  disabled,
  ...props
}: ButtonProps) {
  const look_ = classes(button({ look, size }), className);
  if (asChild) {
    return (
      <Slot.Root className={look_} {...props}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      className={look_}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      {...props}
    >
      {isBusy && <LoaderCircle aria-hidden className="animate-spin" />}
      {children}
    </button>
  );
}
