import {
  describeState,
  findEmptyState,
  findReason,
  isUnderWay,
  nameState,
  type Standing,
} from '../../web/meetings/states';
import { describeUpload, summariseUpload } from '../../web/meetings/upload-state';
import { tellRemedy } from '../../web/strings/remedies';

const standing = (wishes: Partial<Standing>): Standing => ({
  ...{ source: 'bot', status: 'live', botStatus: 'none', message: null },
  ...wishes,
});

const bot = (status: Standing['status'], botStatus: Standing['botStatus'] = 'none') =>
  standing({ status, botStatus });
const recorder = (status: Standing['status']) => standing({ source: 'recorder', status });
const upload = (status: Standing['status']) => standing({ source: 'upload', status });

describe('where no words are yet', () => {
  test.each([
    ['a meeting nobody started', bot('created'), 'none'],
    ['a planned one', bot('scheduled'), 'planned'],
    ['one whose bot joins', bot('joining', 'waiting_room'), 'joining'],
    ['one whose bot hears it', bot('live', 'in_meeting'), 'listening'],
    ['one whose bot is replaced', bot('live', 'launching'), 'joining'],
    ['one whose bot leaves', bot('live', 'leaving'), 'finishing'],
    ['one that is over, and not written down', bot('processing', 'ended'), 'finishing'],
    ['one that was silent', bot('completed', 'ended'), 'silent'],
    ['one that failed', bot('failed', 'failed'), 'failed'],
    ['one that was cancelled', bot('cancelled'), 'cancelled'],
    ['a recording that just began', recorder('created'), 'recording'],
    ['a recording', recorder('live'), 'recording'],
    ['a finished recording', recorder('processing'), 'finishing'],
    ['a file that comes', upload('created'), 'sending'],
    ['a file that is decoded', upload('processing'), 'transcribing'],
    ['a file that was refused', upload('failed'), 'failed'],
  ])('%s is told as what it is', (_which, meeting, state) => {
    expect(findEmptyState(meeting)).toBe(state);
  });
});

describe('a state in words', () => {
  test('never speaks of a bot where there is none', () => {
    const statuses = ['created', 'live', 'processing', 'completed'] as const;
    for (const source of ['recorder', 'upload'] as const) {
      for (const status of statuses) {
        const meeting = standing({ source, status });
        expect(`${nameState(meeting)} ${describeState(meeting)}`).not.toMatch(/bot|not started/i);
      }
    }
  });

  test.each([
    [upload('created'), 'Uploading', true],
    [upload('processing'), 'Transcribing', true],
    [recorder('live'), 'Recording', true],
    [bot('created'), 'Not started', false],
    [bot('processing'), 'Finishing', true],
    [upload('completed'), 'Done', false],
  ])('%j is %s', (meeting, name, goesOn) => {
    expect([nameState(meeting), isUnderWay(meeting)]).toEqual([name, goesOn]);
  });

  test('tells a list why something went wrong, and says no more of what did not', () => {
    const message = 'The host declined the bot’s request to join.';
    expect(findReason(standing({ status: 'failed', message }))).toBe(message);
    expect(findReason(standing({ status: 'completed', message: 'It ended.' }))).toBeNull();
    expect(findReason(bot('live', 'in_meeting'))).toBe('The bot is in the meeting');
    expect(findReason(upload('processing'))).toBeNull();
  });
});

describe('a file on its way', () => {
  const file = { receivedBytes: 30, sizeBytes: 120, percent: 0 };

  test.each([
    [{ ...file, status: 'receiving' as const }, 'Uploading, 25 %', '25 %'],
    [{ ...file, status: 'decoding' as const }, 'Being decoded', 'Being decoded'],
    [{ ...file, status: 'decoding' as const, percent: 12 }, 'Being written down, 12 %', '12 %'],
    [{ ...file, status: 'transcribing' as const, percent: 64 }, 'Being written down, 64 %', '64 %'],
  ])('%j: %s', (how, words, summary) => {
    expect([describeUpload(how), summariseUpload(how)]).toEqual([words, summary]);
  });
});

test('what helps is said in the words of the form', () => {
  const remedy = tellRemedy('waiting_room_timeout', 'Raise waitingRoomSeconds.');
  expect(remedy).toContain('“Longest wait to be let in”');
  expect(tellRemedy('join_denied', 'Ask the host.')).toBe('Ask the host.');
  expect(tellRemedy(null, null)).toBeNull();
});
