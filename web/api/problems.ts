import { problems } from '@/strings/problems';

export interface Refusal {
  status: number;
  code: string;
  message: string;
  details?: unknown;
}

/** A refusal of the API, with its documented code. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly details: unknown;

  constructor({ status, code, message, details }: Refusal) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  /** For who is not signed in any more. */
  static signedOut(): ApiProblem {
    return new ApiProblem({ status: 401, code: 'unauthenticated', message: 'Signed out' });
  }
}

/** The API could not be reached at all. */
export class UnreachableProblem extends Error {
  override readonly name = 'UnreachableProblem';
}

export interface ProblemText {
  title: string;
  text: string;
}

/** What went wrong in words that say what to do. */
export function describeProblem(error: unknown): ProblemText {
  if (error instanceof UnreachableProblem) return problems.unreachable;
  if (!(error instanceof ApiProblem)) return problems.unknown;
  const known = problems.byCode[error.code];
  if (known) return known;
  if (error.status >= 500) return problems.server;
  return { title: problems.refused, text: error.message };
}

/** One line for a toast. */
export function summariseProblem(error: unknown): string {
  return describeProblem(error).text;
}

interface FieldProblem {
  field?: unknown;
  message?: unknown;
}

/** What the API says of each field of a body, by the field's name; nothing for other problems. */
export function readFieldProblems(error: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (!(error instanceof ApiProblem) || !Array.isArray(error.details)) return found;
  for (const { field, message } of error.details as FieldProblem[]) {
    if (typeof field !== 'string' || typeof message !== 'string' || found.has(field)) continue;
    found.set(field, message);
  }
  return found;
}
