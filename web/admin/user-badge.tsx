import { admin } from '@/strings/admin';
import { Badge, type BadgeTone } from '@/ui/badge';
import { judgeUser, type User, type UserStatus } from './users';

const TONES: Record<UserStatus, BadgeTone> = { active: 'good', disabled: 'warn', deleted: 'bad' };

export function UserBadge({ user }: { user: User }) {
  const status = judgeUser(user);
  return <Badge tone={TONES[status]}>{admin.users.statuses[status]}</Badge>;
}
