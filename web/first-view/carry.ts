import { dehydrate, QueryClient, type DehydratedState, type QueryKey } from '@tanstack/react-query';

/** Answers as the browser’s queries find them; those that are missing it asks for itself. */
export function carry(
  answers: readonly (readonly [key: QueryKey, data: unknown])[],
): DehydratedState {
  const queries = new QueryClient();
  for (const [key, data] of answers) {
    if (data !== null) queries.setQueryData(key, data);
  }
  return dehydrate(queries);
}
