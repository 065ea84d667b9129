/** Every zone that this browser knows. */
export function listZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

export function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** A moment as that zone's calendar and clock show it: `2026-03-29T03:00`. */
export function toWallTime(moment: Date, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does
  return moment.toLocaleString('sv-SE', { timeZone }).replace(' ', 'T').slice(0, 16);
}
