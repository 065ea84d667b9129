import { z } from 'zod';
import { emptyBodySchema } from '../../domain/api';
import type { Scope } from '../../domain/scopes';
import type { ErrorCode } from '../errors';

/**
 * Who may use a route: anybody, an attempt's bot, an administrator, a signed-in person (never an
 * API key), a person's session as well as any API key of theirs where what they ask for decides
 * the scope, or those with this scope.
 */
export type Access = 'public' | 'bot' | 'admin' | 'session' | 'any_key' | Scope;

/** One route: who may use it, what the audit log calls it, and what it takes and gives. */
export interface Operation {
  /** Its name in generated clients: a verb and its object, of all routes' the only one. */
  id: string;
  access: Access;
  /** A scope that keys need besides that of `access`: for what gives away more than it says. */
  alsoNeeds?: Scope;
  /** The audit log's name for it; every route that changes something or shows what was said has one. */
  audit?: string;
  /** What is read again and again has one entry an hour for a caller, an address and a meeting. */
  auditHourly?: true;
  /** A stricter rate limit besides the usual: for work that costs, or for pages without a sign-in. */
  rate?: 'costly' | 'share';
  /** One line; what needs more room stands in the description. */
  summary: string;
  description?: string;
  path?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Bodies that the schema takes, by name. */
  bodyExamples?: Record<string, unknown>;
  /** Content types of bytes that are taken as a body, besides JSON or instead. */
  byteBodies?: string[];
  /** Content types of a success that is no JSON. */
  byteAnswer?: string | string[];
  /** Success statuses with what they carry. */
  answers: Record<number, z.ZodType | null>;
  /** Headers of a success, besides those that every answer has, each with what it says. */
  answerHeaders?: Record<string, string>;
  /** Codes besides those that follow from access, path and body: see api/openapi/refusals.ts. */
  errors?: ErrorCode[];
}

/** Keys are method and path, as `get /api/meetings/{id}`. */
export type Operations = Record<string, Operation>;

/** Requests that carry nothing but their path. */
export const noBody = emptyBodySchema;

export const idempotency = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional()
    .describe('The same key with the same request gets the same answer for 24 hours'),
});

export const OWN: ErrorCode[] = ['meeting_not_found', 'invalid_request'];
