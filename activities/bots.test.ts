import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { makeBotName } from '../domain/temporal';
import { BotNotLaunchableError } from '../infra/bot-launcher';
import {
  findAttempt,
  recordHeartbeat,
  recordReport,
  type Attempt,
} from '../infra/database/attempts';
import type { Database } from '../infra/database/client';
import { markMeetingDeleted } from '../infra/database/meetings';
import { createMemoryDoorbell } from '../test/factories';
import { FakeLauncher } from '../test/fake-launcher';
import { insertAttempt, insertMeeting, openTestDatabase } from '../test/records';
import { createBotActivities, type BotActivities, type BotNews } from './bots';

let db: Database;
let close: () => Promise<void>;
const doorbell = createMemoryDoorbell();
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
});
afterAll(() => close());
beforeEach(() => db.query("UPDATE bot_attempts SET status = 'ended'"));

interface Scene {
  launcher: FakeLauncher;
  attempt: Attempt;
  activities: BotActivities;
  watch(): Promise<BotNews>;
}

async function openScene(isIntakeAnswering: () => Promise<boolean> = yes): Promise<Scene> {
  const { meetingId } = await insertMeeting(db);
  const attempt = await insertAttempt(db, meetingId);
  const launcher = new FakeLauncher();
  launcher.run(makeBotName(meetingId, attempt.attempt));
  const activities = createBotActivities({
    db,
    doorbell,
    launcher,
    mintToken: ({ launchId }) => Promise.resolve(`token of ${launchId}`),
    isIntakeAnswering,
    silenceLimitMs: 1_000,
    pickup: { delayedMs: 500, limitMs: 3_000 },
  });
  const input = { meetingId, attempt: attempt.attempt, firstReportTimeoutMs: 2_000 };
  return {
    launcher,
    attempt,
    activities,
    watch: () => new MockActivityEnvironment().run(activities.watchBot, input),
  };
}

const yes = (): Promise<boolean> => Promise.resolve(true);
const no = (): Promise<boolean> => Promise.resolve(false);

async function joinMeeting(attempt: Attempt): Promise<void> {
  await recordReport(db, attempt, { reportSeq: 1, state: 'in_meeting', atMs: Date.now() });
  // the meeting's row shows what the workflow has taken note of
  await db.query("UPDATE meetings SET bot_status = 'in_meeting' WHERE id = $1", [
    attempt.meetingId,
  ]);
}

async function beSilentFor(attempt: Attempt, seconds: number): Promise<void> {
  await db.query(
    `UPDATE bot_attempts SET last_heartbeat_at = now() - $2 * interval '1 second' WHERE id = $1`,
    [attempt.id, seconds],
  );
}

describe('a bot that is not started yet', () => {
  const pend = ({ launcher, attempt }: Scene): void => {
    launcher.bots.set(makeBotName(attempt.meetingId, 1), {
      state: 'pending',
      launchId: attempt.launchId,
      cause: 'unschedulable',
    });
  };

  test('is told to readers as delayed, once, and given up in the end with what it waited for', async () => {
    const scene = await openScene();
    pend(scene);
    await expect(scene.watch()).resolves.toEqual({
      kind: 'never_reported',
      reason: 'unschedulable',
      hasBeenIn: false,
    });
    const { rows } = await db.query<{ data: object }>(
      `SELECT data FROM meeting_events WHERE meeting_id = $1 AND type = 'bot.pickup_delayed'`,
      [scene.attempt.meetingId],
    );
    expect(rows).toEqual([
      {
        data: {
          attempt: 1,
          reason: 'unschedulable',
          message: 'No machine had room for the bot.',
        },
      },
    ]);
  });
});

describe('a bot whose launcher knows why it ended', () => {
  test('has ended for that reason, and its attempt keeps what was seen', async () => {
    const { watch, launcher, attempt, activities } = await openScene();
    await joinMeeting(attempt);
    launcher.bots.set(makeBotName(attempt.meetingId, 1), {
      ...{ state: 'ended', launchId: attempt.launchId, exitCode: 137 },
      ...{ detail: 'exit code 137, OOMKilled', cause: 'out_of_memory' },
    });
    await expect(watch()).resolves.toMatchObject({ kind: 'exited', reason: 'out_of_memory' });
    const key = { meetingId: attempt.meetingId, attempt: 1 };
    await activities.closeAttempt({ ...key, reason: 'out_of_memory', graceMs: 0 });
    await expect(findAttempt(db, attempt.meetingId, 1)).resolves.toMatchObject({
      reason: 'out_of_memory',
      detail: 'exit code 137, OOMKilled',
    });
  });
});

describe('launchBot', () => {
  test('launches under the name of the attempt with a token of its launch', async () => {
    const { activities, attempt, launcher } = await openScene();
    const { meetingId, launchId } = attempt;
    await activities.launchBot({ meetingId, attempt: 1 });
    expect(launcher.launches).toEqual([
      {
        name: `bot-${meetingId}-1`,
        meetingId,
        attempt: 1,
        launchId,
        token: `token of ${launchId}`,
        platform: 'custom',
        longestMs: (900 + 4 * 3_600) * 1_000,
      },
    ]);
  });

  test('fails for good with what to do when no bot can be launched', async () => {
    const { activities, attempt, launcher } = await openScene();
    launcher.refusal = new BotNotLaunchableError('Install a Chromium.');
    await expect(
      activities.launchBot({ meetingId: attempt.meetingId, attempt: 1 }),
    ).rejects.toMatchObject({ type: 'BotNotLaunchable', message: 'Install a Chromium.' });
  });

  test('starts nothing for an attempt that is over, when it is run late', async () => {
    const { activities, attempt, launcher } = await openScene();
    await insertAttempt(db, attempt.meetingId);
    await activities.launchBot({ meetingId: attempt.meetingId, attempt: 1 });
    expect(launcher.launches).toEqual([]);
  });
});

describe('launchBot with an identity', () => {
  async function openScenes(allowsParallel: boolean): Promise<Scene[]> {
    const scenes = [await openScene(), await openScene()];
    const { userId } = await db.prisma.meeting.findFirstOrThrow({
      where: { id: scenes[0]?.attempt.meetingId ?? 0 },
    });
    const data = { userId, platform: 'custom', name: randomUUID(), stateEncrypted: 'x' };
    const identity = await db.prisma.botIdentity.create({ data: { ...data, allowsParallel } });
    await db.prisma.meeting.updateMany({
      where: { id: { in: scenes.map(({ attempt }) => attempt.meetingId) } },
      data: { botIdentityId: identity.id },
    });
    return scenes;
  }

  const launchAll = (scenes: Scene[]) =>
    Promise.allSettled(
      scenes.map(({ activities, attempt }) =>
        activities.launchBot({ meetingId: attempt.meetingId, attempt: attempt.attempt }),
      ),
    );

  test('refuses the later of two meetings that need it at the same time', async () => {
    const [first, second] = await launchAll(await openScenes(false));
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { type: 'IdentityInUse', nonRetryable: true },
    });
  });

  test('launches the later one once the earlier has ended', async () => {
    const scenes = await openScenes(false);
    const [first, second] = scenes;
    if (!first || !second) throw new Error('Expected two scenes');
    await recordReport(db, first.attempt, { reportSeq: 1, state: 'ended', atMs: Date.now() });
    await expect(launchAll([second])).resolves.toMatchObject([{ status: 'fulfilled' }]);
  });

  test('launches both where the identity may be in several meetings', async () => {
    const outcomes = await launchAll(await openScenes(true));
    expect(outcomes.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled']);
  });
});

describe('watchBot', () => {
  test('returns the end that the bot reported', async () => {
    const { attempt, watch } = await openScene();
    await joinMeeting(attempt);
    const watching = watch();
    await recordReport(db, attempt, {
      reportSeq: 2,
      state: 'ended',
      atMs: Date.now(),
      reason: 'alone',
      lastSeqs: {},
    });
    doorbell.ring('meeting', attempt.meetingId);
    await expect(watching).resolves.toEqual({
      kind: 'ended',
      status: 'ended',
      reason: 'alone',
      hasBeenIn: true,
      isAudioMissing: false,
    });
  });

  test('says of a bot that reported its end when chunks it named have not come', async () => {
    const { attempt, watch } = await openScene();
    await joinMeeting(attempt);
    const end = { reportSeq: 2, state: 'ended', atMs: Date.now(), reason: 'stopped' } as const;
    await recordReport(db, attempt, { ...end, lastSeqs: { 'audio-1': 2 } });
    await expect(watch()).resolves.toMatchObject({ kind: 'ended', isAudioMissing: true });
  });

  test('returns a state that the workflow has not heard of', async () => {
    const { attempt, watch } = await openScene();
    await recordReport(db, attempt, { reportSeq: 1, state: 'joining', atMs: Date.now() });
    const timer = setInterval(() => void beSilentFor(attempt, 0), 200);
    await expect(watch()).resolves.toEqual({
      kind: 'reported',
      reading: { status: 'joining', hasBeenIn: false },
    });
    clearInterval(timer);
  });

  test.each([
    ['crashed', 137],
    ['crashed', 1],
    ['launch_failed', 2],
  ])(
    'calls it %s when the process ended with code %i and nothing more came',
    async (reason, exitCode) => {
      const { attempt, launcher, watch } = await openScene();
      await joinMeeting(attempt);
      launcher.exit(makeBotName(attempt.meetingId, 1), exitCode);
      await expect(watch()).resolves.toEqual({ kind: 'exited', reason, hasBeenIn: true });
    },
  );

  test('prefers the report that was still on its way when the process ended', async () => {
    const { attempt, launcher, watch } = await openScene();
    await joinMeeting(attempt);
    launcher.exit(makeBotName(attempt.meetingId, 1), 0);
    const watching = watch();
    await recordReport(db, attempt, {
      reportSeq: 2,
      state: 'failed',
      atMs: Date.now(),
      reason: 'removed',
    });
    await expect(watching).resolves.toMatchObject({ kind: 'ended', reason: 'removed' });
  });

  test('calls a bot lost that is silent while the intake answers', async () => {
    const { attempt, watch } = await openScene();
    await joinMeeting(attempt);
    await beSilentFor(attempt, 21);
    await expect(watch()).resolves.toEqual({ kind: 'lost', reason: 'lost', hasBeenIn: true });
  });

  test('calls a bot that never said a word never reported', async () => {
    const { watch } = await openScene();
    await expect(watch()).resolves.toMatchObject({ kind: 'never_reported' });
  });

  test('calls nobody lost while the intake does not answer', async () => {
    let isAnswering = false;
    let probes = 0;
    const { attempt, watch } = await openScene(() => {
      probes += 1;
      // the outage ends, and the bot is heard again before patience is over
      if (probes === 3) {
        isAnswering = true;
        void recordHeartbeat(db, attempt, { atMs: 0, spooledChunks: 0, acknowledgedChunks: 0 });
        setTimeout(() => {
          void recordReport(db, attempt, {
            reportSeq: 2,
            state: 'ended',
            atMs: Date.now(),
            reason: 'meeting_ended',
          });
        }, 100);
      }
      return Promise.resolve(isAnswering);
    });
    await joinMeeting(attempt);
    await beSilentFor(attempt, 300);
    await expect(watch()).resolves.toMatchObject({ kind: 'ended', reason: 'meeting_ended' });
  });

  test('calls a bot lost that alone is silent, also when our own request fails', async () => {
    const { attempt, watch } = await openScene(no);
    await joinMeeting(attempt);
    await beSilentFor(attempt, 30);
    const other = await insertAttempt(db, (await insertMeeting(db)).meetingId);
    await joinMeeting(other);
    await expect(watch()).resolves.toMatchObject({ kind: 'lost' });
  });

  test('fails for good when the meeting is deleted', async () => {
    const { attempt, watch } = await openScene();
    const { rows } = await db.query<{ user_id: number }>(
      'SELECT user_id FROM meetings WHERE id = $1',
      [attempt.meetingId],
    );
    const watching = watch();
    await markMeetingDeleted(db, {
      meetingId: attempt.meetingId,
      userId: rows[0]?.user_id ?? 0,
    });
    doorbell.ring('meeting', attempt.meetingId);
    await expect(watching).rejects.toMatchObject({ type: 'MeetingDeleted' });
  });
});

describe('closeAttempt', () => {
  test('ends the process and records why, without touching a reported end', async () => {
    const { activities, attempt, launcher } = await openScene();
    const key = { meetingId: attempt.meetingId, attempt: 1 };
    await activities.closeAttempt({ ...key, reason: 'lost', graceMs: 0 });
    await activities.closeAttempt({ ...key, reason: 'crashed', graceMs: 0 });
    expect(launcher.stopped).toHaveLength(2);
    await expect(findAttempt(db, attempt.meetingId, 1)).resolves.toMatchObject({
      status: 'failed',
      reason: 'lost',
    });
  });

  test('keeps what an operator can do about a bot that could not be started', async () => {
    const { activities, attempt } = await openScene();
    const { meetingId } = attempt;
    const detail = 'Install a Chromium.';
    const end = { meetingId, attempt: 1, reason: 'launch_failed', graceMs: 0 } as const;
    await activities.closeAttempt({ ...end, detail });
    await expect(findAttempt(db, meetingId, 1)).resolves.toMatchObject({ detail });
  });
});
