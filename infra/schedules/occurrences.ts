import { toWallDate } from '../../domain/recurrence';
import type { Recurrence } from '../recurrence/rule';

/** One time that a schedule's rule names, and what becomes of it. */
export interface Occurrence {
  /** What the rule says: its name within the schedule. */
  occurrenceStart: Date;
  /** When the bot is to be there: another time for one that was moved. */
  scheduledStart: Date;
  isSkipped: boolean;
}

export interface Exception {
  occurrenceStart: Date;
  /** Null for one that is skipped. */
  movedTo: Date | null;
}

export interface Exceptions {
  timeZone: string;
  skipDates: readonly string[];
  exceptions: readonly Exception[];
}

/** Occurrences that are looked through at the most; a rule has at least minutes between two. */
const LONGEST_LIST = 1_000;

/**
 * What occurs after a moment, in order: at least `atLeast` that are not skipped, and all up to
 * `until`. Moved ones count by where they were moved to.
 */
export function listOccurrences(
  recurrence: Recurrence,
  how: Exceptions,
  { after, until, atLeast }: { after: Date; until: Date; atLeast: number },
): Occurrence[] {
  const found = new Map<number, Occurrence>();
  for (const { occurrenceStart, movedTo } of how.exceptions) {
    if (movedTo === null || movedTo <= after) continue;
    const moved = { occurrenceStart, scheduledStart: movedTo, isSkipped: false };
    found.set(occurrenceStart.getTime(), moved);
  }
  const excepted = new Map(
    how.exceptions.map(({ occurrenceStart, movedTo }) => [occurrenceStart.getTime(), movedTo]),
  );
  const skipDates = new Set(how.skipDates);
  let count = 0;
  let next = recurrence.next(after);
  for (let looked = 0; next !== null && looked < LONGEST_LIST; looked += 1) {
    if (next > until && count >= atLeast) break;
    // null: skipped; a time: moved, and either found above or moved to a time that has passed
    const movedTo = excepted.get(next.getTime());
    const isSkipped = movedTo === null || skipDates.has(toWallDate(next, how.timeZone));
    if (movedTo === undefined && !isSkipped) count += 1;
    if (movedTo == null) {
      found.set(next.getTime(), { occurrenceStart: next, scheduledStart: next, isSkipped });
    }
    next = recurrence.next(next);
  }
  return [...found.values()].sort(
    (a, b) => a.scheduledStart.getTime() - b.scheduledStart.getTime(),
  );
}

/** How far ahead meetings are planned. */
const AHEAD_MS = 24 * 3_600_000;
/** Of starts that passed while nobody looked, so many are told of. */
const MOST_MISSED = 10;

export interface Due {
  /** What has to have its meeting now. */
  due: Occurrence[];
  /** When to look again; null when nothing is left to be planned. */
  lookAgainAt: Date | null;
}

/**
 * What is to be planned now: the next occurrence and all of the next 24 hours, and those that
 * passed since `lookedAt` without having been planned. With a calendar of its own a schedule is
 * looked at when its last planned occurrence comes, otherwise also when another one is a day away.
 */
export function findDue(
  recurrence: Recurrence,
  how: Exceptions & { lookedAt: Date; isCalendar: boolean },
  now: Date,
): Due {
  const until = new Date(now.getTime() + AHEAD_MS);
  const past = listOccurrences(recurrence, how, { after: how.lookedAt, until: now, atLeast: 0 });
  const passed = past.filter((each) => !each.isSkipped && each.scheduledStart <= now);
  const ahead = listOccurrences(recurrence, how, { after: now, until, atLeast: 1 });
  const coming = ahead.filter((each) => !each.isSkipped && each.scheduledStart > now);
  const due = coming.filter((each, index) => index === 0 || each.scheduledStart <= until);
  const last = due.at(-1);
  const later = last && findNext(recurrence, how, last.scheduledStart);
  return {
    due: [...passed.slice(-MOST_MISSED), ...due],
    lookAgainAt: last && later ? decideNextLook(last, later, how.isCalendar) : null,
  };
}

/** The first one after that moment that is not skipped. */
function findNext(recurrence: Recurrence, how: Exceptions, after: Date): Occurrence | undefined {
  return listOccurrences(recurrence, how, { after, until: after, atLeast: 1 }).find(
    (each) => !each.isSkipped && each.scheduledStart > after,
  );
}

function decideNextLook(last: Occurrence, later: Occurrence, isCalendar: boolean): Date {
  const dayBefore = new Date(later.scheduledStart.getTime() - AHEAD_MS);
  return isCalendar || dayBefore > last.scheduledStart ? last.scheduledStart : dayBefore;
}
