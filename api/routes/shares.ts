import { Router } from 'express';
import { meetingPathSchema, pageQuerySchema } from '../../domain/api';
import {
  createShareSchema,
  MOST_OPEN_SHARES,
  settleExpiry,
  sharePathSchema,
} from '../../domain/sharing';
import { insertShare, listShares, revokeShare } from '../../infra/database/shares';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { requireOwnMeeting } from '../own-meeting';
import { decodeCursor, encodeCursor } from '../page-cursor';
import { hashShareToken, makeShareToken } from '../share/share-token';
import { readRequest, refuseField } from '../validate';

/** `/api/meetings/:id/shares`: links by which others read a meeting. */
export function createShareRoutes({ database, config }: ApiDeps): Router {
  const router = Router();

  router.post('/meetings/:id/shares', async (request, response) => {
    const { path, body } = readRequest(request, {
      path: meetingPathSchema,
      body: createShareSchema,
    });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const expiresAt = settleExpiry(body.expiresAt, Date.now());
    if (!expiresAt) refuseField('expiresAt', 'Expected a moment within the next 365 days');
    const token = makeShareToken();
    const tokenSha256 = hashShareToken(token);
    if (tokenSha256 === null) throw new Error('Expected a token of the usual form');
    const emails = [...new Set(body.emails)];
    const share = await insertShare(database, {
      meetingId: meeting.id,
      tokenSha256,
      emails,
      expiresAt,
    });
    if (!share) {
      throw new ApiError('too_many_shares', `Expected fewer than ${MOST_OPEN_SHARES} open links`);
    }
    const url = new URL(`/s/${token}`, config.API_URL).href;
    response
      .status(201)
      .set('cache-control', 'no-store')
      .json({ ...share, token, url });
  });

  router.get('/meetings/:id/shares', async (request, response) => {
    const { path, query } = readRequest(request, {
      path: meetingPathSchema,
      query: pageQuerySchema,
    });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const { shares, nextBeforeId } = await listShares(database, {
      meetingId: meeting.id,
      limit: query.limit,
      beforeId: query.cursor === undefined ? null : decodeCursor(query.cursor),
    });
    response.json({
      shares,
      nextCursor: nextBeforeId === null ? null : encodeCursor(nextBeforeId),
    });
  });

  router.delete('/meetings/:id/shares/:shareId', async (request, response) => {
    const { path } = readRequest(request, { path: sharePathSchema });
    const meeting = await requireOwnMeeting(database, response, path.id);
    const key = { meetingId: meeting.id, shareId: path.shareId };
    if (!(await revokeShare(database, key))) {
      throw new ApiError('share_not_found', `Expected a link of this meeting, got ${path.shareId}`);
    }
    response.status(204).end();
  });

  return router;
}
