import { z } from 'zod';
import type { Scope } from '../../domain/scopes';
import type { ErrorCode } from '../errors';

/**
 * Who may use a route: anybody, an attempt's bot, an administrator, a signed-in person (never an
 * API key), or a person's session as well as an API key of theirs with this scope.
 */
export type Access = 'public' | 'bot' | 'admin' | 'session' | Scope;

/** One route: who may use it, what the audit log calls it, and what it takes and gives. */
export interface Operation {
  access: Access;
  /** The audit log's name for it; every route that changes something has one. */
  audit?: string;
  /** A stricter rate limit besides the usual: for work that costs, or for pages without a sign-in. */
  rate?: 'costly' | 'share';
  summary: string;
  path?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Content types of bytes that are taken as a body, besides JSON or instead. */
  byteBodies?: string[];
  /** Content type of a success that is no JSON. */
  byteAnswer?: string;
  /** Success statuses with what they carry. */
  answers: Record<number, z.ZodType | null>;
  errors?: ErrorCode[];
}

/** Keys are method and path, as `get /api/meetings/{id}`. */
export type Operations = Record<string, Operation>;

/** Requests that carry nothing but their path. */
export const noBody = z.strictObject({});

export const idempotency = z.object({
  'idempotency-key': z
    .string()
    .max(200)
    .optional()
    .describe('The same key with the same request gets the same answer for 24 hours'),
});

export const OWN: ErrorCode[] = ['meeting_not_found', 'invalid_request'];
