import { Router } from 'express';
import { z } from 'zod';
import { searchQuerySchema } from '../../domain/search';
import { searchSegments, type SearchPosition } from '../../infra/database/search';
import { currentUserId } from '../auth/current-user';
import type { ApiDeps } from '../deps';
import { refuseCursor } from '../page-cursor';
import { readRequest } from '../validate';

/** `GET /api/search`: what was said in one's own meetings. */
export function createSearchRoutes({ database }: ApiDeps): Router {
  const router = Router();
  router.get('/search', async (request, response) => {
    const { query } = readRequest(request, { query: searchQuerySchema });
    const { cursor, limit, ...search } = query;
    const after = cursor === undefined ? null : decodePosition(cursor);
    const userId = currentUserId(response);
    const page = await searchSegments(database, { ...search, userId }, { limit, after });
    response.json({
      results: page.results,
      nextCursor: page.next && encodePosition(page.next),
      hasOlder: page.hasOlder,
    });
  });
  return router;
}

const positionSchema = z.tuple([z.int32().min(1), z.number(), z.int32().min(1)]);

function encodePosition({ newestId, rank, id }: SearchPosition): string {
  return Buffer.from(JSON.stringify([newestId, rank, id])).toString('base64url');
}

function decodePosition(cursor: string): SearchPosition {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    const [newestId, rank, id] = positionSchema.parse(JSON.parse(text));
    return { newestId, rank, id };
  } catch {
    return refuseCursor();
  }
}
