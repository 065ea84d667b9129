import {
  eventPageSchema,
  followQuerySchema,
  meetingPathSchema,
  retryAnswerSchema,
  transcriptionPageSchema,
} from '../../domain/api';
import { analysisSchema } from '../../domain/analysis';
import { EXPORT_TYPES, exportedJsonSchema, exportQuerySchema } from '../../domain/export';
import { idempotency, noBody, OWN, type Operations } from './operation';

export const TRANSCRIPTS: Operations = {
  'get /api/meetings/{id}/transcription': {
    id: 'getTranscription',
    access: 'transcripts:read',
    summary: 'Segments from a place on, with a long poll',
    description:
      'Segments with `seq` greater than `after`, waiting up to `wait` seconds for the first new one. A corrected segment comes again under its id with a new seq.',
    path: meetingPathSchema,
    query: followQuerySchema,
    answers: { 200: transcriptionPageSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/events': {
    id: 'listMeetingEvents',
    access: 'transcripts:read',
    summary: 'Everything on the meeting’s cursor, segments included',
    description: 'Read like the transcription.',
    path: meetingPathSchema,
    query: followQuerySchema,
    answers: { 200: eventPageSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/export': {
    id: 'exportMeeting',
    access: 'transcripts:read',
    audit: 'transcript.exported',
    rate: 'costly',
    summary: 'The transcript as a file, with the analysis where the format has a place for it',
    description:
      'Made while it is sent, the meeting’s newest finished analysis on top (`md`, `json`, `docx`, `pdf`). Gaps are named where they lie. A PDF shows letters of scripts that it cannot set, such as Chinese or Arabic, as boxes and says so on its first page.',
    path: meetingPathSchema,
    query: exportQuerySchema,
    byteAnswer: Object.values(EXPORT_TYPES).filter((type) => type !== EXPORT_TYPES.json),
    answers: { 200: exportedJsonSchema },
    answerHeaders: { 'Content-Disposition': 'The file’s name, made from the meeting’s title' },
    errors: OWN,
  },
  'post /api/meetings/{id}/retry-transcription': {
    id: 'retryTranscription',
    access: 'meetings:write',
    audit: 'transcription.retried',
    rate: 'costly',
    summary: 'Try again to transcribe what could not be',
    description:
      'Every chunk that `chunk.failed` told of is pending again; its words come as new segments. Asked twice, the second finds nothing left to do.',
    path: meetingPathSchema,
    body: noBody,
    answers: { 202: retryAnswerSchema },
    errors: OWN,
  },
  'get /api/meetings/{id}/recording': {
    id: 'getRecording',
    access: 'transcripts:read',
    audit: 'recording.read',
    summary: 'The assembled recording, whole or by Range',
    description:
      '206 is the stretch that a `Range` header names; 304 what `If-None-Match` knows already.',
    path: meetingPathSchema,
    byteAnswer: 'audio/webm',
    answers: { 200: null, 206: null, 304: null },
    answerHeaders: {
      'Accept-Ranges': '`bytes`',
      'Content-Range': 'Of a 206: which bytes these are, and of how many',
      ETag: 'Changes with the file',
    },
    errors: [...OWN, 'recording_not_ready', 'range_not_satisfiable'],
  },
  'get /api/meetings/{id}/analysis': {
    id: 'getAnalysis',
    access: 'transcripts:read',
    summary: 'The newest analysis',
    path: meetingPathSchema,
    answers: { 200: analysisSchema },
    errors: [...OWN, 'analysis_not_found'],
  },
  'post /api/meetings/{id}/analysis': {
    id: 'requestAnalysis',
    access: 'meetings:write',
    audit: 'analysis.asked',
    rate: 'costly',
    summary: 'Analyse the meeting again',
    description: 'While an analysis runs, that one is the answer.',
    path: meetingPathSchema,
    headers: idempotency,
    body: noBody,
    answers: { 202: analysisSchema },
    errors: [...OWN, 'meeting_not_over', 'idempotency_key_reused'],
  },
};
