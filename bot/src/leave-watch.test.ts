import { leavePolicySchema } from '../../domain/leave-policy';
import { LeaveWatch, type Situation } from './leave-watch';

const START_MS = Date.parse('2026-01-01T09:00:00Z');
const IN_CALL: Situation = { state: 'in_meeting', isConnected: true, others: 2, isSpeech: true };
const SILENT: Situation = { ...IN_CALL, isSpeech: false };
const ALONE: Situation = { ...SILENT, others: 0 };
const LOST: Situation = { ...SILENT, isConnected: false };
const WAITING: Situation = { state: 'waiting_room', isNotStarted: false };
const NOT_STARTED: Situation = { state: 'waiting_room', isNotStarted: true };

/** What is decided at each second of a course of situations. */
function watch(policy: object, course: [Situation, number][]) {
  const leaveWatch = new LeaveWatch(leavePolicySchema.parse(policy));
  let second = 0;
  for (const [situation, seconds] of course) {
    for (const end = second + seconds; second < end; second += 1) {
      const reason = leaveWatch.decide(situation, START_MS + second * 1000);
      if (reason) return { reason, second };
    }
  }
  return null;
}

describe('the bot that rejoins', () => {
  test('leaves an empty call as one that everybody left, not as one nobody joined', () => {
    const leaveWatch = new LeaveWatch(leavePolicySchema.parse({ aloneSeconds: 5 }), true);
    const reasons = [0, 2, 4, 6].map((second) =>
      leaveWatch.decide(ALONE, START_MS + second * 1000),
    );
    expect(reasons).toEqual([null, null, null, 'alone']);
  });
});

describe('the bot decides to leave', () => {
  test('after the time in the waiting room that the policy gives', () => {
    expect(watch({ waitingRoomSeconds: 30 }, [[WAITING, 100]])).toEqual({
      reason: 'waiting_room_timeout',
      second: 30,
    });
  });

  test('after the time in the waiting room although the page was unclear for a moment', () => {
    const course: [Situation, number][] = [
      [WAITING, 20],
      [{ state: 'joining' }, 2],
      [WAITING, 100],
    ];
    expect(watch({ waitingRoomSeconds: 30 }, course)).toEqual({
      reason: 'waiting_room_timeout',
      second: 32,
    });
  });

  test('after that time again when it is put back into the waiting room', () => {
    const course: [Situation, number][] = [
      [WAITING, 20],
      [IN_CALL, 100],
      [LOST, 15],
      [WAITING, 100],
    ];
    expect(watch({ waitingRoomSeconds: 30 }, course)).toEqual({
      reason: 'waiting_room_timeout',
      second: 165,
    });
  });

  test('at its longest time also from the waiting room that it was put back into', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 30],
      [WAITING, 100],
    ];
    expect(watch({ longestMeetingSeconds: 60 }, course)).toEqual({
      reason: 'time_limit',
      second: 60,
    });
  });

  test('with a reason of its own when it waited for the host to start the meeting', () => {
    expect(watch({ waitingRoomSeconds: 30 }, [[NOT_STARTED, 100]])).toEqual({
      reason: 'meeting_not_started',
      second: 30,
    });
  });

  test('as not admitted when the host started the meeting and left it waiting', () => {
    const course: [Situation, number][] = [
      [NOT_STARTED, 20],
      [WAITING, 20],
    ];
    expect(watch({ waitingRoomSeconds: 30 }, course)?.reason).toBe('waiting_room_timeout');
  });

  test('after a minute on a page that is neither waiting room nor call', () => {
    expect(watch({}, [[{ state: 'joining' }, 100]])).toEqual({ reason: 'join_failed', second: 60 });
  });

  test('when nobody has joined for as long as the policy allows', () => {
    const policy = { nobodyJoinedSeconds: 50, aloneSeconds: 5 };
    expect(watch(policy, [[ALONE, 100]])).toEqual({ reason: 'nobody_joined', second: 50 });
  });

  test('when it has been alone since others left', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 10],
      [ALONE, 100],
    ];
    expect(watch({ aloneSeconds: 20 }, course)).toEqual({ reason: 'alone', second: 30 });
  });

  test('when the meeting has lasted as long as it may', () => {
    expect(watch({ longestMeetingSeconds: 40 }, [[IN_CALL, 100]])).toEqual({
      reason: 'time_limit',
      second: 40,
    });
  });

  test('when nobody has spoken for as long as the policy allows', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 50],
      [SILENT, 100],
    ];
    expect(watch({ silenceAfterSeconds: 10, silenceSeconds: 30 }, course)).toEqual({
      reason: 'silence',
      second: 80,
    });
  });

  test('not for silence before the meeting has lasted as long as the policy says', () => {
    expect(watch({ silenceAfterSeconds: 60, silenceSeconds: 30 }, [[SILENT, 100]])).toEqual({
      reason: 'silence',
      second: 60,
    });
  });

  test('when a lost connection has not come back for 20 seconds', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 5],
      [LOST, 100],
    ];
    expect(watch({}, course)).toEqual({ reason: 'connection_lost', second: 25 });
  });

  test('as alone only after the time it was connected', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 10],
      [ALONE, 10],
      [LOST, 20],
      [ALONE, 100],
    ];
    expect(watch({ aloneSeconds: 20 }, course)).toEqual({ reason: 'alone', second: 50 });
  });
});

describe('the bot stays', () => {
  test('when somebody came back in time', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 10],
      [ALONE, 19],
      [IN_CALL, 10],
      [ALONE, 19],
    ];
    expect(watch({ aloneSeconds: 20 }, course)).toBeNull();
  });

  test('when somebody spoke in time', () => {
    const course: [Situation, number][] = [
      [SILENT, 29],
      [IN_CALL, 1],
      [SILENT, 29],
    ];
    expect(watch({ silenceAfterSeconds: 1, silenceSeconds: 30 }, course)).toBeNull();
  });

  test('when the connection came back in time, and counts neither as alone nor as silence', () => {
    const lostAndEmpty: Situation = { ...LOST, others: 0 };
    const course: [Situation, number][] = [
      [IN_CALL, 10],
      [lostAndEmpty, 15],
      [IN_CALL, 10],
    ];
    const policy = { aloneSeconds: 5, silenceAfterSeconds: 1, silenceSeconds: 5 };
    expect(watch(policy, course)).toBeNull();
  });

  test('when its process stood still for longer than the policy allows to be alone', () => {
    const leaveWatch = new LeaveWatch(leavePolicySchema.parse({ aloneSeconds: 60 }));
    expect(leaveWatch.decide(IN_CALL, START_MS)).toBeNull();
    expect(leaveWatch.decide(ALONE, START_MS + 1_000)).toBeNull();
    expect(leaveWatch.decide(ALONE, START_MS + 120_000)).toBeNull();
  });
});
