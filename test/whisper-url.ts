/** Address of the real local worker, as jest's global setup names it. */
export function getWhisperUrl(): string {
  const url = process.env.WHISPER_URL;
  if (!url) throw new Error('Expected WHISPER_URL to be set by the tests’ global setup');
  return url;
}
