import type { Server } from 'node:http';
import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import { BOT_API_PREFIX } from '../domain/bot-api';
import { MAX_STORAGE_STATE_BYTES } from '../domain/identity';
import { createAdmins } from './auth/admin';
import { createApiKeys, type ApiKeys } from './auth/api-keys';
import {
  createOriginGuard,
  createStrictOriginGuard,
  listAllowedOrigins,
  listAuthorizedParties,
  readSessionCookie,
} from './auth/origins';
import { createOAuthTokens } from './auth/oauth-tokens';
import { createPrincipals, limitSignIns } from './auth/principals';
import { createSessions, type Sessions } from './auth/sessions';
import { createAuditTrail } from './access/audit-trail';
import { createAuditWriter, type AuditWriter } from './access/audit-writer';
import { createGate } from './access/gate';
import { mountDeclared } from './access/mount';
import { createRouteTable } from './access/route-table';
import { OPERATIONS } from './operations/all';
import { DEFAULT_LIMITS, type ApiDeps } from './deps';
import { createErrorHandler, refuseUnknownRoute } from './error-handler';
import { createLimitedServer, refuseOddHeaders } from './http-server';
import { createJsonParser } from './json-body';
import { createLiveReaders, type LiveReaders } from './live/live-readers';
import { createMcpRoutes } from './mcp/routes';
import { createMcpSessions, type McpSessions } from './mcp/sessions';
import { createMetrics, type ApiMetrics } from './metrics';
import { createRateLimits, type RateLimits } from './rate-limits/rate-limits';
import { CLERK_WEBHOOK_PATH, createClerkWebhookRoutes } from './routes/clerk-webhook';
import { createDocumentRoutes } from './routes/documents';
import { createRequestLog } from './request-log';
import { createAdminRecordRoutes } from './routes/admin-records';
import { createAdminUserRoutes } from './routes/admin-users';
import { createOwnRecordRoutes } from './routes/own-records';
import { createAllEventsRoutes } from './routes/all-events';
import { createAnalysisRoutes } from './routes/analysis';
import { createApiKeyRoutes } from './routes/api-keys';
import { createBotCommandRoutes } from './routes/bot-commands';
import { createBotRoutes } from './routes/bot';
import { createExportRoutes } from './routes/export';
import { createEvidenceRoutes } from './routes/evidence';
import { createHealthRoutes } from './routes/health';
import { createIdentityRoutes } from './routes/identities';
import { createLinkRoutes } from './routes/links';
import { createLocalSignInRoutes } from './routes/local-sign-in';
import { createMeRoutes } from './routes/me';
import { createMeetingRoutes } from './routes/meetings';
import { createNotesRoutes } from './routes/notes';
import { createParticipantRoutes } from './routes/participants';
import { createOAuthMetadataRoutes } from './routes/oauth-metadata';
import { createRecordingRoutes } from './routes/recording';
import { createRecorderRoutes } from './routes/recorders';
import { createRetryTranscriptionRoutes } from './routes/retry-transcription';
import { createScheduleRoutes } from './routes/schedules';
import { createSearchRoutes } from './routes/search';
import { createShareRoutes } from './routes/shares';
import { createStreamRoutes } from './routes/streams';
import { createTalkingBackRoutes } from './routes/talking-back';
import { createUploadRoutes } from './routes/uploads';
import { createWebhookDeliveryRoutes } from './routes/webhook-deliveries';
import { createWebhookEndpointRoutes } from './routes/webhook-endpoints';
import { createSharedRoutes } from './share/shared-routes';
import { createSocketServer } from './ws/socket-server';

/** The API's HTTP server, with `/ws` on the same port. */
export interface ApiServer extends Server {
  metrics: ApiMetrics;
  /** Takes nothing new, closes sockets with a hint, ends streams, answers waiting reads. */
  drain(timeoutMs: number): Promise<void>;
}

/** Room for every field and far from what hurts. */
const LONGEST_JSON_BYTES = 256 * 1024;
/** A browser state and what stands around it. */
const LONGEST_IDENTITY_BYTES = MAX_STORAGE_STATE_BYTES + 16 * 1024;
/** Between two looks for idle connections during shutdown. */
const IDLE_LOOK_MS = 50;

/** Builds the server; the caller listens. */
export function createServer(deps: ApiDeps): ApiServer {
  const live = createLiveReaders(deps);
  const metrics = createMetrics({
    followers: () => live.events.followerCount,
    waitingReads: () => live.waiting.count(),
  });
  const allowedOrigins = listAllowedOrigins(deps.config);
  const sessions = createSessions(deps.config, listAuthorizedParties(deps.config));
  const apiKeys = createApiKeys(deps.database, deps.logger);
  const rateLimits = createRateLimits(deps);
  const mcpSessions = createMcpSessions(deps);
  const audit = createAuditWriter(deps.database, deps.logger);
  const signing = { sessions, apiKeys, signIns: rateLimits.signIns };
  const people = { sessions, apiKeys, rateLimits, mcpSessions, audit };
  const parts = { metrics, live, allowedOrigins, ...people };
  const server = createLimitedServer(createApp(deps, parts), deps.config);
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const { config, database, doorbell, logger, rateCounters } = deps;
  const reading = { database, logger, limits, metrics, audit, rateLimits, events: live.events };
  const socketDeps = { ...signing, ...reading, config, doorbell, rateCounters };
  const sockets = createSocketServer(server, { ...socketDeps, allowedOrigins });
  const endLiveOnes = (): void => {
    sockets.close();
    mcpSessions.close();
    live.stop();
  };
  server.once('close', endLiveOnes);
  return Object.assign(server, {
    metrics,
    async drain(timeoutMs: number) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      endLiveOnes();
      // Connections that are kept alive have nothing to wait for once they were answered.
      const ending = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
      const force = setTimeout(() => {
        server.closeAllConnections();
        sockets.terminate();
      }, timeoutMs);
      await closed;
      clearInterval(ending);
      clearTimeout(force);
    },
  });
}

/** What people and their programs use, below `/api`. */
const USER_ROUTES: ((deps: ApiDeps, live: LiveReaders) => Router)[] = [
  createMeetingRoutes,
  createLinkRoutes,
  createParticipantRoutes,
  createNotesRoutes,
  createScheduleRoutes,
  createBotCommandRoutes,
  createRecordingRoutes,
  createUploadRoutes,
  createEvidenceRoutes,
  createTalkingBackRoutes,
  createIdentityRoutes,
  createMeRoutes,
  createOwnRecordRoutes,
  createAdminUserRoutes,
  createAdminRecordRoutes,
  createApiKeyRoutes,
  createRetryTranscriptionRoutes,
  createStreamRoutes,
  createAnalysisRoutes,
  createSearchRoutes,
  createExportRoutes,
  createAllEventsRoutes,
  createWebhookEndpointRoutes,
  createWebhookDeliveryRoutes,
  createShareRoutes,
];

/** A body of a request that only reads, or deletes, says nothing: nobody looks at it. */
function unlessReading(parse: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (['GET', 'HEAD', 'DELETE'].includes(request.method)) next();
    else parse(request, response, next);
  };
}

interface AppParts {
  metrics: ApiMetrics;
  live: LiveReaders;
  allowedOrigins: string[];
  sessions: Sessions;
  apiKeys: ApiKeys;
  rateLimits: RateLimits;
  mcpSessions: McpSessions;
  audit: AuditWriter;
}

function createApp(deps: ApiDeps, parts: AppParts): Express {
  const { metrics, live, allowedOrigins, sessions, apiKeys, rateLimits, audit } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.config.TRUST_PROXY);
  const table = createRouteTable(OPERATIONS);
  app.use(createRequestLog(deps.logger, metrics, table), refuseOddHeaders);
  // Over http on one machine there is no https to upgrade to.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  const json = createJsonParser(LONGEST_JSON_BYTES);
  const mount = (prefix: string, router: Router): void =>
    mountDeclared(app, table, { prefix, router });
  mount('', createHealthRoutes(deps, metrics));
  mount(BOT_API_PREFIX, createBotRoutes(deps, { live, metrics, json, byBot: rateLimits.byBot }));
  app.use(rateLimits.byAddress);
  mount('', createDocumentRoutes(deps));
  app.use('/api', createOriginGuard(allowedOrigins), readSessionCookie);
  app.use('/mcp', createStrictOriginGuard(allowedOrigins), createOriginGuard(allowedOrigins));
  app.use('/s', readSessionCookie);
  const { config, database } = deps;
  const admins = createAdmins(config, deps.logger);
  const oauthTokens = createOAuthTokens(config);
  mount('', createOAuthMetadataRoutes(oauthTokens));
  const principals = createPrincipals({ sessions, apiKeys, admins, oauthTokens, database });
  const limited = limitSignIns(principals, rateLimits.signIns);
  const trail = createAuditTrail(audit, deps.logger);
  app.use(createGate(table, limited), trail.refusedAdmins);
  app.use(trail.admins, rateLimits.byOperation, trail.others);
  app.use('/api/identities', createJsonParser(LONGEST_IDENTITY_BYTES));
  // Svix signs bytes, not what they parse to.
  const bytes = express.raw({ type: () => true, limit: LONGEST_JSON_BYTES, inflate: false });
  app.use(CLERK_WEBHOOK_PATH, bytes);
  app.use(unlessReading(json));
  mount('', createLocalSignInRoutes(deps));
  mount('', createClerkWebhookRoutes(deps));
  mount('', createSharedRoutes(deps, limited));
  for (const createRoutes of USER_ROUTES) mount('/api', createRoutes(deps, live));
  mount('/api', createRecorderRoutes(deps, metrics));
  mount('', createMcpRoutes(deps, { live, audit, sessions: parts.mcpSessions, rateLimits }));
  app.use(refuseUnknownRoute);
  app.use(createErrorHandler(deps.logger, oauthTokens?.challenge ?? null));
  return app;
}
