import type { MeetingEvent } from './events';
import { makeMessageId, takeNextStep } from './webhook-batches';
import { DELIVERY_TIMING, pauseAfterFailure, readRetryAfter } from './webhook-retries';
import { isWanted, toWebhookType } from './webhooks';

const at = '2026-01-01T09:00:00.000Z';
const segment = (seq: number): MeetingEvent => ({
  seq,
  at,
  event: {
    type: 'segment',
    segment: {
      seq,
      id: seq,
      startMs: 0,
      endMs: 1,
      text: 'a',
      speaker: null,
      language: null,
      confidence: null,
      version: 1,
    },
  },
});
const chat = (seq: number): MeetingEvent => ({
  seq,
  at,
  event: { type: 'chat.message', from: null, text: 'a' },
});
const running = (seq: number): MeetingEvent => ({
  seq,
  at,
  event: { type: 'analysis.status', run: 1, status: 'running' },
});

describe('takeNextStep', () => {
  test('puts segments that follow each other into one message', () => {
    const events = [segment(1), segment(2), chat(3), segment(4)];
    expect(takeNextStep(events, null)).toMatchObject({
      kind: 'send',
      type: 'transcript.segment',
      events: [{ seq: 1 }, { seq: 2 }],
    });
  });

  test('sends every other event by itself', () => {
    expect(takeNextStep([chat(3), chat(4)], null)).toMatchObject({ events: [{ seq: 3 }] });
  });

  test('passes over what the filter keeps out and what is for nobody', () => {
    const events = [running(1), chat(2), segment(3)];
    expect(takeNextStep(events, ['transcript.*'])).toEqual({ kind: 'skip', throughSeq: 2 });
    expect(takeNextStep(events, null)).toEqual({ kind: 'skip', throughSeq: 1 });
    expect(takeNextStep([], null)).toEqual({ kind: 'nothing' });
  });
});

describe('makeMessageId', () => {
  test('names a stretch, and a single place by itself', () => {
    const stretch = { meetingId: 7, fromSeq: 3, throughSeq: 9 };
    expect(makeMessageId(1, stretch)).toBe('msg_1_7_3-9');
    expect(makeMessageId(1, { ...stretch, fromSeq: 9 })).toBe('msg_1_7_9');
  });
});

describe('a filter', () => {
  test.each([
    [null, true],
    [['chat.message'], true],
    [['chat.*'], true],
    [['transcript.*', 'meeting.completed'], false],
  ])('%j lets a chat message through: %s', (filter, expected) => {
    expect(isWanted('chat.message', filter)).toBe(expected);
  });
});

describe('toWebhookType', () => {
  test('names what is ready and leaves out what has only begun', () => {
    const ready = { type: 'analysis.status', run: 1, status: 'completed' } as const;
    expect(toWebhookType(ready)).toBe('analysis.ready');
    expect(toWebhookType({ ...ready, status: 'running' })).toBeNull();
    const status = { type: 'meeting.status', reason: null, message: null } as const;
    expect(toWebhookType({ ...status, status: 'completed' })).toBe('meeting.completed');
  });
});

describe('pauseAfterFailure', () => {
  test('grows from seconds to an hour and stays there', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) =>
      pauseAfterFailure(failures, DELIVERY_TIMING, 0.5),
    );
    expect(pauses.map((ms) => ms / 1_000)).toEqual([5, 20, 80, 320, 1280, 3600, 3600, 3600]);
  });

  test('spreads what failed together by a fifth to either side', () => {
    expect(pauseAfterFailure(1, DELIVERY_TIMING, 0)).toBe(4_000);
    expect(pauseAfterFailure(1, DELIVERY_TIMING, 1)).toBe(6_000);
  });
});

describe('readRetryAfter', () => {
  const now = new Date('2026-01-01T09:00:00Z');
  test.each([
    ['120', 120_000],
    ['0', 0],
    ['-5', 0],
    ['Thu, 01 Jan 2026 09:05:00 GMT', 300_000],
    ['Thu, 01 Jan 2025 09:05:00 GMT', 0],
    ['9999999999', 12 * 3_600_000],
    ['soon', null],
    ['', null],
    [undefined, null],
  ])('reads %j as %j ms', (header, expected) => {
    expect(readRetryAfter(header, now)).toBe(expected);
  });
});
