import { ArrowLeft } from 'lucide-react';
import { Link } from '@/ui/link';
import { classes } from './classes';

interface BackLinkProps {
  href: string;
  label: string;
  className?: string;
}

/** From one thing back to the list of them. */
export function BackLink({ href, label, className }: BackLinkProps) {
  return (
    <Link
      href={href}
      className={classes(
        'inline-flex items-center gap-1.5 self-start rounded text-[13px] text-soft hover:text-ink',
        className,
      )}
    >
      <ArrowLeft aria-hidden className="size-3.5" />
      {label}
    </Link>
  );
}
