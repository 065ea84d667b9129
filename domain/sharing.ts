import { z } from 'zod';
import { pathId } from './api';

const DAY_MS = 24 * 3_600_000;
const USUAL_DAYS = 7;
const MOST_DAYS = 365;
/** Links of one meeting that can be open at the same time. */
export const MOST_OPEN_SHARES = 50;

const moment = z.iso.datetime();

/** Without `emails` whoever has the link reads; with them, people signed in with one of these. */
export const createShareSchema = z.strictObject({
  expiresAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(`Within ${MOST_DAYS} days; ${USUAL_DAYS} days from now where it is left out`),
  emails: z.array(z.email().max(320).toLowerCase()).min(1).max(100).optional(),
});

export const sharePathSchema = z.strictObject({ id: pathId, shareId: pathId });

export const shareSchema = z.object({
  id: z.int(),
  emails: z.array(z.string()).describe('Empty: everybody who has the link'),
  createdAt: moment,
  expiresAt: moment,
  revokedAt: moment.nullable(),
  lastViewedAt: moment.nullable(),
  views: z.int(),
});
export type Share = z.infer<typeof shareSchema>;

export const createdShareSchema = shareSchema.extend({
  token: z.string().describe('Shown this once'),
  url: z.url(),
});

export const shareListSchema = z.object({
  shares: z.array(shareSchema),
  nextCursor: z.string().nullable(),
});

/** When a link ends, or null for a moment that is past or too far off. */
export function settleExpiry(wish: string | undefined, nowMs: number): Date | null {
  if (wish === undefined) return new Date(nowMs + USUAL_DAYS * DAY_MS);
  const expiresAt = new Date(wish);
  const inMs = expiresAt.getTime() - nowMs;
  return inMs > 0 && inMs <= MOST_DAYS * DAY_MS ? expiresAt : null;
}
