import { randomUUID } from 'node:crypto';
import { Context, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Database } from '../infra/database/client';
import {
  listCarriedSchedules,
  listSchedulesToLookAt,
  lockSchedule,
  type ScheduleRow,
} from '../infra/database/schedules';
import type { Doorbell } from '../infra/doorbell';
import type { MeetingClient } from '../infra/meeting-client';
import type { Carriers } from '../infra/schedules/carriers';
import { planOccurrences, type ReplannedMeeting } from '../infra/schedules/plan-occurrences';
import { mendPlanningSchedule } from '../infra/upkeep-schedules';
import { withHeartbeats } from './heartbeats';

export interface ScheduleDeps {
  db: Database;
  client: Client;
  doorbell: Pick<Doorbell, 'ring'>;
  meetingClient: Pick<MeetingClient, 'startWaiting'>;
  carriers: Carriers;
}

export type ScheduleActivities = ReturnType<typeof createScheduleActivities>;

/** Schedules one look plans for; the next one comes a minute later. */
const PER_LOOK = 500;
/** Whoever changed a schedule tells Temporal of it right after. */
const CHANGED_JUST_NOW_MS = 10_000;

/** What schedules have done, on the queue `meetings`. Each may run at any time, twice. */
export function createScheduleActivities(deps: ScheduleDeps) {
  const { db, client, carriers } = deps;
  return {
    /** Idempotent by schedule and occurrence; returns the meetings that were made. */
    async planNextOccurrences({ scheduleId }: { scheduleId: number }): Promise<number[]> {
      const planned = await planFor(deps, scheduleId);
      return planned.map(({ meetingId }) => meetingId);
    },

    /** The same for all schedules that are due and have no Temporal Schedule that rang for them. */
    async planDueOccurrences(): Promise<number> {
      const due = await listSchedulesToLookAt(db, PER_LOOK);
      let planned = 0;
      await withHeartbeats(async () => {
        for (const scheduleId of due) {
          if (Context.current().cancellationSignal.aborted) break;
          // one that cannot be planned now does not keep the others waiting
          planned += await planFor(deps, scheduleId).then(
            (meetings) => meetings.length,
            (error: unknown) => {
              log.error('occurrences could not be planned', { scheduleId, error });
              return 0;
            },
          );
        }
      });
      return planned;
    },

    /**
     * Temporal Schedules that differ from the rows: made, changed, paused, resumed or deleted; and
     * the one that plans for all others, where it is not there or paused.
     */
    async mendSchedules(): Promise<number> {
      return withHeartbeats(async () => {
        let mended = (await mendPlanningSchedule(client)) ? 1 : 0;
        const listed = await carriers.list();
        for await (const { ageMs, ...schedule } of listAllCarried(db)) {
          const found = listed.get(schedule.id);
          listed.delete(schedule.id);
          if (ageMs < CHANGED_JUST_NOW_MS || carriers.isAsWished(schedule, found)) continue;
          if (await carriers.follow(schedule)) mended += 1;
        }
        for (const scheduleId of listed.keys()) {
          // the index may still list what is gone
          if (await carriers.remove(scheduleId)) mended += 1;
        }
        return mended;
      });
    },
  };
}

async function planFor(
  { db, doorbell, meetingClient, carriers }: ScheduleDeps,
  scheduleId: number,
): Promise<ReplannedMeeting[]> {
  const result = await db.transaction(async (tx) => {
    const schedule = await lockSchedule(tx, scheduleId);
    return schedule && { schedule, planned: await planOccurrences(tx, schedule, new Date()) };
  });
  if (!result) return [];
  for (const meeting of result.planned) {
    doorbell.ring('meeting', meeting.meetingId);
    // what cannot be started now, reconciliation starts
    await meetingClient
      .startWaiting({ ...meeting, intentId: randomUUID() })
      .catch((error: unknown) =>
        log.warn('planned meeting does not wait yet', { meetingId: meeting.meetingId, error }),
      );
  }
  return result.planned;
}

async function* listAllCarried(db: Database): AsyncGenerator<ScheduleRow & { ageMs: number }> {
  let afterId = 0;
  for (;;) {
    const page = await listCarriedSchedules(db, { afterId, limit: PER_LOOK });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PER_LOOK) return;
    afterId = last.id;
  }
}
