/** The occurrences of a rule, in order. */
export interface Recurrence {
  /** The first one after that moment, or null. */
  next(after: Date): Date | null;
}

/** A rule that its library refuses. */
export class RuleError extends Error {
  override readonly name = 'RuleError';

  constructor(
    readonly field: 'rrule' | 'cron',
    message: string,
  ) {
    super(message);
  }
}
