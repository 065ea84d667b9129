import { Link } from '@/ui/link';
import type { Schemas } from 'meetings-client';
import { admin } from '@/strings/admin';

interface UserLinkProps {
  id: number;
  /** Null where the user is gone. */
  user: Schemas['NamedUser'] | null;
}

/** Who it is, and the way to their page. */
export function UserLink({ id, user }: UserLinkProps) {
  if (user === null) return admin.users.unnamed(id);
  const { fullName, email } = user;
  const name = fullName ?? email ?? admin.users.unnamed(id);
  return (
    <Link
      href={`/admin/users/${id}`}
      title={fullName && email ? email : undefined}
      className="block max-w-48 truncate text-accent underline"
    >
      {name}
    </Link>
  );
}
