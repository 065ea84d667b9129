import { randomUUID } from 'node:crypto';
import type { UserPrincipal } from '../auth/principals';
import { findUnwelcome } from '../auth/unwelcome';
import { DEFAULT_LIMITS, type ApiDeps, type ApiLimits } from '../deps';
import { ApiError } from '../errors';
import { McpSession } from './session';

/** The sessions this process knows. They hold subscriptions; all else is asked without one. */
export interface McpSessions {
  open(principal: UserPrincipal): McpSession;
  /** The session when it is this principal's; throws a 404, so that the client starts anew. */
  require(id: string, principal: UserPrincipal): McpSession;
  end(session: McpSession): void;
  /** Ends every stream and session and takes no new one. */
  close(): void;
}

export function createMcpSessions(deps: ApiDeps): McpSessions {
  const limits: ApiLimits = { ...DEFAULT_LIMITS, ...deps.limits };
  const byId = new Map<string, McpSession>();
  let isClosed = false;

  const end = (session: McpSession): void => {
    byId.delete(session.id);
    session.end();
  };
  const endUnwelcome = async (sessions: McpSession[]): Promise<void> => {
    try {
      for (const session of await findUnwelcome(deps.database, sessions)) end(session);
    } catch (err) {
      deps.logger.warn({ err }, 'holders of MCP sessions not looked at');
    }
  };
  const look = async (): Promise<void> => {
    for (const session of byId.values()) {
      if (session.idleMs > limits.mcpIdleMs) end(session);
    }
    await endUnwelcome([...byId.values()]);
  };
  const timer = setInterval(() => void look(), limits.lookIntervalMs);
  timer.unref();
  const stopListening = deps.doorbell.listen('callers', (userId) => {
    void endUnwelcome([...byId.values()].filter((session) => session.userId === userId));
  });

  return {
    open(principal) {
      if (isClosed) throw new ApiError('unavailable', 'The server is shutting down; try again');
      const own = [...byId.values()].filter(({ userId }) => userId === principal.userId);
      const longestUnused = own.sort((a, b) => b.idleMs - a.idleMs)[0];
      if (longestUnused && own.length >= limits.mcpSessionsPerUser) end(longestUnused);
      const session = new McpSession(randomUUID(), principal, limits);
      byId.set(session.id, session);
      return session;
    },
    require(id, principal) {
      const session = byId.get(id);
      if (!session?.isOf(principal)) {
        throw new ApiError('mcp_session_not_found', 'Expected a session that is open here');
      }
      session.touch();
      return session;
    },
    end,
    close() {
      isClosed = true;
      clearInterval(timer);
      stopListening();
      for (const session of [...byId.values()]) end(session);
    },
  };
}
