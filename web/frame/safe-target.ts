/** Only ways within this page lead anywhere after the sign-in. */
export function safeTarget(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/meetings';
}
