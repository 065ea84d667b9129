import {
  attemptListSchema,
  commandAnswerSchema,
  evidencePathSchema,
  meetingPathSchema,
  pageQuerySchema,
} from '../../domain/api';
import { EVIDENCE_TYPES } from '../../domain/bot-api';
import {
  botCommandListSchema,
  botCommandViewSchema,
  sendChatSchema,
  speakSchema,
} from '../../domain/talking-back';
import type { ErrorCode } from '../errors';
import { idempotency, noBody, OWN, type Operations } from './operation';

const TALK: ErrorCode[] = [...OWN, 'no_running_bot', 'meeting_over', 'idempotency_key_reused'];
const CARRIED_OUT =
  '200: the workflow has it. 202: kept, and carried out as soon as a worker answers.';

export const BOTS: Operations = {
  'post /api/meetings/{id}/start-bot': {
    id: 'startBot',
    access: 'bots',
    audit: 'bot.started',
    rate: 'costly',
    summary: 'Send the bot',
    description: `Twice is the same bot. ${CARRIED_OUT}`,
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 200: commandAnswerSchema, 202: commandAnswerSchema },
    errors: [
      ...OWN,
      'no_running_bot',
      'command_refused',
      'idempotency_key_reused',
      'too_many_bots',
      'bot_minutes_used_up',
    ],
  },
  'post /api/meetings/{id}/stop-bot': {
    id: 'stopBot',
    access: 'bots',
    audit: 'bot.stopped',
    summary: 'Ask the bot to leave',
    description: `What it heard is still transcribed. A planned meeting that waits is cancelled. ${CARRIED_OUT}`,
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 200: commandAnswerSchema, 202: commandAnswerSchema },
    errors: [...OWN, 'no_running_bot', 'command_refused', 'idempotency_key_reused'],
  },
  'get /api/meetings/{id}/attempts': {
    id: 'listAttempts',
    access: 'meetings:read',
    summary: 'Every run of a bot in this meeting, with how it ended',
    path: meetingPathSchema,
    answers: { 200: attemptListSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/attempts/{attempt}/evidence/{name}': {
    id: 'getEvidence',
    access: 'meetings:read',
    audit: 'evidence.read',
    auditHourly: true,
    summary: 'What a failed join looked like; kept 14 days',
    path: evidencePathSchema,
    byteAnswer: Object.values(EVIDENCE_TYPES),
    answers: { 200: null },
    errors: [...OWN, 'evidence_not_found'],
  },
  'post /api/meetings/{id}/chat': {
    id: 'sendChat',
    access: 'bots',
    audit: 'bot.chatted',
    summary: 'Have the bot write into the meeting’s chat',
    description:
      'Kept until a bot has done it; the next attempt takes it over, the meeting’s end fails it. The event `command.status` says what became of it.',
    path: meetingPathSchema,
    headers: idempotency,
    body: sendChatSchema,
    bodyExamples: { text: { text: 'The notes will be in your inbox after the call.' } },
    answers: { 202: botCommandViewSchema },
    errors: TALK,
  },
  'post /api/meetings/{id}/speak': {
    id: 'speak',
    access: 'bots',
    audit: 'bot.spoke',
    rate: 'costly',
    summary: 'Have the bot say something',
    description:
      'Text through the installation’s speech synthesis, or a WAV file of at most 5 MiB (16-bit PCM, mono or stereo, 8 to 48 kHz, at most 5 minutes).',
    path: meetingPathSchema,
    headers: idempotency,
    body: speakSchema,
    bodyExamples: { text: { text: 'Five minutes are left.' } },
    byteBodies: ['audio/wav'],
    answers: { 202: botCommandViewSchema },
    errors: [...TALK, 'tts_not_configured', 'tts_failed', 'invalid_audio'],
  },
  'post /api/meetings/{id}/stop-speaking': {
    id: 'stopSpeaking',
    access: 'bots',
    audit: 'bot.silenced',
    summary: 'Have the bot be quiet at once',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 202: botCommandViewSchema },
    errors: TALK,
  },
  'get /api/meetings/{id}/commands': {
    id: 'listCommands',
    access: 'bots',
    summary: 'What the bot was asked to say or write and what became of it, newest first',
    path: meetingPathSchema,
    query: pageQuerySchema,
    answers: { 200: botCommandListSchema },
    errors: OWN,
  },
};
