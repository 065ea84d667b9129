import type { EndReason } from '../../../domain/end-reasons';
import { leavePolicySchema, type LeavePolicy } from '../../../domain/leave-policy';
import type { FakeBotApi } from '../../../test/fake-bot-api';
import { LIVEKIT_BUILD_MS } from '../../../test/livekit-server';
import { sendBot, type SentBot } from '../sent-bot';
import { MEETINGS_TO_LEAVE, type Beginning, type MeetingToLeave } from './meetings-to-leave';

const JOIN_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 60_000;
const WITH_WAITING_ROOM = ['google_meet', 'teams', 'zoom', 'jitsi'] as const;
const ALL = [...WITH_WAITING_ROOM, 'livekit'] as const;
const NOBODY: Beginning = { hasMaya: false };
const WITH_MAYA: Beginning = { hasMaya: true };

jest.setTimeout(150_000);

let meeting: MeetingToLeave;
let api: FakeBotApi;
let bot: SentBot;

afterEach(() => bot.close());

async function sendBotTo(beginning: Beginning, policy: Partial<LeavePolicy> = {}): Promise<void> {
  const { platform, origin } = meeting;
  const joinUrl = await meeting.begin(beginning);
  bot = await sendBot({ platform, joinUrl, leavePolicy: leavePolicySchema.parse(policy) }, origin);
  ({ api } = bot);
}

const untilReported = (state: string) =>
  api.waitUntil(({ states }) => states.includes(state), JOIN_TIMEOUT_MS);

async function untilMayaIsSeen(): Promise<void> {
  await api.waitUntil(
    ({ changes }) => changes.some(({ name }) => name === 'Maya'),
    JOIN_TIMEOUT_MS,
  );
}

async function expectEnd(state: 'ended' | 'failed', reason: EndReason): Promise<void> {
  await api.waitUntil(({ terminalReports }) => terminalReports.length > 0, END_TIMEOUT_MS);
  expect(await bot.exitCode).toBe(0);
  expect(api.terminalReports).toMatchObject([{ state, reason }]);
  expect(api.violations).toEqual([]);
}

describe.each(ALL)('a bot in a meeting on %s', (name) => {
  beforeAll(async () => {
    meeting = await MEETINGS_TO_LEAVE[name]();
  }, LIVEKIT_BUILD_MS);
  afterAll(() => meeting.close());

  test('goes when nobody ever joins', async () => {
    await sendBotTo(NOBODY, { nobodyJoinedSeconds: 2 });
    await expectEnd('ended', 'nobody_joined');
    await meeting.botHasLeft();
  });

  test('goes when everyone else has left', async () => {
    await sendBotTo(WITH_MAYA, { aloneSeconds: 1 });
    await untilMayaIsSeen();
    await meeting.mayaLeaves();
    await expectEnd('ended', 'alone');
    await meeting.botHasLeft();
  });

  test('goes when nobody has spoken for long enough', async () => {
    await sendBotTo(WITH_MAYA, { silenceSeconds: 2, silenceAfterSeconds: 1 });
    await expectEnd('ended', 'silence');
    await meeting.botHasLeft();
  });

  test('goes when the meeting has lasted as long as it may', async () => {
    await sendBotTo(WITH_MAYA, { longestMeetingSeconds: 3 });
    await expectEnd('ended', 'time_limit');
    await meeting.botHasLeft();
  });

  test('goes when it is told to', async () => {
    await sendBotTo(WITH_MAYA);
    await untilMayaIsSeen();
    api.command({ kind: 'leave', reason: 'stopped' });
    await expectEnd('ended', 'stopped');
    await meeting.botHasLeft();
  });

  test('reports that it was removed', async () => {
    await sendBotTo(WITH_MAYA);
    await untilMayaIsSeen();
    await meeting.removeBot();
    await expectEnd('ended', 'removed');
  });

  test('reports that the host ended the meeting', async () => {
    await sendBotTo(WITH_MAYA);
    await untilMayaIsSeen();
    await meeting.end();
    await expectEnd('ended', 'meeting_ended');
  });
});

describe.each(WITH_WAITING_ROOM)('a bot in the waiting room of %s', (name) => {
  beforeAll(async () => {
    meeting = await MEETINGS_TO_LEAVE[name]();
  });
  afterAll(() => meeting.close());

  test('gives up when nobody admits it in time', async () => {
    await sendBotTo({ hasMaya: true, hasWaitingRoom: true }, { waitingRoomSeconds: 2 });
    await expectEnd('failed', 'waiting_room_timeout');
    expect(api.states).toEqual(['joining', 'waiting_room', 'leaving', 'failed']);
    await meeting.botHasLeftWaitingRoom?.();
  });

  test('goes when it is told to', async () => {
    await sendBotTo({ hasMaya: true, hasWaitingRoom: true });
    await untilReported('waiting_room');
    api.command({ kind: 'leave', reason: 'stopped' });
    await expectEnd('ended', 'stopped_before_admission');
    await meeting.botHasLeftWaitingRoom?.();
  });
});
