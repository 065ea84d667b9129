/** The browser's messages hold links, which belong into no log and no report. */
export function describeBrowserError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return /net::\w+/.exec(error.message)?.[0] ?? error.name;
}
