import { z } from 'zod';
import {
  botAssignmentSchema,
  botChatSchema,
  botCommandAckSchema,
  botCommandPathSchema,
  botCommandsQuerySchema,
  botCommandsSchema,
  botGapSchema,
  botHeartbeatSchema,
  botIdentityStateSchema,
  botJoinTokenSchema,
  botParticipantsSchema,
  botReportReceiptSchema,
  botReportSchema,
  botSourcesSchema,
  botTimeSchema,
  chunkHeadersSchema,
  chunkPathSchema,
  chunkReceiptSchema,
  evidenceNameSchema,
  recordingPartHeadersSchema,
  recordingPartPathSchema,
} from '../../domain/bot-api';
import { BOT_API_PREFIX } from '../../domain/bot-api';
import type { ErrorCode } from '../errors';
import type { Operation, Operations } from './operation';

const BOT: ErrorCode[] = ['superseded', 'meeting_deleted'];

/** 1 January 2026, 9:00:12 by the server's clock. */
const atMs = 1_767_258_012_000;

const ROUTES: Record<string, Omit<Operation, 'access'>> = {
  'get /assignment': {
    id: 'getBotAssignment',
    summary: 'All a bot needs to know',
    answers: { 200: botAssignmentSchema },
  },
  'get /time': {
    id: 'getServerTime',
    summary: 'The server’s clock',
    answers: { 200: botTimeSchema },
    errors: [],
  },
  'put /chunks/{track}/{seq}': {
    id: 'putChunk',
    summary: 'An audio chunk',
    description: 'WAV, 16 kHz, mono, 16-bit. 201: taken. 200: had been taken before.',
    byteBodies: ['audio/wav'],
    path: chunkPathSchema,
    headers: chunkHeadersSchema,
    answers: { 200: chunkReceiptSchema, 201: chunkReceiptSchema },
    errors: [...BOT, 'intake_closed', 'chunk_conflict', 'invalid_audio', 'hash_mismatch'],
  },
  'post /reports': {
    id: 'postBotReport',
    summary: 'What the bot says of itself',
    body: botReportSchema,
    bodyExamples: { joining: { reportSeq: 1, state: 'joining', atMs } },
    answers: { 200: botReportReceiptSchema },
  },
  'post /heartbeat': {
    id: 'postBotHeartbeat',
    summary: 'Alive',
    body: botHeartbeatSchema,
    bodyExamples: { alive: { atMs, spooledChunks: 1, acknowledgedChunks: 12 } },
    answers: { 204: null },
  },
  'post /participants': {
    id: 'postBotParticipants',
    summary: 'Who came, left or changed their name',
    body: botParticipantsSchema,
    bodyExamples: {
      joined: { changes: [{ key: 'p-7', name: 'Jonas', change: 'joined', atMs }] },
    },
    answers: { 204: null },
  },
  'post /sources': {
    id: 'postBotSources',
    summary: 'Whose contributing sources were',
    description: 'Segments that were written without a speaker are corrected.',
    body: botSourcesSchema,
    bodyExamples: { known: { bindings: [{ source: 'csrc-1001', participantKey: 'p-7' }] } },
    answers: { 204: null },
  },
  'post /gaps': {
    id: 'postBotGap',
    summary: 'A stretch that could not be heard',
    body: botGapSchema,
    bodyExamples: {
      silent: {
        key: 'gap-1',
        startAtMs: atMs,
        endAtMs: atMs + 4_000,
        reason: 'silent_capture',
      },
    },
    answers: { 204: null },
  },
  'put /recording/{seq}': {
    id: 'putRecordingPart',
    summary: 'A part of the recording',
    description: 'Together, in order, the parts are one WebM stream.',
    path: recordingPartPathSchema,
    headers: recordingPartHeadersSchema,
    byteBodies: ['audio/webm'],
    answers: { 204: null },
    errors: [...BOT, 'intake_closed', 'chunk_conflict', 'hash_mismatch'],
  },
  'post /chat': {
    id: 'postBotChat',
    summary: 'A chat message',
    body: botChatSchema,
    bodyExamples: { message: { key: 'chat-1', from: 'Jonas', text: 'Hello', atMs } },
    answers: { 204: null },
  },
  'put /evidence/{name}': {
    id: 'putBotEvidence',
    summary: 'What a failed join looked like',
    description: 'The same name replaces it.',
    path: z.object({ name: evidenceNameSchema }),
    byteBodies: ['application/octet-stream'],
    answers: { 204: null },
  },
  'get /identity': {
    id: 'getBotIdentity',
    summary: 'The browser state of the identity to sign in with',
    answers: { 200: botIdentityStateSchema },
    errors: [...BOT, 'no_identity'],
  },
  'post /join-token': {
    id: 'requestJoinToken',
    summary: 'The platform’s join token',
    description:
      'The API posts `{"meetingId", "platform", "attempt"}` to the meeting’s joinTokenUrl, signed as Standard Webhooks says where OUTGOING_SIGNING_SECRET is set, and expects `{"token"}` within 10 s in at most 16 KiB, without a redirect.',
    answers: { 200: botJoinTokenSchema },
    errors: [...BOT, 'no_join_token_url', 'join_token_failed'],
  },
  'get /speech/{id}': {
    id: 'getSpeech',
    summary: 'What the bot is to say, as WAV',
    path: z.object({ id: z.uuid() }),
    byteAnswer: 'audio/wav',
    answers: { 200: null },
    errors: [...BOT, 'speech_not_found'],
  },
  'get /commands': {
    id: 'listBotCommands',
    summary: 'Commands after a place, waiting for the first',
    query: botCommandsQuerySchema,
    answers: { 200: botCommandsSchema },
  },
  'post /commands/{seq}/begin': {
    id: 'beginBotCommand',
    summary: 'The bot begins with the command: no later attempt does it again',
    path: botCommandPathSchema,
    answers: { 204: null },
  },
  'post /commands/{seq}/ack': {
    id: 'acknowledgeBotCommand',
    summary: 'What became of the command',
    description: 'No body means done.',
    path: botCommandPathSchema,
    body: botCommandAckSchema.optional(),
    bodyExamples: { failed: { status: 'failed', detail: 'The chat is closed' } },
    answers: { 204: null },
  },
};

/** Routes that bots use: each by the bearer token of one attempt. */
export const BOT_OPERATIONS: Operations = Object.fromEntries(
  Object.entries(ROUTES).map(([key, operation]) => [
    key.replace(' ', ` ${BOT_API_PREFIX}`),
    { errors: BOT, ...operation, access: 'bot' },
  ]),
);
