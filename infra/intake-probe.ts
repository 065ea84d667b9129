/** Longest wait for an answer; a bot's own requests take longer before they give up. */
const TIMEOUT_MS = 2_000;

/** Asks the API that bots talk to whether it is there; false for every way of not answering. */
export function createIntakeProbe(apiUrl: string): () => Promise<boolean> {
  const url = new URL('/health', apiUrl);
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  };
}
