import { Plus } from 'lucide-react';
import { Link } from '@/ui/link';
import { meetings } from '@/strings/meetings';
import { Button } from '@/ui/button';
import { PageBody, PageHeader } from '@/ui/page-header';
import { MeetingSections } from './meeting-sections';
import { StartBox } from './start-box';

interface MeetingsPageProps {
  /** Whether the lists are there already, and stand in the document. */
  isThere?: boolean;
}

export function MeetingsPage({ isThere = false }: MeetingsPageProps) {
  return (
    <PageBody>
      <PageHeader
        title={meetings.title}
        actions={
          <Button asChild>
            <Link href="/meetings/new">
              <Plus aria-hidden />
              {meetings.new.title}
            </Link>
          </Button>
        }
      />
      <StartBox />
      <MeetingSections isThere={isThere} />
    </PageBody>
  );
}
