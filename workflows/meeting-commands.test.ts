import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { openTheatre, type Theatre } from '../test/theatre';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

describe('a stop', () => {
  test('before admission cancels the meeting', async () => {
    const stage = await theatre.openStarted();
    await stage.report('joining', 'waiting_room');
    const outcome = await stage.stop();
    expect(outcome.kind).toBe('carried_out');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'cancelled',
      reason: 'stopped_before_admission',
    });
  });

  test('during the launch keeps the bot from staying', async () => {
    const stage = theatre.openStage();
    stage.hold('launchBot');
    await stage.start();
    await stage.called('launchBot');
    await stage.stop();
    stage.release('launchBot');
    await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'cancelled' });
    expect(stage.calls).toContain('askBotToLeave stopped_before_admission');
  });

  test('during the call completes the meeting with what was heard', async () => {
    const stage = await theatre.openLive();
    await stage.stop();
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'completed',
      reason: 'stopped',
    });
    expect(stage.projections.map((each) => each.botStatus)).toContain('leaving');
  });

  test('twice is one', async () => {
    const stage = await theatre.openLive();
    stage.isStubborn = true;
    await stage.stop();
    await stage.stop();
    await stage.called('stopBot');
    await stage.workflow.result();
    expect(stage.countCalls('askBotToLeave')).toBe(1);
  });

  test('ends the process of a bot that does not leave by itself', async () => {
    const stage = await theatre.openLive();
    stage.isStubborn = true;
    await stage.stop();
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'completed',
      reason: 'stopped',
    });
    expect(stage.calls).toContain('closeAttempt 1 stopped');
    expect(stage.attempts).toHaveLength(1);
  });

  test('during the drain changes nothing', async () => {
    const stage = await theatre.openLive();
    stage.hold('awaitTranscribed');
    stage.end('meeting_ended');
    await stage.called('awaitTranscribed');
    await expect(stage.stop()).resolves.toMatchObject({ kind: 'carried_out' });
    stage.release('awaitTranscribed');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'completed',
      reason: 'meeting_ended',
    });
  });

  test('after the end says that nothing runs', async () => {
    const stage = await theatre.openLive();
    stage.end('meeting_ended');
    await stage.workflow.result();
    await expect(stage.stop()).resolves.toEqual({ kind: 'not_running' });
  });

  test('of a meeting that reached its longest time is ours', async () => {
    const stage = theatre.openStage({ longestMeetingMs: 400 });
    await stage.start();
    await stage.called('watchBot');
    stage.current().reading = { status: 'in_meeting', hasBeenIn: true };
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'time_limit' });
  });
});

describe('a start', () => {
  test('twice is served by the same bot', async () => {
    const stage = await theatre.openLive();
    const again = await stage.start();
    expect(again).toMatchObject({ kind: 'carried_out', result: { attempt: 1, status: 'live' } });
    await stage.stop();
    await stage.workflow.result();
    expect(stage.attempts).toHaveLength(1);
  });

  test('while the bot is leaving is served by the next one', async () => {
    const stage = await theatre.openLive();
    stage.isStubborn = true;
    await stage.stop();
    await stage.called('askBotToLeave');
    const { kind } = await stage.start();
    expect(kind).toBe('carried_out');
    await stage.called('watchBot', 2);
    stage.isStubborn = false;
    await stage.stop();
    await expect(stage.workflow.result()).resolves.toMatchObject({ attempt: 2 });
  });

  test.each(['awaitLastChunks', 'awaitTranscribed', 'beginAnalysis'] as const)(
    'during %s goes on with another attempt in the same run',
    async (activity) => {
      const stage = await theatre.openLive();
      stage.hold(activity);
      stage.end('meeting_ended');
      await stage.called(activity);
      await stage.start();
      stage.release(activity);
      await stage.called('watchBot', 2);
      expect(stage.intake).toBe('open');
      await stage.report('joining', 'in_meeting');
      stage.end('alone');
      await expect(stage.workflow.result()).resolves.toMatchObject({
        status: 'completed',
        reason: 'alone',
        attempt: 2,
      });
    },
  );

  test('after the end begins another run, whose attempts go on counting', async () => {
    const stage = await theatre.openLive();
    stage.end('meeting_ended');
    await stage.workflow.result();
    await stage.start();
    await stage.called('watchBot', 2);
    stage.end('nobody_joined');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'completed',
      attempt: 2,
    });
  });

  test('that is sent again after the end starts no second bot', async () => {
    const stage = theatre.openStage();
    const intentId = randomUUID();
    await stage.start(intentId);
    await stage.called('watchBot');
    stage.end('nobody_joined');
    await stage.workflow.result();
    await stage.start(intentId);
    await stage.workflow.result();
    expect(stage.attempts).toHaveLength(1);
    expect(stage.countCalls('launchBot')).toBe(1);
  });

  test('while no worker runs is carried out once by the first worker that comes', async () => {
    const stage = theatre.openStage();
    const intentId = randomUUID();
    await theatre.withoutWorkers(async () => {
      await expect(stage.start(intentId)).resolves.toEqual({ kind: 'sent' });
      await expect(stage.start(intentId)).resolves.toEqual({ kind: 'sent' });
    });
    await stage.called('watchBot');
    stage.end('nobody_joined');
    await stage.workflow.result();
    expect(stage.attempts).toHaveLength(1);
    await stage.until(() => stage.settled[intentId] === 'carried_out');
  });

  test('that a stop took back before any worker ran starts no bot', async () => {
    const stage = theatre.openStage();
    await theatre.withoutWorkers(async () => {
      await stage.start();
      await expect(stage.stop()).resolves.toEqual({ kind: 'sent' });
    });
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'cancelled',
      attempt: null,
    });
    expect(stage.attempts).toHaveLength(0);
  });

  test('with something that is no intent is refused and leaves no trace', async () => {
    const stage = await theatre.openLive();
    await expect(stage.start('tomorrow')).resolves.toMatchObject({ kind: 'refused' });
    await stage.workflow.signal('startRequested', { nonsense: true });
    await stage.stop();
    await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'completed' });
  });
});

describe('a meeting that is ended from outside', () => {
  test('lets its bot leave and drains when the workflow is cancelled', async () => {
    const stage = await theatre.openLive();
    await stage.workflow.cancel();
    await expect(stage.workflow.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(stage.calls).toContain('askBotToLeave stopped');
    expect(stage.calls).toContain('awaitTranscribed');
    expect(stage.status).toBe('cancelled');
    expect(stage.intake).toBe('closed');
  });

  test('takes no start any more once it is being cancelled', async () => {
    const stage = await theatre.openLive();
    stage.hold('awaitTranscribed');
    await stage.workflow.cancel();
    await stage.called('awaitTranscribed');
    await expect(stage.start()).resolves.toMatchObject({
      kind: 'refused',
      message: 'The meeting is being cancelled.',
    });
    stage.release('awaitTranscribed');
    await expect(stage.workflow.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  });

  test('stays completed when it is cancelled after its end', async () => {
    const stage = await theatre.openLive();
    stage.hold('beginAnalysis');
    stage.end('meeting_ended');
    await stage.called('beginAnalysis');
    await stage.workflow.cancel();
    await expect(stage.workflow.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect(stage.status).toBe('completed');
  });

  test('ends quietly and stops its bot when the meeting was deleted', async () => {
    const stage = await theatre.openLive();
    stage.isDeleted = true;
    stage.changed();
    await expect(stage.workflow.result()).resolves.toMatchObject({ reason: 'deleted' });
    expect(stage.calls).toContain('stopBot');
  });
});
