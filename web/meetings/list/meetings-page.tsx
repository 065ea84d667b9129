import { Plus } from 'lucide-react';
import { Link } from '@/ui/link';
import { meetings } from '@/strings/meetings';
import { Button } from '@/ui/button';
import { PageBody, PageHeader } from '@/ui/page-header';
import { MeetingSections } from './meeting-sections';
import { StartBox } from './start-box';

export function MeetingsPage() {
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
      <MeetingSections />
    </PageBody>
  );
}
