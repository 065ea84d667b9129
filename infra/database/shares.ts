import { MOST_LISTED, type Share } from '../../domain/sharing';
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

/** Makes a link. Of its token only the hash is kept. */
export async function insertShare(db: Queryable, share: NewShare): Promise<Share> {
  const { rows } = await db.query<ShareRow>(
    `INSERT INTO share_links (meeting_id, token_sha256, emails, expires_at)
     VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
    [share.meetingId, share.tokenSha256, share.emails, share.expiresAt],
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the insert of a link to return its row');
  return toShare(row);
}

/** A meeting's links, also those that ended, the newest first. */
export async function listShares(db: Queryable, meetingId: number): Promise<Share[]> {
  const { rows } = await db.query<ShareRow>(
    `SELECT ${COLUMNS} FROM share_links WHERE meeting_id = $1 ORDER BY id DESC LIMIT $2`,
    [meetingId, MOST_LISTED],
  );
  return rows.map(toShare);
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
