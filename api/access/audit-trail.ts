import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { AuditActor } from '../../infra/database/audit';
import { currentPrincipal } from '../auth/current-user';
import type { Principal } from '../auth/principals';
import type { Operation } from '../operations/operation';
import type { AuditWriter } from './audit-writer';
import { currentOperation, findOperation } from './gate';

/** Where the log is written on a request's way; ids only, what was said or sent is not in it. */
export interface AuditTrail {
  /** Right behind the gate: what asked for an administrator's route and was let in by nobody. */
  refusedAdmins: ErrorRequestHandler;
  /** Before any limit: each request of an administrator. */
  admins: RequestHandler;
  /** Behind the limits, so that a flood of refused requests is none of entries. */
  others: RequestHandler;
}

/**
 * Writes down who asked for what, before it is done: an entry without a status is a request that
 * was never answered.
 */
export function createAuditTrail(audit: AuditWriter, logger: Logger): AuditTrail {
  const write = async (request: Request, response: Response, asked: Asked): Promise<void> => {
    const settle = await audit.begin(asked.operation, {
      actor: asked.actor,
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
      void settle({ status: response.statusCode, ...subject });
    });
  };
  const createStep =
    (kind: Principal['kind']): RequestHandler =>
    async (request, response, next) => {
      const principal = currentPrincipal(response);
      if (principal?.kind === kind) {
        const operation = currentOperation(response);
        await write(request, response, { operation, actor: readActor(principal) });
      }
      next();
    };
  const refusedAdmins = async (
    ...[error, request, response, next]: Parameters<ErrorRequestHandler>
  ): Promise<void> => {
    // none where something before the gate refused, as the limit by address
    const operation = findOperation(response);
    if (operation?.access === 'admin') {
      const asked = { operation, actor: readRefusedActor(response) };
      await write(request, response, asked).catch((err: unknown) =>
        logger.warn({ err }, 'refused request of an administrator not in the audit log'),
      );
    }
    next(error);
  };
  return {
    // Express tells error handlers from others by their four declared parameters.
    refusedAdmins: Object.defineProperty(refusedAdmins, 'length', { value: 4 }),
    admins: createStep('admin'),
    others: createStep('user'),
  };
}

interface Asked {
  operation: Operation;
  actor: AuditActor;
}

/** A person whose session is valid is named; of a wrong key, no part is kept. */
function readRefusedActor(response: Response): AuditActor {
  const clerkId: unknown = response.locals['clerkId'];
  return typeof clerkId === 'string'
    ? { kind: 'session', id: clerkId }
    : { kind: 'admin', id: 'unknown' };
}

/** How the log names whom a request speaks for. */
export function readActor(principal: Principal): AuditActor {
  const kind = principal.kind === 'admin' ? 'admin' : principal.via;
  return { kind, id: principal.actorId };
}

/** A meeting that is not one's own stands in the log as well: somebody asked for it. */
function readMeetingId(request: Request): number | null {
  const id = /^\/api\/(?:admin\/)?meetings\/([1-9]\d{0,9})(?:\/|$)/.exec(
    request.originalUrl.split('?')[0] ?? '',
  );
  const meetingId = Number(id?.[1]);
  return meetingId <= 2_147_483_647 ? meetingId : null;
}

function readNumber(response: Response, name: string): number | null {
  const value: unknown = response.locals[name];
  return typeof value === 'number' ? value : null;
}
