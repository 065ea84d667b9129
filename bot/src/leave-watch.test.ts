import { leavePolicySchema } from '../../domain/leave-policy';
import { LeaveWatch, type Situation } from './leave-watch';

const START_MS = Date.parse('2026-01-01T09:00:00Z');
const IN_CALL: Situation = { state: 'in_meeting', isConnected: true, others: 2 };
const ALONE: Situation = { ...IN_CALL, others: 0 };
const LOST: Situation = { ...IN_CALL, isConnected: false };

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

describe('the bot decides to leave', () => {
  test('after the time in the waiting room that the policy gives', () => {
    const course: [Situation, number][] = [[{ state: 'waiting_room' }, 100]];
    expect(watch({ waitingRoomSeconds: 30 }, course)).toEqual({
      reason: 'waiting_room_timeout',
      second: 30,
    });
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

  test('when a lost connection has not come back for 30 seconds', () => {
    const course: [Situation, number][] = [
      [IN_CALL, 5],
      [LOST, 100],
    ];
    expect(watch({}, course)).toEqual({ reason: 'connection_lost', second: 35 });
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

  test('when the connection came back in time, and does not count as alone meanwhile', () => {
    const lostAndEmpty: Situation = { ...LOST, others: 0 };
    const course: [Situation, number][] = [
      [IN_CALL, 10],
      [lostAndEmpty, 25],
      [IN_CALL, 10],
    ];
    expect(watch({ aloneSeconds: 5 }, course)).toBeNull();
  });
});
