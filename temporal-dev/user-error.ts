/** A failure whose message is one sentence that says what to do; shown without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
