import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import { listAnalysisSections, type ReadableMeeting } from '../../domain/transcript';
import { insertAuditEntry, settleAuditEntry } from '../../infra/database/audit';
import { countView, findOpenShare, type OpenShare } from '../../infra/database/shares';
import { readableMeeting, readSegmentStarts } from '../../infra/database/transcript-reading';
import { readUser } from '../../infra/database/users';
import { writeText } from '../../infra/export/text';
import type { Principals } from '../auth/principals';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import { PAGE_HEADERS, renderMeeting, renderNotice } from './shared-page';
import { hashShareToken } from './share-token';

type Form = 'html' | 'txt';

/** What is said to who may not read; the same for every link that leads nowhere. */
const NOTICES = {
  401: ['Sign in to read this', 'This link is for particular people. Sign in, then open it again.'],
  403: ['Not for this account', 'This link is for particular people, and you are not among them.'],
  404: ['Nothing here', 'This link is wrong, or it has ended.'],
} as const;

type Refusal = keyof typeof NOTICES;

/** `/s/:token` and its text: a meeting for whoever has the link. */
export function createSharedRoutes(deps: ApiDeps, principals: Principals): Router {
  const router = Router();
  const answer = (form: Form) => async (request: Request, response: Response) => {
    response.set(PAGE_HEADERS);
    const share = await findShare(deps, request);
    const refuse = (status: Refusal) => sendNotice(deps, response, { form, status });
    if (!share) return refuse(404);
    const refusal = await judge(deps, principals, { request, response, share });
    if (refusal) return refuse(refusal);
    await noteView(deps, share, { request, response });
    const meeting = await readableMeeting(deps.database, share.meeting);
    response.type(form);
    if (request.method === 'HEAD') return void response.end();
    const pieces =
      form === 'html'
        ? renderMeeting(meeting, await readStarts(deps, share, meeting))
        : writeText(meeting, { times: true, speakers: true });
    await send(response, pieces);
  };
  router.get('/s/:token.txt', answer('txt'));
  router.get('/s/:token', answer('html'));
  return router;
}

async function findShare({ database }: ApiDeps, request: Request): Promise<OpenShare | null> {
  const hash = hashShareToken(String(request.params['token']));
  return hash === null ? null : findOpenShare(database, hash);
}

interface Visit {
  request: Request;
  response: Response;
  share: OpenShare;
}

/** With a list of addresses, only a person's own session counts, never a key. */
async function judge(
  { database }: ApiDeps,
  principals: Principals,
  { request, response, share }: Visit,
): Promise<401 | 403 | null> {
  if (share.emails.length === 0) return null;
  try {
    const principal = await principals.read(request, response, 'session');
    if (principal.kind !== 'user' || principal.via !== 'session') return 401;
    const { email } = await readUser(database, principal.userId);
    return email !== null && share.emails.includes(email.toLowerCase()) ? null : 403;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return 401;
    throw error;
  }
}

function sendNotice(
  { config }: ApiDeps,
  response: Response,
  { form, status }: { form: Form; status: Refusal },
): void {
  const [title, text] = NOTICES[status];
  const signInUrl = new URL('/sign-in', config.WEB_URL ?? config.API_URL).href;
  response.status(status).type(form);
  if (form === 'txt') response.send(`${title}\n${text}\n`);
  else response.send(renderNotice(title, text, status === 401 ? signInUrl : undefined));
}

/** Written before anything is shown, so that nothing is read unnoticed. */
async function noteView(
  { database, logger }: ApiDeps,
  share: OpenShare,
  { request, response }: { request: Request; response: Response },
): Promise<void> {
  const { id: meetingId, userId } = share.meeting;
  response.locals['meetingId'] = meetingId;
  const auditId = await insertAuditEntry(database, {
    action: 'share.viewed',
    actor: { kind: 'share', id: String(share.id) },
    userId,
    meetingId,
    address: request.ip ?? null,
    requestId: String(response.locals['requestId']),
  });
  await countView(database, share.id);
  response.once('finish', () => {
    const settled = { status: response.statusCode, meetingId, userId };
    settleAuditEntry(database, auditId, settled).catch((err: unknown) =>
      logger.warn({ err, auditId }, 'audit entry keeps no status'),
    );
  });
}

/** When the words were said that the analysis rests on. */
function readStarts(
  { database }: ApiDeps,
  share: OpenShare,
  { analysis }: ReadableMeeting,
): Promise<Map<number, number>> {
  const sections = analysis ? listAnalysisSections(analysis.content) : [];
  const ids = sections.flatMap(({ lines }) => lines.flatMap(({ segmentIds }) => segmentIds));
  return readSegmentStarts(database, share.meeting, ids);
}

async function send(response: Response, pieces: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), response);
  } catch (error) {
    // whoever closes the page in the middle has enough
    if (!response.destroyed || response.writableFinished) throw error;
  }
}
