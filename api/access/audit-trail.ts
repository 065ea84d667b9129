import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { insertAuditEntry, settleAuditEntry, type AuditActor } from '../../infra/database/audit';
import type { Database } from '../../infra/database/client';
import { currentPrincipal } from '../auth/current-user';
import type { Principal } from '../auth/principals';
import { currentOperation } from './gate';

/**
 * Writes down who asked for what, before it is done: an entry without a status is a request that
 * was never answered. Ids only; what was said or sent is not in it.
 */
export function createAuditTrail(database: Database, logger: Logger): RequestHandler {
  return async (request, response, next) => {
    const { audit } = currentOperation(response);
    const principal = currentPrincipal(response);
    if (audit === undefined || principal === null) return next();
    const actor = readActor(principal);
    const id = await insertAuditEntry(database, {
      action: audit,
      actor,
      userId: readNumber(response, 'userId'),
      address: request.ip ?? null,
      requestId: String(response.locals['requestId']),
      meetingId: readMeetingId(request),
    });
    response.once('finish', () => {
      const subject = {
        meetingId: readNumber(response, 'meetingId'),
        userId: readNumber(response, 'userId'),
      };
      settleAuditEntry(database, id, { status: response.statusCode, ...subject }).catch(
        (err: unknown) => logger.warn({ err, auditId: id }, 'audit entry keeps no status'),
      );
    });
    next();
  };
}

/** How the log names whom a request speaks for. */
export function readActor(principal: Principal): AuditActor {
  const kind = principal.kind === 'admin' ? 'admin' : principal.via;
  return { kind, id: principal.actorId };
}

/** A meeting that is not one's own stands in the log as well: somebody asked for it. */
function readMeetingId(request: Request): number | null {
  const id = /^\/api\/meetings\/([1-9]\d{0,9})(?:\/|$)/.exec(
    request.originalUrl.split('?')[0] ?? '',
  );
  const meetingId = Number(id?.[1]);
  return meetingId <= 2_147_483_647 ? meetingId : null;
}

function readNumber(response: Response, name: string): number | null {
  const value: unknown = response.locals[name];
  return typeof value === 'number' ? value : null;
}
