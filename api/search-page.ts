import { z } from 'zod';
import type { SearchPage, SearchQuery } from '../domain/search';
import type { Database } from '../infra/database/client';
import { searchSegments, type SearchPosition } from '../infra/database/search';
import { refuseCursor } from './page-cursor';

/** A page of what was said in a user's own meetings. */
export async function readSearchPage(
  database: Database,
  userId: number,
  { cursor, limit, ...search }: SearchQuery,
): Promise<SearchPage> {
  const after = cursor === undefined ? null : decodePosition(cursor);
  const page = await searchSegments(database, { ...search, userId }, { limit, after });
  return {
    results: page.results,
    nextCursor: page.next && encodePosition(page.next),
    hasOlder: page.hasOlder,
  };
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
