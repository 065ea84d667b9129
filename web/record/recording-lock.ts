const nameOf = (meetingId: number): string => `recording-${meetingId}`;

/** Makes a recording this tab's own, until it is released or the tab is gone; null where it is another's. */
export function takeRecording(meetingId: number): Promise<(() => void) | null> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(nameOf(meetingId), { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(null);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Resolves once the tab that has the recording let go of it. */
export async function waitForRecording(meetingId: number): Promise<void> {
  await navigator.locks.request(nameOf(meetingId), () => undefined);
}
