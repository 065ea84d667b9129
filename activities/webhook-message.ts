import type { MeetingEvent } from '../domain/events';
import type { WebhookMeeting, WebhookType } from '../domain/webhooks';
import { makeMessageId } from '../domain/webhook-batches';
import type { Queryable } from '../infra/database/client';
import { readAnalysisData, readRecordingData } from '../infra/database/webhook-messages';

/** A message as it is posted, and the stretch of the log it stands for. */
export interface WebhookMessage {
  id: string;
  type: WebhookType;
  text: string;
  fromSeq: number;
  throughSeq: number;
}

export interface MessageParts {
  endpointId: number;
  meetingId: number;
  meeting: WebhookMeeting;
  type: WebhookType;
  events: [MeetingEvent, ...MeetingEvent[]];
  /** What the endpoint has; segments stand for all that follows it. */
  afterSeq: number;
  throughSeq: number;
}

/** Writes a message with all that its consumer needs. */
export async function makeMessage(db: Queryable, parts: MessageParts): Promise<WebhookMessage> {
  const { meetingId, meeting, type, throughSeq } = parts;
  const fromSeq = type === 'transcript.segment' ? parts.afterSeq + 1 : throughSeq;
  const id = makeMessageId(parts.endpointId, { meetingId, fromSeq, throughSeq });
  const timestamp = parts.events.at(-1)?.at;
  const data = { meetingId, seq: throughSeq, meeting, ...(await readData(db, parts)) };
  return { id, type, fromSeq, throughSeq, text: JSON.stringify({ id, type, timestamp, data }) };
}

async function readData(db: Queryable, { meetingId, events }: MessageParts): Promise<object> {
  const { event } = events[0];
  switch (event.type) {
    case 'segment':
    case 'segment.updated':
      return { segments: events.flatMap(({ event: each }) => toSegment(each)) };
    case 'meeting.status':
      return { reason: event.reason, message: event.message };
    case 'analysis.status': {
      const { error, ...analysis } = await readAnalysisData(db, { meetingId, run: event.run });
      return { run: event.run, ...(event.status === 'failed' ? { error } : analysis) };
    }
    case 'recording.status':
      if (event.status !== 'ready') return {};
      return {
        url: `/api/meetings/${meetingId}/recording`,
        ...(await readRecordingData(db, meetingId)),
      };
    case 'upload.progress':
    case 'bot.pickup_delayed':
    case 'meeting.planned':
    case 'bot.status':
    case 'command.status':
    case 'gap':
    case 'chunk.failed':
    case 'transcript.ready':
    case 'participant.joined':
    case 'participant.left':
    case 'participant.renamed':
    case 'chat.message': {
      const { type: _type, ...data } = event;
      return data;
    }
  }
}

function toSegment(event: MeetingEvent['event']): object[] {
  if (event.type !== 'segment' && event.type !== 'segment.updated') return [];
  return [{ ...event.segment, corrected: event.type === 'segment.updated' }];
}
