import { z } from 'zod';
import { EMPTY_ANALYSIS } from '../domain/analysis';
import type { StoredEventBody } from '../domain/events';
import {
  WEBHOOK_DATA,
  WEBHOOK_TYPES,
  webhookBodySchema,
  type WebhookType,
} from '../domain/webhooks';
import { appendEvent, readCursor } from '../infra/database/events';
import { settleRecording } from '../infra/database/recordings';
import { insertMeeting } from '../test/records';
import { setUpDeliveries } from '../test/webhooks/delivery-runs';

const s = setUpDeliveries();

const CONTENT = { ...EMPTY_ANALYSIS, summary: [{ text: 'We ship on Friday.', segmentIds: [1] }] };
const RECORDING = { key: 'one.webm', bytes: 1_000, durationMs: 60_000 };

const about = { attempt: 1, reason: null, message: null };
const participant = { id: 7, name: 'Maya' };
const status = { type: 'meeting.status', reason: null, message: null } as const;

/** What happens in a meeting's life, one of each kind; segments and the recording come by themselves. */
const EVENTS: StoredEventBody[] = [
  { ...status, status: 'created' },
  { ...status, status: 'scheduled' },
  { type: 'meeting.planned', scheduledStart: '2026-01-01T09:00:00.000Z' },
  { ...status, status: 'joining' },
  { type: 'bot.pickup_delayed', attempt: 1, reason: null, queuePlace: 2, message: 'Others first' },
  { type: 'bot.status', status: 'in_meeting', ...about },
  { ...status, status: 'live' },
  { type: 'participant.joined', participant },
  { type: 'participant.renamed', participant },
  { type: 'participant.left', participant },
  { type: 'chat.message', from: 'Maya', text: 'hello' },
  { type: 'command.status', commandId: 1, kind: 'speak', status: 'done', detail: null },
  { type: 'gap', startMs: 0, endMs: 9, attempt: 1, reason: 'crashed' },
  { type: 'chunk.failed', startMs: 0, endMs: 9, reason: 'Whisper refused it' },
  { ...status, status: 'processing' },
  { type: 'transcript.ready', version: 1, segments: 2 },
  { type: 'analysis.status', run: 1, status: 'completed' },
  { type: 'analysis.status', run: 2, status: 'failed' },
  { type: 'recording.status', status: 'failed' },
  { ...status, status: 'completed' },
  { ...status, status: 'failed', reason: 'crashed', message: 'The bot crashed.' },
  { ...status, status: 'cancelled' },
];

/** A meeting in which everything has happened, and the messages of it by their type. */
async function liveAndDeliver() {
  const { meetingId, userId } = await insertMeeting(s.db, { title: 'Planning' });
  const endpoint = await s.makeEndpoint(userId);
  const run = { meetingId, transcriptVersion: 1 };
  await s.db.prisma.analysisResult.createMany({
    data: [
      { ...run, run: 1, status: 'completed', provider: 'local', resultData: CONTENT },
      { ...run, run: 2, status: 'failed', error: 'The model gave no answer' },
    ],
  });
  for (const body of EVENTS) await appendEvent(s.db, meetingId, { body });
  await s.speak(meetingId, ['one', 'two']);
  const url = `/api/meetings/${meetingId}/recording`;
  await settleRecording(s.db, meetingId, { status: 'ready', file: RECORDING, url });
  await s.deliver(endpoint.id);
  const received = [...s.consumer.received];
  const read = <Type extends WebhookType>(type: Type) => {
    const shape: (typeof WEBHOOK_DATA)[Type]['shape'] = WEBHOOK_DATA[type].shape;
    const message = received.find(({ body }) => body.type === type);
    return webhookBodySchema(type, z.strictObject(shape)).parse(message?.body);
  };
  return { meetingId, received, read };
}

describe('a message', () => {
  test('of every kind is what the document says of it, with an id and a place of its own', async () => {
    const { meetingId, received, read } = await liveAndDeliver();
    for (const type of WEBHOOK_TYPES) {
      expect(read(type).data).toMatchObject({ meetingId, meeting: { title: 'Planning' } });
    }
    const ids = received.map(({ body }) => body.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(ids);
    const places = received.map(({ body }) => body.data.seq);
    expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
    expect(places.at(-1)).toBe(await readCursor(s.db, meetingId));
  });

  test('has what its consumer would have to ask for otherwise', async () => {
    const { meetingId, read } = await liveAndDeliver();
    const segments = read('transcript.segment').data.segments;
    expect(segments.map(({ text, corrected }) => [text, corrected])).toEqual([
      ['one', false],
      ['two', false],
    ]);
    expect(read('transcript.ready').data).toMatchObject({ version: 1, segments: 2 });
    expect(read('analysis.ready').data).toMatchObject({
      run: 1,
      provider: 'local',
      content: CONTENT,
    });
    expect(read('analysis.failed').data.error).toBe('The model gave no answer');
    expect(read('recording.ready').data).toMatchObject({
      url: `/api/meetings/${meetingId}/recording`,
      bytes: 1_000,
      durationMs: 60_000,
    });
    expect(read('meeting.failed').data).toMatchObject({
      reason: 'crashed',
      message: 'The bot crashed.',
    });
  });
});
