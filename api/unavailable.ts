import { z } from 'zod';

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
  // invalid_password, as Prisma has it too: it is being changed, and this process is started again
  '28P01',
  'P1000',
  // deadlock_detected: one of the two goes first when it is tried again
  '40P01',
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
  // Read by shape: errors of Node's own modules are of another realm where tests run in one.
  const facts = errorShape.safeParse(error);
  if (!facts.success) return false;
  const { code, message, cause, errors } = facts.data;
  return (
    (code !== undefined && NOT_NOW.has(code)) ||
    NOT_NOW_MESSAGE.test(message ?? '') ||
    (errors ?? []).some(isUnavailable) ||
    (cause !== undefined && isUnavailable(cause))
  );
}

const errorShape = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
  errors: z.array(z.unknown()).optional().catch(undefined),
});
