import { createHash } from 'node:crypto';
import type { NamedUser } from '../../domain/admin';
import { NAMED } from './admin';
import type { Queryable } from './client';

/** Who did something: by a session, a key, a program they let in, as an administrator, from Clerk, by a share link, or we. */
export interface AuditActor {
  kind: 'session' | 'api_key' | 'oauth' | 'admin' | 'clerk' | 'share' | 'system';
  /** Clerk's user id, or the id of the key or link, or what we did it for. */
  id: string;
}

export interface NewAuditEntry {
  /** As `meeting.deleted`. */
  action: string;
  actor: AuditActor;
  /** Whose data it is about; null where that is not known yet. */
  userId: number | null;
  meetingId: number | null;
  address: string | null;
  requestId: string;
}

/** Writes that something was asked for; returns the entry's id. */
export async function insertAuditEntry(db: Queryable, entry: NewAuditEntry): Promise<number> {
  const id = await insertEntry(db, entry, null);
  if (id === null) throw new Error('Expected the insert of an audit entry to return its row');
  return id;
}

/**
 * Writes that somebody reads, unless an entry of the same key says so already; returns that entry's
 * id. On any number of replicas, and also at the same time, there is one.
 */
export async function noteReading(
  db: Queryable,
  { key, ...entry }: NewAuditEntry & { key: string },
): Promise<number> {
  const hash = createHash('sha256').update(key).digest();
  const id = await insertEntry(db, entry, hash);
  if (id !== null) return id;
  const { rows } = await db.query<{ id: number }>(
    'SELECT id FROM audit_entries WHERE reading_hash = $1',
    [hash],
  );
  const row = rows[0];
  if (!row) throw new Error('Expected the entry of an earlier reading to be there');
  return row.id;
}

async function insertEntry(
  db: Queryable,
  entry: NewAuditEntry,
  readingHash: Buffer | null,
): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO audit_entries (action, actor_kind, actor_id, user_id, meeting_id, address,
       request_id, reading_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (reading_hash) DO NOTHING RETURNING id`,
    [
      entry.action,
      entry.actor.kind,
      entry.actor.id,
      entry.userId,
      entry.meetingId,
      entry.address,
      entry.requestId,
      readingHash,
    ],
  );
  return rows[0]?.id ?? null;
}

/** How a request was answered, and whose meeting it turned out to be about. */
export interface AuditAnswer {
  status: number;
  meetingId: number | null;
  userId: number | null;
}

/** Writes how it was answered. */
export async function settleAuditEntry(
  db: Queryable,
  id: number,
  answer: AuditAnswer,
): Promise<void> {
  await db.query(
    `UPDATE audit_entries SET status = $2, meeting_id = coalesce($3, meeting_id),
       user_id = coalesce($4, user_id) WHERE id = $1`,
    [id, answer.status, answer.meetingId, answer.userId],
  );
}

/** The same for an entry that stands for many: that one of them got what it asked for stays. */
export async function settleReading(db: Queryable, id: number, answer: AuditAnswer): Promise<void> {
  await db.query(
    `UPDATE audit_entries SET status = $2, meeting_id = coalesce($3, meeting_id),
       user_id = coalesce($4, user_id)
     WHERE id = $1 AND (status IS NULL OR (status >= 400 AND $2 < 400))`,
    [id, answer.status, answer.meetingId, answer.userId],
  );
}

/** How long an entry is kept. */
const AUDIT_DAYS = 400;
const ENTRIES_PER_STATEMENT = 10_000;

/** Deletes the entries that were kept long enough; returns how many. */
export async function forgetAuditEntries(db: Queryable): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await db.query<{ count: number }>(
      `WITH gone AS (DELETE FROM audit_entries WHERE id IN (
         SELECT id FROM audit_entries WHERE at < now() - interval '${AUDIT_DAYS} days'
         ORDER BY at LIMIT ${ENTRIES_PER_STATEMENT}) RETURNING 1)
       SELECT count(*)::int AS count FROM gone`,
    );
    const count = rows[0]?.count ?? 0;
    total += count;
    if (count < ENTRIES_PER_STATEMENT) return total;
  }
}

export interface AuditEntry {
  id: number;
  at: Date;
  action: string;
  actorKind: AuditActor['kind'];
  actorId: string;
  userId: number | null;
  user: NamedUser | null;
  meetingId: number | null;
  address: string | null;
  requestId: string;
  status: number | null;
}

export interface AuditFilter {
  userId?: number | undefined;
  meetingId?: number | undefined;
  actorKind?: string | undefined;
  actorId?: string | undefined;
  action?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  beforeId: number | null;
  limit: number;
}

/** Entries from the newest on; one more than asked for tells that there are more. */
export async function listAuditEntries(db: Queryable, filter: AuditFilter): Promise<AuditEntry[]> {
  const { rows } = await db.query<AuditEntry>(
    `SELECT e.id, e.at, e.action, e.actor_kind AS "actorKind", e.actor_id AS "actorId",
       e.user_id AS "userId", ${NAMED} AS "user", e.meeting_id AS "meetingId", e.address,
       e.request_id AS "requestId", e.status
     FROM audit_entries e LEFT JOIN users u ON u.id = e.user_id
     WHERE ($1::int IS NULL OR e.user_id = $1)
       AND ($2::int IS NULL OR e.meeting_id = $2) AND ($3::text IS NULL OR e.actor_kind = $3)
       AND ($4::text IS NULL OR e.actor_id = $4) AND ($5::text IS NULL OR e.action = $5)
       AND ($6::timestamptz IS NULL OR e.at >= $6) AND ($7::timestamptz IS NULL OR e.at < $7)
       AND ($8::int IS NULL OR e.id < $8)
     ORDER BY e.id DESC LIMIT $9`,
    [
      filter.userId ?? null,
      filter.meetingId ?? null,
      filter.actorKind ?? null,
      filter.actorId ?? null,
      filter.action ?? null,
      filter.since ?? null,
      filter.until ?? null,
      filter.beforeId,
      filter.limit + 1,
    ],
  );
  return rows;
}
