import { ApplicationFailure } from '@temporalio/common';
import { DEFAULT_MEETING_TIMING } from '../domain/workflow-messages';
import type { Stage } from '../test/stage';
import { openTheatre, type Theatre } from '../test/theatre';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

/** The pauses between attempts, as the workflow asked for them; its other timers are longer. */
async function readPausesMs({ workflow }: Stage): Promise<number[]> {
  const { events } = await workflow.fetchHistory();
  return (events ?? [])
    .map(({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout)
    .flatMap((length) =>
      length ? [Number(length.seconds) * 1000 + (length.nanos ?? 0) / 1e6] : [],
    )
    .filter((ms) => ms < 60_000);
}

describe('a meeting that goes well', () => {
  test('is attended, drained, completed and analysed, in this order', async () => {
    const stage = theatre.openStage();
    const outcome = await stage.start();
    expect(outcome).toMatchObject({ kind: 'carried_out', result: { status: 'joining' } });
    await stage.called('watchBot');
    await stage.report('joining', 'waiting_room', 'in_meeting');
    expect(stage.status).toBe('live');
    stage.end('meeting_ended');
    await expect(stage.workflow.result()).resolves.toEqual({
      status: 'completed',
      reason: 'meeting_ended',
      attempt: 1,
    });
    const story = stage.calls.map((call) => call.split(' ')[0]);
    const chapters = [
      'beginAttempt',
      'launchBot',
      'watchBot',
      'awaitLastChunks',
      'closeIntake',
      'awaitTranscribed',
      'beginAnalysis',
    ];
    const places = chapters.map((chapter) => story.indexOf(chapter));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stage.projections.map((each) => each.status)).toEqual([
      'joining',
      'joining',
      'joining',
      'live',
      'processing',
      'completed',
    ]);
  });
});

describe('a recording', () => {
  test('is assembled once the meeting is over', async () => {
    const stage = await theatre.openLive();
    stage.isRecorded = true;
    stage.end('meeting_ended');
    await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'completed' });
    expect(stage.countCalls('assembleRecording')).toBe(1);
    expect(stage.calls.indexOf('assembleRecording')).toBeGreaterThan(
      stage.calls.indexOf('closeIntake'),
    );
  });

  test('that cannot be assembled leaves the meeting completed and analysed', async () => {
    const stage = await theatre.openLive();
    stage.isRecorded = true;
    stage.assemblyFailures.push(ApplicationFailure.nonRetryable('no ffmpeg'));
    stage.end('meeting_ended');
    await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'completed' });
    expect(stage.countCalls('giveUpRecording')).toBe(1);
    expect(stage.countCalls('beginAnalysis')).toBe(1);
  });

  test('is not looked for where nothing was recorded', async () => {
    const stage = await theatre.openLive();
    stage.end('meeting_ended');
    await stage.workflow.result();
    expect(stage.countCalls('assembleRecording')).toBe(0);
  });
});

describe('an attempt that ends', () => {
  test('is the last one when the host refuses the bot', async () => {
    const stage = await theatre.openStarted();
    await stage.report('joining', 'waiting_room');
    stage.end('join_denied', 'failed');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'failed',
      reason: 'join_denied',
      attempt: 1,
    });
    expect(stage.countCalls('beginAnalysis')).toBe(0);
    expect(stage.intake).toBe('closed');
  });

  test('is followed by another one when the process crashed, and the transcript goes on', async () => {
    const stage = await theatre.openLive();
    stage.find('exited');
    await stage.called('watchBot', 2);
    expect(stage.calls).toContain('closeAttempt 1 crashed');
    expect(stage.attempts[1]?.launchId).not.toBe(stage.attempts[0]?.launchId);
    await stage.report('joining', 'in_meeting');
    stage.end('alone');
    await expect(stage.workflow.result()).resolves.toEqual({
      status: 'completed',
      reason: 'alone',
      attempt: 2,
    });
  });

  test('is followed by another one when the bot is lost, whose process is ended first', async () => {
    const stage = await theatre.openLive();
    stage.find('lost');
    await stage.called('watchBot', 2);
    expect(stage.calls.indexOf('closeAttempt 1 lost')).toBeLessThan(
      stage.calls.indexOf('beginAttempt 2'),
    );
    await stage.stop();
    await stage.workflow.result();
  });

  test('is given up after the last try of a bot that never reports', async () => {
    const stage = await theatre.openStarted({ maxFailedAttempts: 2 });
    stage.find('never_reported');
    await stage.called('watchBot', 2);
    stage.find('never_reported');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'failed',
      reason: 'never_reported',
      attempt: 2,
    });
  });

  test('is given up at once when no bot can be launched here', async () => {
    const stage = theatre.openStage();
    stage.launchFailures.push(
      ApplicationFailure.nonRetryable('There is no Chromium', 'BotNotLaunchable'),
    );
    await stage.start();
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'failed',
      reason: 'launch_failed',
      attempt: 1,
    });
  });

  test('is tried again when the launcher fails for now', async () => {
    const stage = theatre.openStage();
    stage.launchFailures.push(ApplicationFailure.nonRetryable('The launcher hiccuped'));
    await stage.start();
    await stage.called('watchBot');
    expect(stage.attempts).toHaveLength(2);
    stage.end('nobody_joined');
    await stage.workflow.result();
  });

  test('has what its bot left on disk sent beside the next attempt, and is drained only then', async () => {
    const stage = await theatre.openLive();
    stage.hold('deliverSpool');
    stage.find('exited');
    await stage.called('watchBot', 2);
    await stage.called('deliverSpool');
    await stage.report('joining', 'in_meeting');
    stage.end('meeting_ended');
    await stage.until(() => stage.status === 'processing');
    expect(stage.countCalls('awaitLastChunks')).toBe(0);
    stage.release('deliverSpool');
    await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'completed' });
    expect(stage.calls.filter((call) => call.includes('pool'))).toEqual([
      'deliverSpool 1',
      'spoolDelivered 1',
    ]);
  });

  test('is tried again when the bot’s identity is in another meeting', async () => {
    const stage = theatre.openStage();
    stage.launchFailures.push(ApplicationFailure.nonRetryable('busy', 'IdentityInUse'));
    await stage.start();
    await stage.called('watchBot');
    expect(stage.calls).toContain('closeAttempt 1 identity_in_use');
    await stage.stop();
    await stage.workflow.result();
  });

  test('ends the meeting as failed after the last try, with what was heard analysed', async () => {
    const stage = await theatre.openLive({ maxFailedAttempts: 2 });
    stage.find('exited');
    await stage.called('watchBot', 2);
    stage.find('never_reported');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'failed',
      reason: 'never_reported',
    });
    expect(stage.countCalls('beginAnalysis')).toBe(1);
  });

  test.each(['join_failed', 'browser_crashed', 'page_frozen', 'connection_lost'] as const)(
    'is followed by another one when its bot reports %s',
    async (reason) => {
      const stage = await theatre.openLive();
      stage.end(reason, 'failed');
      await stage.called('watchBot', 2);
      await stage.report('joining', 'in_meeting');
      stage.end('meeting_ended');
      await expect(stage.workflow.result()).resolves.toEqual({
        status: 'completed',
        reason: 'meeting_ended',
        attempt: 2,
      });
    },
  );

  test('is the last one after five failures in a row, each after twice the pause', async () => {
    const { maxFailedAttempts } = DEFAULT_MEETING_TIMING;
    const stage = await theatre.openLive({ maxFailedAttempts, relaunchDelayMs: 100 });
    for (let attempt = 1; attempt <= maxFailedAttempts; attempt += 1) {
      await stage.called('watchBot', attempt);
      stage.end('join_failed', 'failed');
    }
    await expect(stage.workflow.result()).resolves.toEqual({
      status: 'failed',
      reason: 'join_failed',
      attempt: 5,
    });
    expect(stage.countCalls('launchBot')).toBe(5);
    expect(stage.countCalls('beginAnalysis')).toBe(1);
    expect(await readPausesMs(stage)).toEqual([100, 200, 400, 800]);
  });

  test('is noticed by the watch alone when every signal of its reports was lost', async () => {
    const stage = await theatre.openStarted();
    stage.tell({ kind: 'reported', reading: { status: 'in_meeting', hasBeenIn: true } });
    await stage.until(() => stage.status === 'live');
    await stage.called('watchBot', 2);
    stage.end('meeting_ended');
    await expect(stage.workflow.result()).resolves.toMatchObject({ status: 'completed' });
  });
});

describe('the longest time of a meeting', () => {
  test('counts over all its bots', async () => {
    const stage = theatre.openStage();
    stage.longestMeetingMs = 1_500;
    await stage.start();
    await stage.called('watchBot');
    await stage.report('joining', 'in_meeting');
    stage.find('exited');
    await stage.called('watchBot', 2);
    await stage.report('joining', 'in_meeting');
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'completed',
      reason: 'time_limit',
      attempt: 2,
    });
  });
});

describe('a bot that has to wait in line', () => {
  async function openQueued(): Promise<Stage> {
    const stage = theatre.openStage();
    stage.places = [3, 1];
    stage.hold('awaitBotSlot');
    await stage.start();
    await stage.called('awaitBotSlot', 3);
    return stage;
  }

  test('is launched when it may run, and its place is shown until then', async () => {
    const stage = await openQueued();
    const details = await stage.readDetails();
    expect(details).toContain('it is number 1 in line');
    expect(stage.countCalls('launchBot')).toBe(0);
    stage.release('awaitBotSlot');
    await stage.called('watchBot');
    expect(stage.calls.filter((call) => call.startsWith('awaitBotSlot'))).toEqual([
      'awaitBotSlot null',
      'awaitBotSlot 3',
      'awaitBotSlot 1',
    ]);
    stage.end('meeting_ended');
    await stage.workflow.result();
  });

  test('is never launched when somebody stops it', async () => {
    const stage = await openQueued();
    await stage.stop();
    await expect(stage.workflow.result()).resolves.toMatchObject({
      status: 'cancelled',
      reason: 'stopped_before_admission',
    });
    expect(stage.countCalls('launchBot')).toBe(0);
  });
});

describe('what the Web UI shows', () => {
  test('is found by status and says in words what is awaited', async () => {
    const stage = await theatre.openLive();
    const { searchAttributes } = await stage.workflow.describe();
    expect(searchAttributes).toMatchObject({
      MeetingId: [stage.meetingId],
      Platform: ['custom'],
      MeetingStatus: ['live'],
      BotStatus: ['in_meeting'],
    });
    const details = await stage.readDetails();
    expect(details).toContain('**Bot:** in meeting (attempt 1)');
    expect(details).toContain('listens until the meeting ends');
    await stage.stop();
    await stage.workflow.result();
  });

  test('is a history of well under 500 events for an hour with four attempts', async () => {
    const stage = await theatre.openLive({ maxFailedAttempts: 5 });
    for (const attempt of [2, 3, 4]) {
      stage.find('exited');
      await stage.called('beginAttempt', attempt);
      await stage.until(() => stage.calls.includes(`watchBot ${attempt}`));
      await stage.report('joining', 'waiting_room', 'in_meeting');
    }
    await stage.stop();
    await stage.workflow.result();
    const { events } = await stage.workflow.fetchHistory();
    expect(events?.length).toBeLessThan(400);
  });
});
