import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { Stage } from '../test/stage';
import { openTheatre, type Theatre } from '../test/theatre';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

/** Longer than any test. */
const FAR_MS = 3_600_000;

/** A meeting whose workflow waits for its planned start. */
async function openWaiting(inMs = FAR_MS): Promise<Stage> {
  const stage = theatre.openStage();
  await stage.planFor(inMs);
  await stage.called('readPlan');
  return stage;
}

async function endMeeting(stage: Stage): Promise<void> {
  await stage.report('joining', 'in_meeting');
  stage.end('meeting_ended');
  const ended = { status: 'completed', reason: 'meeting_ended', attempt: 1 };
  await expect(stage.workflow.result()).resolves.toEqual(ended);
  expect(stage.attempts).toHaveLength(1);
  expect(stage.countCalls('launchBot')).toBe(1);
}

async function expectCancelled(stage: Stage): Promise<void> {
  const cancelled = { status: 'cancelled', reason: 'plan_cancelled', attempt: null };
  await expect(stage.workflow.result()).resolves.toEqual(cancelled);
  expect(stage.attempts).toHaveLength(0);
}

describe('a planned meeting', () => {
  test('waits, sends its bot the lead before the start, and is heard like any other', async () => {
    const stage = theatre.openStage();
    stage.leadMs = 300;
    const outcome = await stage.planFor(600);
    expect(outcome.kind).toBe('carried_out');
    await stage.called('launchBot');
    expect(Date.now()).toBeGreaterThanOrEqual((stage.plan?.scheduledStartMs ?? 0) - 300);
    await stage.called('watchBot');
    await endMeeting(stage);
  });

  test('says in the Web UI when it wakes and for which meeting', async () => {
    const stage = await openWaiting();
    const wakeAt = new Date((stage.plan?.scheduledStartMs ?? 0) - stage.leadMs).toISOString();
    // what the plan says reaches the workflow only after it was read
    let details = '';
    while (!details.includes(`Meeting ${stage.meetingId} is planned`)) {
      details = await stage.readDetails();
    }
    expect(details).toContain(`A bot is sent at ${wakeAt}`);
    const { searchAttributes } = await stage.workflow.describe();
    expect(searchAttributes).toMatchObject({ MeetingStatus: ['scheduled'], BotStatus: ['none'] });
    await stage.cancelPlan();
    await expectCancelled(stage);
  });

  test('is moved earlier, also into the past, and starts at once', async () => {
    const stage = await openWaiting();
    await stage.planFor(-5_000);
    await stage.called('watchBot');
    await endMeeting(stage);
  });

  test('is moved later and does not start at the time it had before', async () => {
    const stage = await openWaiting(1_000);
    await stage.planFor(FAR_MS);
    await stage.called('readPlan', 2);
    await stage.planFor(300);
    await stage.called('watchBot');
    expect(stage.calls.filter((call) => call.startsWith('beginPlanned'))).toEqual([
      'beginPlannedAttempt 3',
    ]);
    await endMeeting(stage);
  });

  test('is cancelled while it waits, and no bot comes', async () => {
    const stage = await openWaiting();
    await stage.cancelPlan();
    await expectCancelled(stage);
  });

  test('is planned anew after a cancellation', async () => {
    const stage = await openWaiting();
    await stage.cancelPlan();
    await expectCancelled(stage);
    await stage.planFor(0);
    await stage.called('watchBot');
    await endMeeting(stage);
  });

  test('is started early by hand, and nobody comes at the planned time', async () => {
    const stage = await openWaiting(1_500);
    await stage.start();
    await stage.called('watchBot');
    await endMeeting(stage);
    expect(stage.countCalls('beginPlannedAttempt')).toBe(0);
  });

  test('is stopped while live like any other', async () => {
    const stage = theatre.openStage();
    await stage.planFor(0);
    await stage.called('watchBot');
    await stage.report('joining', 'in_meeting');
    expect(await stage.cancelPlan()).toBe(false);
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'stopped' });
  });

  test('is failed with a reason of its own when the platform was down for too long', async () => {
    const stage = theatre.openStage();
    stage.lateLimitMs = 0;
    await theatre.withoutWorkers(() => stage.planFor(-1_000));
    const missed = { status: 'failed', reason: 'start_missed', attempt: null };
    await expect(stage.workflow.result()).resolves.toEqual(missed);
    expect(stage.countCalls('launchBot')).toBe(0);
  });

  test('is failed for the same reason when nobody launches its bot in time', async () => {
    const stage = theatre.openStage();
    stage.lateLimitMs = 800;
    const result = await theatre.withoutBotWorkers(async () => {
      await stage.planFor(0);
      await stage.called('giveUpLaunch');
      return stage.workflow.result();
    });
    expect(result).toEqual({ status: 'failed', reason: 'start_missed', attempt: 1 });
    // nor when the queue is served again
    expect(stage.countCalls('launchBot')).toBe(0);
  });

  test('has its bot launched when that queue is served again in time', async () => {
    const stage = theatre.openStage();
    await theatre.withoutBotWorkers(async () => {
      await stage.planFor(0);
      await stage.called('beginAttempt');
    });
    await stage.called('watchBot');
    await endMeeting(stage);
  });

  test('is joined late when workers come back within the limit', async () => {
    const stage = await openWaiting(700);
    await theatre.withoutWorkers(async () => {
      const startMs = stage.plan?.scheduledStartMs ?? 0;
      await stage.untilTime(startMs + 100);
    });
    await stage.called('watchBot');
    await endMeeting(stage);
  });

  test('that was deleted while it waited ends quietly', async () => {
    const stage = await openWaiting();
    stage.isDeleted = true;
    await stage.planFor(1_000);
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'deleted' });
    expect(stage.attempts).toHaveLength(0);
  });

  test('whose workflow is cancelled by an operator gives its plan up', async () => {
    const stage = await openWaiting();
    await stage.workflow.cancel();
    await expect(stage.workflow.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(stage.calls).toContain('cancelPlan');
    expect(stage.plan?.isOpen).toBe(false);
  });
});

describe('a change while the planned bot is being begun', () => {
  async function openBeginning(): Promise<Stage> {
    const stage = theatre.openStage();
    stage.hold('beginPlannedAttempt');
    await stage.planFor(0);
    await stage.called('beginPlannedAttempt');
    return stage;
  }

  test('that moves it is followed: the old plan sends no bot', async () => {
    const stage = await openBeginning();
    await stage.planFor(400);
    stage.release('beginPlannedAttempt');
    await stage.called('watchBot');
    await endMeeting(stage);
    expect(stage.calls).toContain('beginPlannedAttempt 2');
  });

  test('that cancels it leaves it without a bot', async () => {
    const stage = await openBeginning();
    await stage.cancelPlan();
    stage.release('beginPlannedAttempt');
    await expectCancelled(stage);
  });

  test('that starts it by hand has the same bot', async () => {
    const stage = await openBeginning();
    await stage.start();
    stage.release('beginPlannedAttempt');
    await stage.called('watchBot');
    await endMeeting(stage);
  });

  test('that stops it just too late for the row has the bot stay out', async () => {
    const stage = await openBeginning();
    await stage.stop();
    stage.release('beginPlannedAttempt');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'cancelled',
      reason: 'stopped_before_admission',
    });
    expect(stage.countCalls('launchBot')).toBe(0);
  });
});

describe('messages in any order before a worker comes', () => {
  const wishes = ['plan', 'cancel', 'start'] as const;
  const orders = wishes.flatMap((a) =>
    wishes.flatMap((b) => wishes.map((c) => [a, b, c] as const)),
  );

  /** Carries the wishes out one after another; the last start's intent. */
  async function ask(stage: Stage, order: readonly (typeof wishes)[number][]): Promise<string> {
    let intentId = '';
    for (const wish of order) {
      if (wish === 'plan' && !stage.hasBot) await stage.planFor(FAR_MS);
      if (wish === 'cancel') await stage.cancelPlan();
      if (wish === 'start') await stage.start((intentId = randomUUID()));
    }
    return intentId;
  }

  /** Launches while the bot before had not been told to leave. */
  function countSecondBots(calls: readonly string[]): number {
    let running = 0;
    let seconds = 0;
    for (const call of calls) {
      if (/^(askBotToLeave|closeAttempt|stopBot)/.test(call)) running = 0;
      if (!call.startsWith('launchBot')) continue;
      running += 1;
      if (running > 1) seconds += 1;
    }
    return seconds;
  }

  test('lead to at most one bot, and to what was asked for last', async () => {
    const stages = orders.map(() => theatre.openStage());
    await Promise.all(stages.map((stage) => stage.planFor(FAR_MS)));
    await Promise.all(stages.map((stage) => stage.called('readPlan')));
    const told = await Promise.all(
      stages.map(async (stage, index) => {
        const order = orders[index] ?? ['plan', 'plan', 'plan'];
        const intentId = await ask(stage, order);
        const starts = order.filter((wish) => wish === 'start').length;
        const last = order.at(-1);
        if (last === 'start') {
          await stage.until(() => stage.settled[intentId] === 'carried_out');
          await stage.until(() => stage.hasBot);
        }
        const state = { hasBot: stage.hasBot, isPlanned: stage.plan?.isOpen === true };
        await stage.cancelPlan();
        await stage.workflow.result();
        const launches = stage.countCalls('launchBot');
        const seconds = countSecondBots(stage.calls);
        return { order, last, starts, state, launches, seconds, isOver: !stage.hasBot };
      }),
    );
    for (const { order, last, starts, state, ...came } of told) {
      expect([order, came.seconds, came.isOver]).toEqual([order, 0, true]);
      expect([order, came.launches <= starts]).toEqual([order, true]);
      if (last === 'start') expect([order, state.hasBot]).toEqual([order, true]);
      if (last === 'cancel') expect([order, state.isPlanned]).toEqual([order, false]);
      if (starts > 0) continue;
      const wished = { hasBot: false, isPlanned: last === 'plan' };
      expect([order, state]).toEqual([order, wished]);
    }
  });
});
