import { evidencePathSchema, meetingPathSchema, pageQuerySchema } from '../../domain/api';
import {
  botCommandListSchema,
  botCommandViewSchema,
  sendChatSchema,
  speakSchema,
} from '../../domain/talking-back';
import type { ErrorCode } from '../errors';
import { idempotency, noBody, OWN, type Operations } from './operation';

const botCommand = botCommandViewSchema.meta({ id: 'BotCommand' });
const TALK: ErrorCode[] = [...OWN, 'no_running_bot', 'meeting_over', 'idempotency_key_reused'];

export const TALKING_BACK: Operations = {
  'post /api/meetings/{id}/chat': {
    access: 'bots',
    audit: 'bot.chatted',
    summary:
      'Have the bot write into the meeting’s chat. Kept until a bot has done it; the next attempt takes it over, the meeting’s end fails it. The event `command.status` says what became of it.',
    path: meetingPathSchema,
    headers: idempotency,
    body: sendChatSchema,
    answers: { 202: botCommand },
    errors: TALK,
  },
  'post /api/meetings/{id}/speak': {
    access: 'bots',
    audit: 'bot.spoke',
    rate: 'costly',
    summary:
      'Have the bot say something: text through the installation’s speech synthesis, or a WAV file of at most 5 MiB (16-bit PCM, mono or stereo, 8 to 48 kHz, at most 5 minutes)',
    path: meetingPathSchema,
    headers: idempotency,
    body: speakSchema,
    byteBodies: ['audio/wav'],
    answers: { 202: botCommand },
    errors: [...TALK, 'tts_not_configured', 'tts_failed', 'invalid_audio', 'payload_too_large'],
  },
  'post /api/meetings/{id}/stop-speaking': {
    access: 'bots',
    audit: 'bot.silenced',
    summary: 'Have the bot be quiet at once',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 202: botCommand },
    errors: TALK,
  },
  'get /api/meetings/{id}/commands': {
    access: 'bots',
    summary: 'What the bot was asked to say or write and what became of it, newest first',
    path: meetingPathSchema,
    query: pageQuerySchema,
    answers: { 200: botCommandListSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/attempts/{attempt}/evidence/{name}': {
    access: 'meetings:read',
    summary: 'What a failed join looked like; kept 14 days',
    path: evidencePathSchema,
    byteAnswer: 'application/octet-stream',
    answers: { 200: null },
    errors: [...OWN, 'evidence_not_found'],
  },
  'get /api/meetings/{id}/recording': {
    access: 'transcripts:read',
    audit: 'recording.read',
    summary: 'The assembled recording, whole or (206) the stretch that a Range header names',
    path: meetingPathSchema,
    byteAnswer: 'audio/webm',
    answers: { 200: null, 206: null },
    errors: [...OWN, 'recording_not_ready'],
  },
};
