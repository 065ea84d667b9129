/** The Redis that the tests’ global setup started. */
export function getRedisUrl(): string {
  const url = process.env.REDIS_URL;
  if (!url) throw new Error('Expected REDIS_URL from the tests’ global setup');
  return url;
}
