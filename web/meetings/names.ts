import type { Schemas } from 'meetings-client';
import { meetings } from '@/strings/meetings';

/** What a meeting is called where it has no title. */
export function nameMeeting({ id, title }: Pick<Schemas['Meeting'], 'id' | 'title'>): string {
  return title ?? meetings.untitled(id);
}
