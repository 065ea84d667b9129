import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type Attempt } from '../infra/database/attempts';
import { insertChunk } from '../infra/database/chunks';
import type { Database } from '../infra/database/client';
import { createMeetingClient } from '../infra/meeting-client';
import { createTemporalClient, type TemporalClient } from '../infra/temporal';
import { createMemoryAudioStore } from './factories';
import { makeChunk, openTestDatabase } from './records';
import { createTestNamespace, getTemporalAddress } from './temporal';
import { createReconcileActivities } from '../activities/reconcile';

/** What `useReconciling` has opened. */
export let db: Database;
export let client: Client;

export const audioStore = createMemoryAudioStore();

/** Opens the database of a test file and a namespace of Temporal. */
export function useReconciling(): void {
  let close: () => Promise<void>;
  let temporal: TemporalClient;
  beforeAll(async () => {
    ({ db, close } = await openTestDatabase());
    temporal = createTemporalClient({
      address: getTemporalAddress(),
      namespace: await createTestNamespace(),
    });
    client = temporal.client;
  });
  beforeEach(() => db.query('DELETE FROM meetings'));
  afterAll(async () => {
    await temporal.close();
    await close();
  });
}

/** Runs one round of one kind; how many it mended. */
export function mend(kind: keyof ReturnType<typeof createReconcileActivities>): Promise<number> {
  const meetingClient = createMeetingClient(client, { updateDeadlineMs: 200 });
  const activities = createReconcileActivities({ db, client, meetingClient, audioStore });
  return new MockActivityEnvironment().run(activities[kind]);
}

/** Makes everything of the meeting look so much older. */
export async function age(meetingId: number, seconds: number): Promise<void> {
  const by = `- ${seconds} * interval '1 second'`;
  await db.query(
    `UPDATE audio_chunks SET acknowledged_at = acknowledged_at ${by} WHERE meeting_id = $1`,
    [meetingId],
  );
  await db.query(
    `UPDATE bot_attempts SET fenced_at = fenced_at ${by}, ended_at = ended_at ${by},
       created_at = created_at ${by} WHERE meeting_id = $1`,
    [meetingId],
  );
  await db.query(`UPDATE intents SET created_at = created_at ${by} WHERE meeting_id = $1`, [
    meetingId,
  ]);
  await db.query(
    `UPDATE meetings SET deleted_at = deleted_at ${by}, updated_at = updated_at ${by} WHERE id = $1`,
    [meetingId],
  );
}

/** A chunk that waits to be transcribed; its id. */
export async function addPendingChunk(attempt: Attempt): Promise<number> {
  const inserted = await insertChunk(db, makeChunk(attempt));
  if (inserted.kind !== 'accepted') throw new Error(`Expected a chunk, got ${inserted.kind}`);
  return inserted.chunkId;
}
