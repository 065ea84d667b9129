/** The usual settings. */
export const PLANNING = { leadMs: 60_000, lateLimitMs: 1_800_000 };
/** How long each bot of the limited cluster stays until the next one may come. */
export const STAYS_MS = 10_000;

/** How much is measured. */
export interface HourSize {
  meetings: number;
  users: number;
  /** One of the users may have so many bots at the same time: two of five that are planned. */
  limitedTo: number;
  /** `BOT_SLOTS` of a cluster that has room for a fifth of the bots. */
  slots: number;
}

/** Of so many meetings, fifty or a multiple of it. */
export function makeHourSize(meetings: number): HourSize {
  if (!Number.isInteger(meetings / 50) || meetings <= 0) {
    throw new Error(`Expected a multiple of 50 meetings, got ${meetings}`);
  }
  return { meetings, users: 10, limitedTo: meetings / 25, slots: meetings / 5 };
}
