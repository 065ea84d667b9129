import type { Request } from 'express';
import type { z } from 'zod';
import { ApiError } from './errors';

interface Schemas<Path, Query, Body> {
  path?: z.ZodType<Path>;
  query?: z.ZodType<Query>;
  body?: z.ZodType<Body>;
}

interface Problem {
  in: 'path' | 'query' | 'body' | 'headers';
  field: string;
  message: string;
}

/** Checks a request's parts and throws one 422 that lists every problem of all of them. */
export function readRequest<Path = undefined, Query = undefined, Body = undefined>(
  request: Request,
  schemas: Schemas<Path, Query, Body>,
): { path: Path; query: Query; body: Body } {
  if (schemas.body) refuseOtherTypes(request);
  const problems: Problem[] = [];
  const check = <Output>(
    place: Problem['in'],
    schema: z.ZodType<Output> | undefined,
    value: unknown,
  ): Output => {
    const result = schema?.safeParse(value);
    if (result && !result.success) problems.push(...listProblems(place, result.error.issues));
    return result?.data as Output;
  };
  const values = {
    path: check('path', schemas.path, request.params),
    query: check('query', schemas.query, request.query),
    body: check('body', schemas.body, request.body),
  };
  refuseProblems(problems);
  return values;
}

/** Checks headers by a schema; unknown headers are no problem. */
export function readHeaders<Headers>(request: Request, schema: z.ZodType<Headers>): Headers {
  const result = schema.safeParse(request.headers);
  if (!result.success) refuseProblems(listProblems('headers', result.error.issues));
  return result.data as Headers;
}

/** Throws a 422 about a body that was not read by `readRequest`. */
export function refuseInvalid(error: z.ZodError): never {
  throw makeRefusal(listProblems('body', error.issues));
}

/** Throws a 422 when there are problems. */
function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw makeRefusal(problems);
}

function makeRefusal(problems: readonly Problem[]): ApiError {
  const fields = problems.map((problem) => problem.field || problem.in).join(', ');
  return new ApiError('invalid_request', `Expected valid fields, got problems with: ${fields}`, [
    ...problems,
  ]);
}

/** Throws a 422 about one field that a schema alone cannot judge. */
export function refuseField(field: string, message: string): never {
  throw new ApiError('invalid_request', message, [{ in: 'body', field, message }]);
}

function refuseOtherTypes(request: Request): void {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined ||
    Number(request.headers['content-length'] ?? 0) > 0;
  if (hasBody && !request.is('application/json')) {
    throw new ApiError('unsupported_media_type', 'Expected content-type application/json');
  }
}

/** What a schema had to say, one problem per field. */
export function listProblems(place: Problem['in'], issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        in: place,
        field: [...issue.path, key].join('.'),
        message: 'Unknown field',
      }));
    }
    return [{ in: place, field: issue.path.join('.'), message: issue.message }];
  });
}
