/** Whether the URL answers at all (`any`) or with success (`ok`). */
export async function answers(url: string, expected: 'any' | 'ok'): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return expected === 'any' || response.ok;
  } catch {
    return false;
  }
}
