import type { Database } from '../infra/database/client';
import { deleteUserRow, listMeetingsToDelete } from '../infra/database/user-deletion';
import type { MeetingClient } from '../infra/meeting-client';
import { lookUntil } from './look-until';

export interface UserDeletionDeps {
  db: Database;
  meetingClient: Pick<MeetingClient, 'startDeletion'>;
}

export type UserDeletionActivities = ReturnType<typeof createUserDeletionActivities>;

const LOOK_INTERVAL_MS = 2_000;
/** No bell rings for all meetings of a user. */
const NO_BELL = { listen: () => () => undefined };

/** Steps of a user's deletion, on the queue `meetings`. What is gone already is success. */
export function createUserDeletionActivities({ db, meetingClient }: UserDeletionDeps) {
  return {
    /** Starts the deletion of each meeting, once under its id; returns when all are gone. */
    async awaitMeetingsDeleted({ userId }: { userId: number }): Promise<void> {
      const started = new Set<number>();
      let left = 0;
      const pause = { doorbell: NO_BELL, channel: 'meeting', everyMs: LOOK_INTERVAL_MS } as const;
      await lookUntil({ ...pause, meetingId: 0, details: () => ({ left }) }, async () => {
        const meetingIds = await listMeetingsToDelete(db, userId);
        left = meetingIds.length;
        for (const meetingId of meetingIds) {
          if (started.has(meetingId)) continue;
          await meetingClient.startDeletion(meetingId);
          started.add(meetingId);
        }
        return left === 0 ? true : null;
      });
    },

    /** Deletes the row; false when a meeting was made meanwhile. */
    deleteUser: ({ userId }: { userId: number }): Promise<boolean> => deleteUserRow(db, userId),
  };
}
