/** How times are written. */
export const time = {
  locale: 'en-GB',
  never: 'Never',
  yesterday: 'Yesterday',
  today: 'Today',
  tomorrow: 'Tomorrow',
  months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  timesOf: (zone: string) => `Times are those of ${zone}.`,
  zoneUnknown: 'Times are your own.',
  /** A zone with its distance from UTC, as `Europe/Berlin (GMT+1)`. */
  zone: (name: string, offset: string) => `${name} (${offset})`,
};
