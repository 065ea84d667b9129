/** The usual settings. */
export const PLANNING = { leadMs: 60_000, lateLimitMs: 1_800_000 };
/** `BOT_SLOTS` of a cluster that has room for a fifth of the bots. */
export const CLUSTER_SLOTS = 100;
/** How long each of its bots stays until the next one may come. */
export const STAYS_MS = 10_000;
