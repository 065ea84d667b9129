import { Router } from 'express';
import { evidencePathSchema } from '../../domain/api';
import { AudioNotFoundError } from '../../infra/audio-store';
import { findEvidence } from '../../infra/database/evidence';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { requireOwnMeeting } from '../own-meeting';
import { readRequest } from '../validate';

/** What a failed join looked like, for the meeting's owner. */
export function createEvidenceRoutes({ database, audioStore }: ApiDeps): Router {
  const router = Router();

  router.get('/meetings/:id/attempts/:attempt/evidence/:name', async (request, response) => {
    const { path } = readRequest(request, { path: evidencePathSchema });
    await requireOwnMeeting(database, response, path.id);
    const evidence = await findEvidence(database, { meetingId: path.id, ...path });
    if (!evidence) throw makeEvidenceNotFound();
    const bytes = await audioStore.get(evidence.objectKey).catch((error: unknown) => {
      if (error instanceof AudioNotFoundError) throw makeEvidenceNotFound();
      throw error;
    });
    const isPicture = evidence.contentType.startsWith('image/');
    response.set({
      'content-type': evidence.contentType,
      // a page of somebody else's making: kept from running in this origin, shown or saved
      'content-disposition': `${isPicture ? 'inline' : 'attachment'}; filename="attempt-${path.attempt}-${evidence.name}"`,
      // pictures are drawn by the page, which has a port or name of its own, as recordings are played
      'cross-origin-resource-policy': isPicture ? 'cross-origin' : 'same-origin',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    });
    response.end(bytes);
  });

  return router;
}

function makeEvidenceNotFound(): ApiError {
  return new ApiError('evidence_not_found', 'Expected evidence that the attempt left');
}
