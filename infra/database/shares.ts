import { MOST_OPEN_SHARES, type Share } from '../../domain/sharing';
import type { Database, Queryable } from './client';
import { findMeeting, type MeetingRow } from './meeting-records';

type ShareRow = Omit<Share, 'createdAt' | 'expiresAt' | 'revokedAt' | 'lastViewedAt'> & {
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  lastViewedAt: Date | null;
};

const COLUMNS = `id, emails, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", last_viewed_at AS "lastViewedAt", views`;

function toShare(row: ShareRow): Share {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastViewedAt: row.lastViewedAt?.toISOString() ?? null,
  };
}

export interface NewShare {
  meetingId: number;
  tokenSha256: string;
  emails: string[];
  expiresAt: Date;
}

/** Makes a link, of whose token only the hash is kept; null when the meeting has too many open. */
export async function insertShare(db: Database, share: NewShare): Promise<Share | null> {
  return db.transaction(async (tx) => {
    // Links that are made together are counted one after the other.
    await tx.query('SELECT 1 FROM meetings WHERE id = $1 FOR NO KEY UPDATE', [share.meetingId]);
    const { rows } = await tx.query<ShareRow>(
      `INSERT INTO share_links (meeting_id, token_sha256, emails, expires_at)
       SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM share_links
         WHERE meeting_id = $1 AND revoked_at IS NULL AND expires_at > now()) < $5
       RETURNING ${COLUMNS}`,
      [share.meetingId, share.tokenSha256, share.emails, share.expiresAt, MOST_OPEN_SHARES],
    );
    return rows[0] ? toShare(rows[0]) : null;
  });
}

/** A page of a meeting's links, also those that ended, the newest first. */
export async function listShares(
  db: Queryable,
  query: { meetingId: number; beforeId: number | null; limit: number },
): Promise<{ shares: Share[]; nextBeforeId: number | null }> {
  const { rows } = await db.query<ShareRow>(
    `SELECT ${COLUMNS} FROM share_links
     WHERE meeting_id = $1 AND ($2::int IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [query.meetingId, query.beforeId, query.limit + 1],
  );
  const shares = rows.slice(0, query.limit).map(toShare);
  const hasMore = rows.length > query.limit;
  return { shares, nextBeforeId: hasMore ? (shares.at(-1)?.id ?? null) : null };
}

/** Ends a link at once; again changes nothing. False when the meeting has no such link. */
export async function revokeShare(
  db: Queryable,
  key: { meetingId: number; shareId: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `UPDATE share_links SET revoked_at = coalesce(revoked_at, now())
     WHERE meeting_id = $1 AND id = $2 RETURNING id`,
    [key.meetingId, key.shareId],
  );
  return rows.length > 0;
}

/** A link that is good now, with what it leads to. */
export interface OpenShare {
  id: number;
  emails: string[];
  meeting: MeetingRow;
}

/** The link with this token's hash, or null: unknown, ended, revoked, or meeting or owner gone. */
export async function findOpenShare(db: Database, tokenSha256: string): Promise<OpenShare | null> {
  const { rows } = await db.query<{ id: number; meetingId: number; emails: string[] }>(
    `SELECT s.id, s.meeting_id AS "meetingId", s.emails FROM share_links s
     JOIN meetings m ON m.id = s.meeting_id AND m.deleted_at IS NULL
     JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL AND u.disabled_at IS NULL
     WHERE s.token_sha256 = $1 AND s.revoked_at IS NULL AND s.expires_at > now()`,
    [tokenSha256],
  );
  const share = rows[0];
  const meeting = share && (await findMeeting(db, share.meetingId));
  if (!meeting) return null;
  return { id: share.id, emails: share.emails, meeting };
}

/** Notes that somebody reads by the link. */
export async function countView(db: Queryable, shareId: number): Promise<void> {
  await db.query('UPDATE share_links SET views = views + 1, last_viewed_at = now() WHERE id = $1', [
    shareId,
  ]);
}
