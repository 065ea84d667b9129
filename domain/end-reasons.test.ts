import {
  describeEndReason,
  END_REASONS,
  findRemedy,
  isRelaunchable,
  type EndReason,
} from './end-reasons';

/** What each reason leads to; a new reason does not compile without a decision here. */
const NEXT_ATTEMPT: Record<EndReason, 'follows' | 'never'> = {
  meeting_ended: 'never',
  alone: 'never',
  nobody_joined: 'never',
  stopped: 'never',
  stopped_before_admission: 'never',
  recording_finished: 'never',
  recorder_lost: 'never',
  not_audio: 'never',
  audio_too_long: 'never',
  decoding_failed: 'never',
  upload_cancelled: 'never',
  upload_abandoned: 'never',
  plan_cancelled: 'never',
  schedule_changed: 'never',
  start_missed: 'never',
  limit_reached: 'never',
  user_disabled: 'never',
  removed: 'never',
  join_denied: 'never',
  waiting_room_timeout: 'never',
  meeting_not_found: 'never',
  passcode_wrong: 'never',
  sign_in_required: 'never',
  bots_not_allowed: 'never',
  time_limit: 'never',
  meeting_not_started: 'never',
  silence: 'never',
  captcha_shown: 'never',
  auth_required: 'never',
  superseded: 'never',
  workflow_terminated: 'never',
  deleted: 'never',
  never_reported: 'follows',
  join_failed: 'follows',
  crashed: 'follows',
  lost: 'follows',
  launch_failed: 'follows',
  browser_crashed: 'follows',
  connection_lost: 'follows',
  page_frozen: 'follows',
  capture_failed: 'follows',
  identity_in_use: 'follows',
  join_token_failed: 'follows',
  evicted: 'follows',
  out_of_memory: 'follows',
  node_lost: 'follows',
  image_pull_failed: 'follows',
  unschedulable: 'follows',
  quota_exceeded: 'follows',
  unknown: 'follows',
};

/** Why nobody has to do anything about it. */
const NEEDS_NO_REMEDY: Partial<Record<EndReason, string>> = {
  meeting_ended: 'nothing is wrong',
  alone: 'nothing is wrong',
  stopped: 'somebody wanted it',
  recording_finished: 'nothing is wrong',
  upload_cancelled: 'somebody wanted it',
  plan_cancelled: 'somebody wanted it',
  schedule_changed: 'somebody wanted it',
  stopped_before_admission: 'somebody wanted it',
  workflow_terminated: 'somebody wanted it',
  deleted: 'somebody wanted it',
  superseded: 'the newer attempt goes on',
  crashed: 'another attempt follows by itself',
  lost: 'another attempt follows by itself',
  browser_crashed: 'another attempt follows by itself',
  evicted: 'another attempt follows by itself',
  node_lost: 'another attempt follows by itself',
  unknown: 'another attempt follows by itself',
};

const reasons = Object.keys(END_REASONS) as EndReason[];

test.each(Object.entries(NEXT_ATTEMPT) as [EndReason, string][])(
  'after %s another attempt %s',
  (reason, next) => {
    expect(isRelaunchable(reason)).toBe(next === 'follows');
  },
);

test.each(reasons)('%s is told to people in one sentence of its own', (reason) => {
  const sentence = describeEndReason(reason);
  expect(sentence).toMatch(/^[A-Z][^_]+\.$/);
  expect(reasons.filter((other) => describeEndReason(other) === sentence)).toEqual([reason]);
});

test.each(reasons)('%s says what can be done about it, or needs nothing done', (reason) => {
  const remedy = findRemedy(reason);
  if (reason in NEEDS_NO_REMEDY) expect(remedy).toBeNull();
  else expect(remedy).toMatch(/^[A-Z].+\.$/s);
});
