import { createServer as createHttpServer, type Server } from 'node:http';
import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import { BOT_API_PREFIX } from '../domain/bot-api';
import { MAX_STORAGE_STATE_BYTES } from '../domain/identity';
import { createApiKeys, type ApiKeys } from './auth/api-keys';
import { createOriginGuard, listAllowedOrigins, readSessionCookie } from './auth/origins';
import { createPrincipals } from './auth/principals';
import { createSessions, type Sessions } from './auth/sessions';
import { createAuditTrail } from './access/audit-trail';
import { createGate } from './access/gate';
import { mountDeclared } from './access/mount';
import { createRouteTable } from './access/route-table';
import { OPERATIONS } from './operations/all';
import { DEFAULT_LIMITS, type ApiDeps } from './deps';
import { createErrorHandler, refuseUnknownRoute } from './error-handler';
import { createLiveReaders, type LiveReaders } from './live/live-readers';
import { createMetrics, type ApiMetrics } from './metrics';
import { createDocumentRoutes } from './routes/documents';
import { createRequestLog } from './request-log';
import { createAnalysisRoutes } from './routes/analysis';
import { createApiKeyRoutes } from './routes/api-keys';
import { createBotCommandRoutes } from './routes/bot-commands';
import { createBotRoutes } from './routes/bot';
import { createEvidenceRoutes } from './routes/evidence';
import { createHealthRoutes } from './routes/health';
import { createIdentityRoutes } from './routes/identities';
import { createLocalSignInRoutes } from './routes/local-sign-in';
import { createMeRoutes } from './routes/me';
import { createMeetingRoutes } from './routes/meetings';
import { createRecordingRoutes } from './routes/recording';
import { createStreamRoutes } from './routes/streams';
import { createTalkingBackRoutes } from './routes/talking-back';
import { createSocketServer } from './ws/socket-server';

/** The API's HTTP server, with `/ws` on the same port. */
export interface ApiServer extends Server {
  metrics: ApiMetrics;
  /** Takes nothing new, closes sockets with a hint, answers waiting reads, ends what is left. */
  drain(timeoutMs: number): Promise<void>;
}

/** Room for every field and far from what hurts. */
const LONGEST_JSON_BYTES = 256 * 1024;
/** A browser state and what stands around it. */
const LONGEST_IDENTITY_BYTES = MAX_STORAGE_STATE_BYTES + 16 * 1024;
/**
 * Limits against clients that send slowly on purpose: headers within 10 s, a whole request within
 * 60 s, which a chunk needs at 140 kbit/s. Waiting for an answer is not limited by them.
 */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the minute that load balancers usually keep an idle connection. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Builds the server; the caller listens. */
export function createServer(deps: ApiDeps): ApiServer {
  const live = createLiveReaders(deps);
  const metrics = createMetrics(() => live.events.followerCount);
  const allowedOrigins = listAllowedOrigins(deps.config);
  const sessions = createSessions(deps.config, allowedOrigins);
  const apiKeys = createApiKeys(deps.database, deps.logger);
  const app = createApp(deps, { metrics, live, allowedOrigins, sessions, apiKeys });
  const server = createHttpServer({ connectionsCheckingInterval: 2_000 }, app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const { database, logger } = deps;
  const socketDeps = { database, logger, limits, sessions, apiKeys, metrics, events: live.events };
  const sockets = createSocketServer(server, { ...socketDeps, allowedOrigins });
  server.once('close', () => {
    sockets.close();
    live.stop();
  });
  return Object.assign(server, {
    metrics,
    async drain(timeoutMs: number) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      sockets.close();
      live.stop();
      const force = setTimeout(() => {
        server.closeAllConnections();
        sockets.terminate();
      }, timeoutMs);
      await closed;
      clearTimeout(force);
    },
  });
}

/** What people and their programs use, below `/api`. */
const USER_ROUTES: ((deps: ApiDeps, live: LiveReaders) => Router)[] = [
  createMeetingRoutes,
  createBotCommandRoutes,
  createRecordingRoutes,
  createEvidenceRoutes,
  createTalkingBackRoutes,
  createIdentityRoutes,
  createMeRoutes,
  createApiKeyRoutes,
  createStreamRoutes,
  createAnalysisRoutes,
];

interface AppParts {
  metrics: ApiMetrics;
  live: LiveReaders;
  allowedOrigins: string[];
  sessions: Sessions;
  apiKeys: ApiKeys;
}

function createApp(deps: ApiDeps, parts: AppParts): Express {
  const { metrics, live, allowedOrigins, sessions, apiKeys } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.use(createRequestLog(deps.logger, metrics));
  // Over http on one machine there is no https to upgrade to.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  const json = express.json({ limit: LONGEST_JSON_BYTES });
  const table = createRouteTable(OPERATIONS);
  const mount = (prefix: string, router: Router): void =>
    mountDeclared(app, table, { prefix, router });
  mount('', createHealthRoutes(deps, metrics));
  mount('', createDocumentRoutes(deps));
  mount(BOT_API_PREFIX, createBotRoutes(deps, { live, metrics, json }));
  app.use('/api', createOriginGuard(allowedOrigins), readSessionCookie);
  app.use(createGate(table, createPrincipals({ sessions, apiKeys, database: deps.database })));
  app.use('/api/identities', express.json({ limit: LONGEST_IDENTITY_BYTES }));
  app.use(json);
  app.use(createAuditTrail(deps.database, deps.logger));
  mount('', createLocalSignInRoutes(deps));
  for (const createRoutes of USER_ROUTES) mount('/api', createRoutes(deps, live));
  app.use(refuseUnknownRoute);
  app.use(createErrorHandler(deps.logger));
  return app;
}
