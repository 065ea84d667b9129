import type { FieldValues, Path, UseFormSetError } from 'react-hook-form';
import { readFieldProblems, summariseProblem } from './problems';

interface FormProblems<Values extends FieldValues> {
  error: unknown;
  setError: UseFormSetError<Values>;
  /** The fields that the form shows, by the names that the API has for them. */
  fields: readonly Path<Values>[];
  /** What the API's names have before those of the form, as `botDefaults.`. */
  prefix?: string;
}

/** Shows at each field what the API says of it, and the rest for the form as a whole. */
export function showProblems<Values extends FieldValues>(problems: FormProblems<Values>): void {
  const { error, setError, fields, prefix = '' } = problems;
  const found = readFieldProblems(error);
  const known = [...found].flatMap(([name, message]) => {
    const field = fields.find((each) => `${prefix}${each}` === name);
    return field ? [{ field, message }] : [];
  });
  known.forEach(({ field, message }, index) =>
    setError(field, { message }, { shouldFocus: index === 0 }),
  );
  if (known.length < found.size || found.size === 0) {
    setError('root', { message: summariseProblem(error) });
  }
}
