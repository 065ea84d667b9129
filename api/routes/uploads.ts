import { ERRORS, Server } from '@tus/server';
import { Router, type Response } from 'express';
import { meetingPathSchema } from '../../domain/api';
import {
  createdUploadSchema,
  createUploadSchema,
  MAX_OPEN_UPLOADS,
  tusHeadersSchema,
  tusPatchHeadersSchema,
  type CreateUpload,
} from '../../domain/uploads';
import type { IntentAnswer } from '../../infra/database/intents';
import type { MeetingRow } from '../../infra/database/meeting-records';
import { projectMeeting } from '../../infra/database/meetings';
import {
  closeUpload,
  countOpenUploads,
  findUpload,
  insertUpload,
  type UploadRow,
} from '../../infra/database/uploads';
import { commandBot } from '../bot-commands';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { readAsked, sendAnswer, type Asked } from '../intents';
import { makeSourceMeeting } from '../make-source';
import { toMeetingView } from '../meeting-view';
import { requireOwnMeeting } from '../own-meeting';
import { startHearing } from '../start-hearing';
import { toUploadView } from '../upload-view';
import { UploadPartStore } from '../uploads-store';
import { readHeaders, readRequest, refuseField } from '../validate';

const TUS_PATH = '/api/meetings';
const BYTES = 'application/offset+octet-stream';

/** Files as meetings: begun here, their bytes by the protocol tus, their progress, their end. */
export function createUploadRoutes(deps: ApiDeps): Router {
  const router = Router();
  const tus = createTusServer(deps);

  router.post('/uploads', async (request, response) => {
    const { body } = readRequest(request, { body: createUploadSchema });
    const answer = await makeUpload(deps, readAsked(request, response), body);
    response.locals['meetingId'] = createdUploadSchema.parse(answer.body).meeting.id;
    sendAnswer(response, answer);
  });

  router.get('/meetings/:id/upload', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const { meeting, upload } = await requireUpload(deps, response, path.id);
    if (request.method !== 'HEAD') {
      response.json(toUploadView(upload, meeting));
      return;
    }
    readHeaders(request, tusHeadersSchema);
    await tus.handle(request, response);
  });

  router.patch('/meetings/:id/upload', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const { upload } = await requireUpload(deps, response, path.id);
    readHeaders(request, tusPatchHeadersSchema);
    if (!request.is(BYTES)) {
      throw new ApiError('unsupported_media_type', `Expected content-type ${BYTES}`);
    }
    if (upload.status !== 'receiving') {
      throw new ApiError(
        'upload_over',
        'Expected an upload that takes bytes, got one that is over',
      );
    }
    await tus.handle(request, response);
  });

  router.delete('/meetings/:id/upload', async (request, response) => {
    const { path } = readRequest(request, { path: meetingPathSchema });
    const found = await requireUpload(deps, response, path.id);
    await cancelUpload(deps, readAsked(request, response), found);
    const { meeting, upload } = await requireUpload(deps, response, path.id);
    response.status(202).json(toUploadView(upload, meeting));
  });

  return router;
}

async function makeUpload(deps: ApiDeps, asked: Asked, body: CreateUpload): Promise<IntentAnswer> {
  const { fileName = null, sizeBytes } = body;
  const most = deps.config.MAX_UPLOAD_BYTES;
  if (sizeBytes > most) refuseField('sizeBytes', `Expected at most ${most} bytes`);
  return makeSourceMeeting(deps, asked, {
    kind: 'create_upload',
    source: 'upload',
    title: body.title ?? fileName,
    language: body.language,
    startedAt: body.recordedAt === undefined ? null : new Date(body.recordedAt),
    async checkLimit(tx) {
      if ((await countOpenUploads(tx, asked.userId)) < MAX_OPEN_UPLOADS) return;
      const message = `Expected at most ${MAX_OPEN_UPLOADS} files on their way`;
      throw new ApiError('too_many_uploads', message);
    },
    async complete(tx, meeting) {
      const upload = await insertUpload(tx, { meetingId: meeting.id, fileName, sizeBytes });
      return { meeting: toMeetingView(meeting), upload: toUploadView(upload, meeting) };
    },
  });
}

/** Speaks the protocol; whose the upload is was judged before. */
function createTusServer(deps: ApiDeps): Server {
  const datastore = new UploadPartStore({
    ...deps,
    async onWhole({ meetingId }) {
      deps.logger.info({ meetingId }, 'file has come');
      await startHearing(deps, { meetingId, source: 'upload', transcriptVersion: 1 });
    },
  });
  return new Server({
    path: TUS_PATH,
    datastore,
    // which pages may call is decided for all routes at one place
    allowedOrigins: [],
    getFileIdFromRequest: ({ url }) => /\/meetings\/(\d+)\/upload/.exec(url)?.[1],
    onResponseError(_request, error) {
      throw toApiError(error);
    },
  });
}

function toApiError(error: unknown): unknown {
  if (error === ERRORS.FILE_NOT_FOUND) {
    return new ApiError('upload_not_found', 'Expected a meeting that is made of a file');
  }
  if (error === ERRORS.INVALID_OFFSET) {
    return new ApiError('upload_conflict', 'Expected bytes that begin where the last ones end');
  }
  if (error === ERRORS.ERR_SIZE_EXCEEDED || error === ERRORS.ERR_MAX_SIZE_EXCEEDED) {
    return new ApiError('payload_too_large', 'Expected no more bytes than the file has');
  }
  if (error === ERRORS.ABORTED) return new ApiError('malformed_request', 'The request broke off');
  return error;
}

async function requireUpload(
  { database }: ApiDeps,
  response: Response,
  meetingId: number,
): Promise<{ meeting: MeetingRow; upload: UploadRow }> {
  const meeting = await requireOwnMeeting(database, response, meetingId);
  const upload = await findUpload(database, meeting.id);
  if (!upload) throw new ApiError('upload_not_found', 'Expected a meeting that is made of a file');
  return { meeting, upload };
}

/** While its bytes come there is no workflow, and the row is all; then the workflow gives it up. */
async function cancelUpload(
  deps: ApiDeps,
  asked: Asked,
  { meeting, upload }: { meeting: MeetingRow; upload: UploadRow },
): Promise<void> {
  const { database, doorbell } = deps;
  const meetingId = meeting.id;
  if (upload.status === 'cancelled') return;
  if (await closeUpload(database, meetingId, 'cancelled')) {
    const decidedAtMs = Date.now();
    const end = { status: 'cancelled', reason: 'upload_cancelled' } as const;
    await projectMeeting(database, { meetingId, decidedAtMs, ...end });
    doorbell.ring('meeting', meetingId);
    return;
  }
  const answer = await commandBot(deps, asked, { kind: 'stop_bot', meeting });
  if (answer.status < 400) return;
  throw new ApiError('upload_over', 'Expected an upload that is on its way, got one that is over');
}
