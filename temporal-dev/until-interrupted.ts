/**
 * Waits for Ctrl-C or SIGTERM. A second signal within the same stop is ignored: npm forwards Ctrl-C
 * to a program that the terminal has already told.
 */
export function untilInterrupted(): { signal: AbortSignal; interrupted: Promise<void> } {
  const controller = new AbortController();
  const interrupted = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        controller.abort();
        resolve();
      });
    }
  });
  return { signal: controller.signal, interrupted };
}
