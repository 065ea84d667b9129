/** Codes of Node's and PostgreSQL's errors that say: not now. Prisma wraps them as its own P1xxx. */
const NOT_NOW = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections, query_canceled
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '57014',
  // connection exceptions
  '08000',
  '08003',
  '08006',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
]);

/** `pg` has no codes for these two. */
const NOT_NOW_MESSAGE = /Connection terminated|timeout exceeded when trying to connect/;

/** Whether an error means that something we depend on is down, so that trying again can help. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  if (!(error instanceof Error)) return false;
  if ('code' in error && NOT_NOW.has(String(error.code))) return true;
  if (NOT_NOW_MESSAGE.test(error.message)) return true;
  return error.cause !== undefined && isUnavailable(error.cause);
}
