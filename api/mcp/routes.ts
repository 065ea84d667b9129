import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  isInitializeRequest,
  JSONRPCMessageSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { Router, type Request, type Response } from 'express';
import type { AuditWriter } from '../access/audit-writer';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors';
import type { LiveReaders } from '../live/live-readers';
import type { RateLimits } from '../rate-limits/rate-limits';
import { readCaller } from './caller';
import { createMcpServer } from './mcp-server';
import type { McpSession, McpStream } from './session';
import type { McpSessions } from './sessions';

const SESSION_HEADER = 'mcp-session-id';

interface McpParts {
  live: LiveReaders;
  audit: AuditWriter;
  sessions: McpSessions;
  rateLimits: RateLimits;
}

/** `/mcp`: the Model Context Protocol over streamable HTTP. */
export function createMcpRoutes(deps: ApiDeps, parts: McpParts): Router {
  const { live, audit, sessions, rateLimits } = parts;
  const router = Router();

  router.post('/mcp', async (request, response) => {
    checkMessage(request);
    const caller = readCaller(rateLimits, request, response);
    const id = request.get(SESSION_HEADER);
    const isStart = isInitializeRequest(request.body);
    const known = isStart || id === undefined ? null : sessions.require(id, caller.principal);
    const session = isStart ? sessions.open(caller.principal) : known;
    if (isStart && session) response.set(SESSION_HEADER, session.id);
    const server = createMcpServer({ deps, live, audit, caller }, session);
    const transport = createTransport();
    await server.connect(transport);
    response.once('close', () => void server.close());
    await transport.handleRequest(request, response, request.body);
  });

  router.get('/mcp', async (request, response) => {
    checkHeaders(request, ['text/event-stream']);
    const session = requireSession(request, response);
    const server = createMcpServer(
      { deps, live, audit, caller: readCaller(rateLimits, request, response) },
      session,
    );
    const transport = createTransport();
    await server.connect(transport);
    const stream: McpStream = {
      notify(uri) {
        server.sendResourceUpdated({ uri }).catch((err: unknown) => {
          deps.logger.debug({ err }, 'notice not sent');
        });
      },
      end: () => void server.close(),
    };
    response.once('close', () => session.detach(stream));
    const served = transport.handleRequest(request, response);
    session.attach(stream);
    await served;
  });

  router.delete('/mcp', (request, response) => {
    sessions.end(requireSession(request, response));
    response.status(204).end();
  });

  function requireSession(request: Request, response: Response): McpSession {
    const id = request.get(SESSION_HEADER);
    if (id === undefined) {
      throw new ApiError('malformed_request', 'Expected the header Mcp-Session-Id');
    }
    return sessions.require(id, readCaller(rateLimits, request, response).principal);
  }

  return router;
}

/** One that knows no session: sessions are told apart before it is asked. */
function createTransport(): StreamableHTTPServerTransport {
  return new StreamableHTTPServerTransport({ enableJsonResponse: true });
}

/** Refuses here, in the API's own words, what the SDK's transport would refuse. */
function checkMessage(request: Request): void {
  if (!request.is('application/json')) {
    throw new ApiError('unsupported_media_type', 'Expected content-type application/json');
  }
  checkHeaders(request, ['application/json', 'text/event-stream']);
  if (Array.isArray(request.body)) {
    throw new ApiError('malformed_request', 'Expected one JSON-RPC message, got a batch');
  }
  if (!JSONRPCMessageSchema.safeParse(request.body).success) {
    throw new ApiError('malformed_request', 'Expected a JSON-RPC 2.0 message');
  }
}

function checkHeaders(request: Request, types: readonly string[]): void {
  const accept = request.get('accept') ?? '';
  if (!types.every((type) => accept.includes(type))) {
    throw new ApiError('not_acceptable', `Expected Accept to name ${types.join(' and ')}`);
  }
  const version = request.get('mcp-protocol-version');
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    const message = `Expected MCP-Protocol-Version to be one of ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}`;
    throw new ApiError('malformed_request', message);
  }
}
