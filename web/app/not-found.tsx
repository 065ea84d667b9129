import { MapPinOff } from 'lucide-react';
import { Link } from '@/ui/link';
import { frame } from '@/strings/frame';
import { Button } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';

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
            <Link href="/meetings">{frame.notFound.back}</Link>
          </Button>
        }
      />
    </main>
  );
}
