import { z } from 'zod';
import type { ErrorCode } from '../errors';
import type { Operations } from './operation';

const sessionHeader = z.string().max(200).describe('As the answer to `initialize` gave it');
const protocolHeader = { 'mcp-protocol-version': z.string().max(40).optional() };
const sessionHeaders = z.object({ 'mcp-session-id': sessionHeader, ...protocolHeader });
const id = z.union([z.string(), z.int()]);

const message = z.object({
  jsonrpc: z.literal('2.0'),
  id: id.optional().describe('Absent for notifications'),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
});
const answer = z.object({
  jsonrpc: z.literal('2.0'),
  id: id.optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).optional(),
});

const MCP_ERRORS: ErrorCode[] = [
  'malformed_request',
  'mcp_session_not_found',
  'not_acceptable',
  'origin_not_allowed',
];

/** What tools need and what they write into the audit log stands with their REST twins. */
export const MCP: Operations = {
  'post /mcp': {
    id: 'sendMcpMessage',
    access: 'any_key',
    summary: 'Model Context Protocol over streamable HTTP: one JSON-RPC message',
    description:
      'Tools need the scopes of the routes they stand for, and are limited and written into the audit log as those are. 202: a notification was taken.',
    headers: z.object({ 'mcp-session-id': sessionHeader.optional(), ...protocolHeader }),
    body: message,
    bodyExamples: {
      tools: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      call: {
        jsonrpc: '2.0',
        id: 2,
        method: 'tools/call',
        params: { name: 'list_meetings', arguments: { limit: 5 } },
      },
    },
    answers: { 200: answer, 202: null },
    errors: MCP_ERRORS,
  },
  'get /mcp': {
    id: 'followMcpSession',
    access: 'any_key',
    summary: 'The stream on which an MCP session hears of what it subscribed to',
    headers: sessionHeaders,
    byteAnswer: 'text/event-stream',
    answers: { 200: null },
    errors: MCP_ERRORS,
  },
  'delete /mcp': {
    id: 'endMcpSession',
    access: 'any_key',
    summary: 'End an MCP session',
    headers: sessionHeaders,
    answers: { 204: null },
    errors: MCP_ERRORS,
  },
};
