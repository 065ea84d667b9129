import {
  clerkUserEventSchema,
  isAboutUser,
  toProfile,
  type ClerkAnswer,
  type ClerkUserEvent,
} from '../domain/profiles';
import type { Queryable } from '../infra/database/client';
import { saveProfile, type ProfileOutcome } from '../infra/database/profiles';
import { markUserDeleted, type UserDeletion } from '../infra/database/user-deletion';
import { refuseInvalid } from './validate';

/** What an event of Clerk changed; `deletion` is to be carried on once it is committed. */
export interface AppliedEvent {
  outcome: ClerkAnswer['outcome'];
  userId: number | null;
  deletion: UserDeletion | null;
}

/** Reads an event about a user; null for one about something else, a 422 for a broken one. */
export function readUserEvent(event: { type: string }): ClerkUserEvent | null {
  if (!isAboutUser(event)) return null;
  const known = clerkUserEventSchema.safeParse(event);
  return known.success ? known.data : refuseInvalid(known.error);
}

/** Applies an event in the caller's transaction. */
export async function applyUserEvent(tx: Queryable, event: ClerkUserEvent): Promise<AppliedEvent> {
  if (event.type === 'user.deleted') {
    const deletion = await markUserDeleted(tx, event.data.id);
    return { outcome: 'deleted', userId: deletion.userId, deletion };
  }
  return toApplied(await saveProfile(tx, toProfile(event.data)));
}

export function toApplied(saved: ProfileOutcome): AppliedEvent {
  const userId = saved.kind === 'deleted' ? null : saved.userId;
  return { outcome: saved.kind, userId, deletion: null };
}
