import { meetingPathSchema, meetingSchema } from '../../domain/api';
import { chunkReceiptSchema, recordedChunkHeadersSchema } from '../../domain/bot-api';
import {
  createRecorderSchema,
  finishRecorderSchema,
  recorderChunkPathSchema,
  startedRecorderSchema,
} from '../../domain/recorders';
import {
  createdUploadSchema,
  createUploadSchema,
  tusPatchHeadersSchema,
  UPLOAD_FORMATS,
  uploadSchema,
} from '../../domain/uploads';
import { idempotency, noBody, OWN, type Operations } from './operation';

const OFFSET_HEADER = {
  'Upload-Offset': 'How many bytes are kept',
  'Tus-Resumable': 'The version of the protocol',
};

export const SOURCES: Operations = {
  'post /api/recorders': {
    id: 'startRecorder',
    access: 'meetings:write',
    audit: 'recorder.started',
    summary: 'Begin a meeting that a browser records',
    description:
      'Its sound comes in chunks, numbered per track from 1. Without a chunk or a sign of life for 30 minutes the recorder counts as lost, and the meeting ends with what came.',
    headers: idempotency,
    body: createRecorderSchema,
    bodyExamples: { plain: {}, titled: { title: 'Interview', language: 'en' } },
    answers: { 201: startedRecorderSchema },
    errors: ['idempotency_key_reused', 'too_many_recorders'],
  },
  'put /api/meetings/{id}/chunks/{track}/{seq}': {
    id: 'sendRecordedChunk',
    access: 'meetings:write',
    summary: 'Send a chunk of a recording',
    description:
      'WAV, 16 kHz, mono, 16 bit, at most 1 MiB. Acknowledged means stored: the same chunk sent again is no other one.',
    path: recorderChunkPathSchema,
    headers: recordedChunkHeadersSchema,
    byteBodies: ['audio/wav'],
    answers: { 200: chunkReceiptSchema, 201: chunkReceiptSchema },
    errors: [
      ...OWN,
      ...(['invalid_audio', 'hash_mismatch', 'chunk_conflict', 'payload_too_large'] as const),
      ...(['intake_closed', 'superseded', 'meeting_deleted', 'recorder_over'] as const),
      'unavailable',
    ],
  },
  'post /api/meetings/{id}/recorder/alive': {
    id: 'noteRecorder',
    access: 'meetings:write',
    summary: 'Say that the recorder is there while it has nothing to send',
    path: meetingPathSchema,
    body: noBody,
    answers: { 204: null },
    errors: [...OWN, 'recorder_over'],
  },
  'post /api/meetings/{id}/recorder/finish': {
    id: 'finishRecorder',
    access: 'meetings:write',
    audit: 'recorder.finished',
    summary: 'Finish a recording',
    description: 'Of the named tracks, chunks that are still missing are waited for a minute.',
    path: meetingPathSchema,
    body: finishRecorderSchema,
    bodyExamples: { tracks: { lastSeqs: { microphone: 12 } } },
    answers: { 202: meetingSchema },
    errors: [...OWN, 'recorder_over'],
  },
  'post /api/uploads': {
    id: 'createUpload',
    access: 'meetings:write',
    audit: 'upload.begun',
    summary: 'Begin a meeting that is made of a file',
    description: `${UPLOAD_FORMATS} with at most 4 hours of sound and MAX_UPLOAD_BYTES (2 GiB). Its bytes follow at \`upload.url\` by the protocol [tus](https://tus.io/protocols/resumable-upload): PATCH, and HEAD to go on after a break. Without a byte for a day it counts as given up.`,
    headers: idempotency,
    body: createUploadSchema,
    bodyExamples: { file: { fileName: 'interview.mp3', sizeBytes: 28_000_000 } },
    answers: { 201: createdUploadSchema },
    errors: ['idempotency_key_reused', 'too_many_uploads'],
  },
  'get /api/meetings/{id}/upload': {
    id: 'getUpload',
    access: 'meetings:read',
    summary: 'How far a file is: its bytes, then its words',
    description:
      'HEAD, by tus, answers with the headers alone: `Upload-Offset` and `Upload-Length`.',
    path: meetingPathSchema,
    answers: { 200: uploadSchema },
    errors: [...OWN, 'upload_not_found'],
  },
  'patch /api/meetings/{id}/upload': {
    id: 'sendUploadBytes',
    access: 'meetings:write',
    summary: 'Send bytes of a file, by tus',
    path: meetingPathSchema,
    headers: tusPatchHeadersSchema,
    byteBodies: ['application/offset+octet-stream'],
    answers: { 204: null },
    answerHeaders: OFFSET_HEADER,
    errors: [
      ...OWN,
      ...(['upload_not_found', 'upload_conflict', 'upload_over'] as const),
      ...(['payload_too_large', 'unsupported_media_type', 'malformed_request'] as const),
      'unavailable',
    ],
  },
  'delete /api/meetings/{id}/upload': {
    id: 'cancelUpload',
    access: 'meetings:write',
    audit: 'upload.cancelled',
    summary: 'Cancel a file, while its bytes come or while it is transcribed',
    description: 'What was written down until then stays.',
    path: meetingPathSchema,
    answers: { 202: uploadSchema },
    errors: [...OWN, 'upload_not_found', 'upload_over'],
  },
};
