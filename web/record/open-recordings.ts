const keyOf = (userId: number): string => `recording-of-${userId}`;

/** Whether a recording of a user lies in this browser: told without loading what records. */
export const openRecordings = {
  note(userId: number): void {
    attempt(() => localStorage.setItem(keyOf(userId), 'open'));
  },

  drop(userId: number): void {
    attempt(() => localStorage.removeItem(keyOf(userId)));
  },

  has(userId: number): boolean {
    return attempt(() => localStorage.getItem(keyOf(userId))) === 'open';
  },
};

/** A browser may forbid it: then only the recorder's own page finds the recording. */
function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
