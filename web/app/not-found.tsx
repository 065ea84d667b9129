import { frame } from '@/strings/frame';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';

/** Every page carries this one: it is without scripts of its own. */
export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <h1 className="sr-only">{frame.product}</h1>
      <EmptyState
        icon={MapPinOff}
        title={frame.notFound.title}
        text={frame.notFound.text}
        action={
          <Button asChild look="primary">
            <a href="/meetings">{frame.notFound.back}</a>
          </Button>
        }
      />
    </main>
  );
}

/** Lucide's `map-pin-off`. */
function MapPinOff({ className }: { className: string }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 24 24"
      className={className}
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M12.75 7.09a3 3 0 0 1 2.16 2.16" />
      <path d="M17.072 17.072c-1.634 2.17-3.527 3.912-4.471 4.727a1 1 0 0 1-1.202 0C9.539 20.193 4 14.993 4 10a8 8 0 0 1 1.432-4.568" />
      <path d="m2 2 20 20" />
      <path d="M8.475 2.818A8 8 0 0 1 20 10c0 1.183-.31 2.377-.81 3.533" />
      <path d="M9.13 9.13a3 3 0 0 0 3.74 3.74" />
    </svg>
  );
}
